// The memory of one device that this process holds: a memfd named softnpu-<device>, and the accounts of it.
//
// SOFTNPU_MEMORY is a budget of the device, so a process must know what the others hold. The first page of
// each memfd is a header with the owner's use; the others are found by looking for memfds of that name in
// /proc. A newcomer tells every process it finds that the set of peers has changed, so nobody else needs to
// look again, and a process that ends takes its header along. A file lock on the pid namespace makes "look,
// decide, book" one step for all processes; it is an inode of the kernel, so nothing is left behind.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "acl/acl_types.h"
#include "softnpu/acl/extents.h"

namespace softnpu {

// A range of the memfd that other processes may open; found by its index, which their handle carries.
struct Export {
  static constexpr int kPids = 32;
  std::atomic<uint32_t> serial;  // odd: in use. A handle of an earlier use does not fit.
  std::atomic<uint32_t> check_pid;
  std::atomic<uint64_t> offset;
  std::atomic<uint64_t> size;
  std::atomic<int32_t> allowed[kPids];
  std::atomic<int32_t> importers[kPids];
};

// A shared counter pair: records that were issued and that have completed, for events between processes.
struct SharedEvent {
  std::atomic<uint32_t> serial;
  std::atomic<uint32_t> issued;
  std::atomic<uint32_t> completed;  // futex
  std::atomic<int32_t> error;
  std::atomic<int64_t> time_ns;
};

struct StoreHeader {
  static constexpr uint64_t kMagic = 0x31757074666f73;  // "softnpu1"
  static constexpr int kExports = 1024, kEvents = 1024;
  uint64_t magic;
  int32_t pid;
  int32_t device;
  std::atomic<uint64_t> used;
  std::atomic<uint64_t> peak;
  std::atomic<uint32_t> newcomers;  // incremented by a process that joins
  Export exports[kExports];
  SharedEvent events[kEvents];
};
static_assert(sizeof(StoreHeader) < (2 << 20));

class Store {
 public:
  struct Peer {
    int pid;
    ino_t inode;
    StoreHeader* header;
  };
  struct Use {
    uint64_t total, own, others;
    std::vector<std::pair<int, uint64_t>> peers;
  };

  // `logical` names the memfd, so that processes with different visible devices share a budget; `user` is
  // what this process calls the device.
  Store(int logical, int user) : logical_(logical), user_(user) {}

  aclError open();  // makes the memfd on first use
  int fd() const { return fd_; }
  StoreHeader* header() const { return header_; }

  // Books bytes of the budget; a refusal names the figures.
  aclError book(uint64_t bytes);
  void unbook(uint64_t bytes);
  Use use();
  uint64_t peak() const { return header_ == nullptr ? 0 : header_->peak.load(); }

  // Offsets in the memfd; give_back returns the memory to the system.
  uint64_t take_offset(uint64_t size);
  void give_back(uint64_t offset, uint64_t size);
  void punch(uint64_t offset, uint64_t size);

  // Opens the memfd of another process; -1 where there is none. The caller closes it.
  static int open_of(int pid, int logical);
  // Maps the header of an opened memfd, or returns null where it is not one of ours.
  static StoreHeader* map_header(int fd);
  static void unmap_header(StoreHeader* header);

 private:
  void look_for_peers();
  aclError refuse(uint64_t bytes, const Use& use);
  uint64_t others() const;

  const int logical_;
  const int user_;
  std::mutex mutex_;
  int fd_ = -1;
  StoreHeader* header_ = nullptr;
  ino_t inode_ = 0;
  Extents offsets_;
  std::vector<Peer> peers_;
  uint32_t seen_newcomers_ = 0;
};

bool process_alive(int pid);

// Opens a memfd that a process of this user holds, by its name; the first for which `accept(fd)` is true, -1
// where there is none. The caller closes it.
int open_memfd(int pid, const std::string& name, const std::function<bool(int)>& accept);

}  // namespace softnpu
