#include "softnpu/acl/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "softnpu/acl/env.h"
#include "softnpu/acl/error.h"
#include "softnpu/acl/pages.h"

namespace softnpu {
namespace {

constexpr uint64_t kFileSize = uint64_t{1} << 43;  // sparse: only what is used exists

// Between processes; threads of one process are kept apart by Store::mutex_.
class NamespaceLock {
 public:
  NamespaceLock() {
    for (const char* path : {"/proc/self/ns/pid", "/proc/self/ns/mnt"}) {
      fd_ = ::open(path, O_RDONLY | O_CLOEXEC);
      if (fd_ >= 0) break;
    }
    while (fd_ >= 0 && flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~NamespaceLock() {
    if (fd_ >= 0) close(fd_);
  }
  NamespaceLock(const NamespaceLock&) = delete;
  NamespaceLock& operator=(const NamespaceLock&) = delete;

 private:
  int fd_ = -1;
};

// Calls `visit(path)` for each memfd of that name that a process holds.
void for_each_memfd(const char* pid, const std::string& name, const std::function<void(const char*)>& visit) {
  char directory[64], expected[64];
  std::snprintf(directory, sizeof(directory), "/proc/%s/fd", pid);
  std::snprintf(expected, sizeof(expected), "/memfd:%s (deleted)", name.c_str());
  DIR* fds = opendir(directory);
  if (fds == nullptr) return;
  while (dirent* entry = readdir(fds)) {
    if (entry->d_name[0] == '.') continue;
    char path[128], target[64];
    std::snprintf(path, sizeof(path), "%s/%.32s", directory, entry->d_name);
    ssize_t length = readlink(path, target, sizeof(target) - 1);
    if (length <= 0) continue;
    target[length] = '\0';
    if (std::strcmp(target, expected) == 0) visit(path);
  }
  closedir(fds);
}

std::string memfd_name(int logical) {
  return "softnpu-" + std::to_string(logical);
}

ino_t inode_of(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

bool process_alive(int pid) {
  return kill(pid, 0) == 0 || errno == EPERM;
}

StoreHeader* Store::map_header(int fd) {
  void* memory = mmap(nullptr, sizeof(StoreHeader), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return nullptr;
  auto* header = static_cast<StoreHeader*>(memory);
  if (header->magic == StoreHeader::kMagic) return header;
  munmap(memory, sizeof(StoreHeader));
  return nullptr;
}

void Store::unmap_header(StoreHeader* header) {
  munmap(header, sizeof(StoreHeader));
}

int open_memfd(int pid, const std::string& name, const std::function<bool(int)>& accept) {
  int found = -1;
  for_each_memfd(std::to_string(pid).c_str(), name, [&](const char* path) {
    if (found >= 0) return;
    int fd = ::open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    if (accept(fd)) {
      found = fd;
    } else {
      close(fd);
    }
  });
  return found;
}

int Store::open_of(int pid, int logical) {
  return open_memfd(pid, memfd_name(logical), [pid](int fd) {
    StoreHeader* header = map_header(fd);
    const bool fits = header != nullptr && header->pid == pid;
    if (header != nullptr) unmap_header(header);
    return fits;
  });
}

aclError Store::open() {
  std::lock_guard<std::mutex> guard(mutex_);
  if (fd_ >= 0) return ACL_SUCCESS;
  int fd = memfd_create(memfd_name(logical_).c_str(), MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, kFileSize) != 0) {
    int error = errno;
    if (fd >= 0) close(fd);
    return fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the system refused the memory file of device %d (%s).",
                user_, std::strerror(error));
  }
  void* memory = mmap(nullptr, sizeof(StoreHeader), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) {
    close(fd);
    return fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the system refused to map the memory file of device %d.",
                user_);
  }
  madvise(memory, sizeof(StoreHeader), MADV_DONTFORK);
  auto* header = static_cast<StoreHeader*>(memory);
  header->pid = getpid();
  header->device = logical_;
  NamespaceLock lock;
  header->magic = StoreHeader::kMagic;  // from here on others find it
  offsets_.give(kUnit, kFileSize - kUnit);
  header_ = header;
  inode_ = inode_of(fd);
  fd_ = fd;
  look_for_peers();
  for (Peer& peer : peers_) peer.header->newcomers.fetch_add(1);
  seen_newcomers_ = header_->newcomers.load();
  return ACL_SUCCESS;
}

// Replaces peers_ by the processes of this user that hold memory of this device now. A forked child holds its
// parent's file, so files are told apart by inode and not by process.
void Store::look_for_peers() {
  seen_newcomers_ = header_->newcomers.load();
  std::vector<Peer> old;
  old.swap(peers_);
  DIR* processes = opendir("/proc");
  while (dirent* entry = processes == nullptr ? nullptr : readdir(processes)) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    struct stat status {};
    if (fstatat(dirfd(processes), entry->d_name, &status, 0) != 0 || status.st_uid != geteuid()) continue;
    int pid = std::atoi(entry->d_name);
    for_each_memfd(entry->d_name, memfd_name(logical_), [&](const char* path) {
      struct stat file {};
      if (stat(path, &file) != 0 || file.st_ino == inode_) return;
      auto same = [&](const Peer& peer) { return peer.inode == file.st_ino; };
      if (std::any_of(peers_.begin(), peers_.end(), same)) return;
      auto known = std::find_if(old.begin(), old.end(), same);
      if (known != old.end()) {
        peers_.push_back(*known);
        old.erase(known);
        return;
      }
      int fd = ::open(path, O_RDWR | O_CLOEXEC);
      if (fd < 0) return;
      if (StoreHeader* header = map_header(fd)) {
        madvise(header, sizeof(StoreHeader), MADV_DONTFORK);
        peers_.push_back({pid, inode_of(fd), header});
      }
      close(fd);
    });
  }
  if (processes != nullptr) closedir(processes);
  for (Peer& gone : old) unmap_header(gone.header);
}

uint64_t Store::others() const {
  uint64_t sum = 0;
  for (const Peer& peer : peers_) sum += peer.header->used.load();
  return sum;
}

aclError Store::book(uint64_t bytes) {
  std::lock_guard<std::mutex> guard(mutex_);
  NamespaceLock lock;
  if (header_->newcomers.load() != seen_newcomers_) look_for_peers();
  uint64_t total = settings().memory, own = header_->used.load();
  auto fits = [&] { return bytes <= total && own + others() <= total - bytes; };
  if (!fits()) {
    look_for_peers();  // some may have ended
    if (!fits()) {
      Use use{total, own, others(), {}};
      for (const Peer& peer : peers_) use.peers.emplace_back(peer.pid, peer.header->used.load());
      return refuse(bytes, use);
    }
  }
  header_->used.store(own + bytes);
  if (own + bytes > header_->peak.load()) header_->peak.store(own + bytes);
  return ACL_SUCCESS;
}

aclError Store::refuse(uint64_t bytes, const Use& use) {
  uint64_t taken = std::min(use.own + use.others, use.total);
  std::string text = "device " + std::to_string(user_) + " is out of memory: " + size_text(bytes) +
                     " were asked for, " + size_text(use.total - taken) + " of " + size_text(use.total) +
                     " are free; this process holds " + size_text(use.own);
  for (auto [pid, held] : use.peers) {
    if (held != 0) text += ", process " + std::to_string(pid) + " holds " + size_text(held);
  }
  return fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "%s; free memory or raise SOFTNPU_MEMORY.", text.c_str());
}

void Store::unbook(uint64_t bytes) {
  std::lock_guard<std::mutex> guard(mutex_);
  header_->used.fetch_sub(bytes);
}

Store::Use Store::use() {
  std::lock_guard<std::mutex> guard(mutex_);
  NamespaceLock lock;
  // Peers that are known may have ended; where there was none, one that came has said so.
  if (!peers_.empty() || header_->newcomers.load() != seen_newcomers_) look_for_peers();
  Use use{settings().memory, header_->used.load(), others(), {}};
  for (const Peer& peer : peers_) use.peers.emplace_back(peer.pid, peer.header->used.load());
  return use;
}

uint64_t Store::take_offset(uint64_t size) {
  std::lock_guard<std::mutex> guard(mutex_);
  return offsets_.take(size);
}

void Store::punch(uint64_t offset, uint64_t size) {
  fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
            static_cast<off_t>(size));
}

void Store::give_back(uint64_t offset, uint64_t size) {
  punch(offset, size);
  std::lock_guard<std::mutex> guard(mutex_);
  offsets_.give(offset, size);
}

}  // namespace softnpu
