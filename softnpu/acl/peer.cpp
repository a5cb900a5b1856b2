// Device memory of other processes, for collectives: their page table says where in the memory file of their
// device an address lies, and that file is mapped here once, as far as it is needed.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <vector>

#include "softnpu/acl/env.h"
#include "softnpu/acl/error.h"
#include "softnpu/acl/pages.h"
#include "softnpu/acl/store.h"

using softnpu::kUnit;

struct softnpu_peer {
  struct Mapping {
    char* bytes;  // of offset 0 of the file; aligned to 2 MiB, so that huge pages stay huge here
    void* place;
    uint64_t reserved, size;
  };

  int pid = 0, logical = 0;
  int users = 0;
  bool self = false;
  int fd = -1;
  const std::atomic<uint64_t>* table = nullptr;
  std::mutex mutex;               // of what follows
  std::vector<Mapping> mappings;  // each larger than the one before; earlier ones are still in use
  std::atomic<char*> bytes{nullptr};
  std::atomic<uint64_t> size{0};

  ~softnpu_peer() {
    for (const Mapping& one : mappings) munmap(one.place, one.reserved);
    if (table != nullptr) munmap(const_cast<std::atomic<uint64_t>*>(table), softnpu::kTableBytes);
    if (fd >= 0) close(fd);
  }

  bool open();
  // Makes the file visible up to `end`.
  char* reach(uint64_t end);
};

namespace softnpu {
namespace {

struct Peers {
  std::mutex mutex;
  std::map<std::pair<int, int>, softnpu_peer*> open;
};
Peers& peers() {
  static Peers* const instance = new Peers;  // never destroyed: workers outlive main
  return *instance;
}

}  // namespace
}  // namespace softnpu

bool softnpu_peer::open() {
  self = pid == getpid();
  if (self) return true;
  const int table_fd = softnpu::open_memfd(pid, softnpu::table_name(pid), [](int) { return true; });
  if (table_fd >= 0) {
    void* memory = mmap(nullptr, softnpu::kTableBytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, table_fd, 0);
    close(table_fd);
    if (memory != MAP_FAILED) table = static_cast<const std::atomic<uint64_t>*>(memory);
  }
  fd = softnpu::Store::open_of(pid, logical);
  if (table != nullptr && fd >= 0) return true;
  softnpu_error(ACL_ERROR_RT_IPC_ERROR,
                "the memory of process %d on device %d cannot be opened: the process has ended, has not used "
                "that device, or belongs to another user.",
                pid, logical);
  return false;
}

char* softnpu_peer::reach(uint64_t end) {
  if (end <= size.load(std::memory_order_acquire)) return bytes.load(std::memory_order_relaxed);
  std::lock_guard<std::mutex> guard(mutex);
  if (end <= size.load()) return bytes.load();
  constexpr uint64_t kStep = uint64_t{1} << 30;
  const uint64_t length = softnpu::round_up(std::max(end, 2 * softnpu::settings().memory), kStep);
  const uint64_t reserved = length + kUnit;
  void* place = mmap(nullptr, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) return nullptr;
  auto aligned = softnpu::round_up(softnpu::address_of(place), kUnit);
  void* got = mmap(reinterpret_cast<void*>(aligned), length, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, 0);
  if (got == MAP_FAILED) {
    munmap(place, reserved);
    return nullptr;
  }
  madvise(got, length, MADV_DONTFORK);
  madvise(got, length, MADV_DONTDUMP);
  mappings.push_back({static_cast<char*>(got), place, reserved, length});
  bytes.store(static_cast<char*>(got), std::memory_order_relaxed);
  size.store(length, std::memory_order_release);
  return static_cast<char*>(got);
}

extern "C" {

softnpu_peer* softnpu_peer_open(int32_t pid, int32_t logical) {
  softnpu::Peers& all = softnpu::peers();
  std::lock_guard<std::mutex> guard(all.mutex);
  softnpu_peer*& known = all.open[{pid, logical}];
  if (known == nullptr) {
    auto* peer = new softnpu_peer;
    peer->pid = pid;
    peer->logical = logical;
    if (!peer->open()) {
      delete peer;
      all.open.erase({pid, logical});
      return nullptr;
    }
    known = peer;
  }
  ++known->users;
  return known;
}

void softnpu_peer_close(softnpu_peer* peer) {
  softnpu::Peers& all = softnpu::peers();
  std::lock_guard<std::mutex> guard(all.mutex);
  if (--peer->users > 0) return;
  all.open.erase({peer->pid, peer->logical});
  delete peer;
}

void* softnpu_peer_bytes(softnpu_peer* peer, uint64_t address, uint64_t size, uint64_t* contiguous) {
  using namespace softnpu;
  if (peer->self) {
    *contiguous = size;
    return host_address(reinterpret_cast<const void*>(address));
  }
  if (!in_window(address)) return nullptr;
  const std::atomic<uint64_t>* words = peer->table + (address - kWindow) / kUnit;
  const Page first = decode_page(words->load(std::memory_order_acquire));
  const uint64_t inside = address % kUnit;
  if (first.live <= inside || first.imported) return nullptr;
  uint64_t length = first.live - inside;
  for (uint64_t next = 1; length < size && length == next * kUnit - inside; ++next) {
    const Page page = decode_page(words[next].load(std::memory_order_acquire));
    if (page.live == 0 || page.imported || page.unit != first.unit + next) break;
    length += page.live;
  }
  *contiguous = std::min(length, size);
  const uint64_t offset = first.unit * kUnit + inside;
  char* begin = peer->reach(offset + *contiguous);
  return begin == nullptr ? nullptr : begin + offset;
}

}  // extern "C"
