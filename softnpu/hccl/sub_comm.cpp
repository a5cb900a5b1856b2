// Communicators made from another one. The first rank of the new one makes its area and writes where it is
// into the area of the old one; the others look for it when their first operation runs. So making one blocks
// nobody, whatever the order in which ranks make theirs.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "softnpu/hccl/operation.h"

namespace softnpu::hccl {
namespace {

enum : uint32_t { kFree, kWriting, kReady };

bool matches(const SubEntry& entry, const SubKey& key) {
  return entry.state.load(std::memory_order_acquire) == kReady && entry.id == key.id &&
         entry.size == key.ranks.size() && std::equal(key.ranks.begin(), key.ranks.end(), entry.ranks);
}

Area* open_area(const SubEntry& entry) {
  char path[64];
  std::snprintf(path, sizeof(path), "/proc/%d/fd/%d", entry.pid, entry.fd);
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return nullptr;
  Area* area = map_area(fd);
  close(fd);
  if (area == nullptr || area->nonce == entry.nonce) return area;
  unmap_area(area);
  return nullptr;
}

}  // namespace

HcclResult Comm::publish(Comm* parent, const SubKey& key) {
  Area& around = parent->area();
  SubEntry* entry = nullptr;
  for (SubEntry& one : around.subs) {
    uint32_t free = kFree;
    if (one.state.compare_exchange_strong(free, kWriting)) {
      entry = &one;
      break;
    }
  }
  if (entry == nullptr) {
    return HcclResult(softnpu_error(HCCL_E_MEMORY,
                                    "communicator '%s' has %d others made from it that not all their ranks "
                                    "use; more are not possible.",
                                    parent->name().c_str(), Area::kSubEntries));
  }
  Area* area = nullptr;
  const int fd = create_area(size_, &area);
  if (fd < 0) {
    entry->state.store(kFree);
    return HCCL_E_SYSCALL;
  }
  for (uint32_t rank = 0; rank < size_; ++rank) area->members[rank] = around.members[key.ranks[rank]];
  entry->joined.store(1);
  entry->id = key.id;
  entry->size = size_;
  std::copy(key.ranks.begin(), key.ranks.end(), entry->ranks);
  entry->pid = getpid();
  entry->fd = fd;
  entry->nonce = area->nonce;
  if (!attach(area)) {
    ::close(fd);
    entry->state.store(kFree);
    return HCCL_E_REMOTE;
  }
  parent->share();
  parent_ = parent;
  published_fd_ = fd;
  if (size_ == 1) {
    entry->state.store(kFree);
    return HCCL_SUCCESS;
  }
  published_ = entry;
  entry->state.store(kReady, std::memory_order_release);
  for (uint32_t rank : key.ranks) parent->ring(rank);
  return HCCL_SUCCESS;
}

void Comm::take_back() {
  if (published_ == nullptr || published_->nonce != area().nonce) return;  // the entry has gone round
  uint32_t ready = kReady;
  published_->state.compare_exchange_strong(ready, kFree);
}

void Comm::attach_later(Comm* parent, SubKey key) {
  parent->share();
  parent_ = parent;
  key_ = std::move(key);
}

Area* Comm::find_sub() {
  for (SubEntry& entry : parent_->area().subs) {
    if (!matches(entry, key_)) continue;
    Area* area = open_area(entry);
    if (area == nullptr) continue;
    // The last one to join gives the entry back.
    if (entry.joined.fetch_add(1) + 1 == entry.size) entry.state.store(kFree, std::memory_order_release);
    return area;
  }
  return nullptr;
}

aclError Comm::link(const Operation& operation) {
  if (area_.load(std::memory_order_acquire) != nullptr) return ACL_SUCCESS;
  const uint32_t first = key_.ranks[0];
  Area& around = parent_->area();
  const Deadline deadline(timeout_ms_);
  Area* found = nullptr;
  auto give_up = [&](const std::string& why, aclError code) {
    softnpu_task_message("%s: %s.", operation.title().c_str(), why.c_str());
    return code;
  };
  while ((found = find_sub()) == nullptr) {
    if (closed_.load() || softnpu_interrupted()) {
      return give_up("it was given up on this rank", ACL_ERROR_RT_DEVICE_TASK_ABORT);
    }
    if (parent_->async_error() != HCCL_SUCCESS) return give_up(around.text, around.stream_code);
    const bool left = around.ranks[first].left.load(std::memory_order_acquire) != 0;
    if (left || parent_->has_ended(first)) {
      return give_up(parent_->describe(first) + " of communicator '" + parent_->name() +
                         (left ? "' has left" : "' has ended") + " before it made this one",
                     ACL_ERROR_RT_SUSPECT_REMOTE_ERROR);
    }
    if (deadline.passed()) {
      return give_up("EI0002: " + parent_->describe(first) + " of communicator '" + parent_->name() +
                         "' has not made this one in time",
                     ACL_ERROR_RT_FFTS_PLUS_TIMEOUT);
    }
    std::atomic<uint32_t>& bell = around.ranks[parent_->rank()].bell;
    const uint32_t seen = bell.load();
    around.ranks[parent_->rank()].bell_waiters.fetch_add(1);
    futex_wait(bell, seen, 5000000, true);
    around.ranks[parent_->rank()].bell_waiters.fetch_sub(1);
  }
  return attach(found) ? ACL_SUCCESS : give_up("a rank of it has ended", ACL_ERROR_RT_SUSPECT_REMOTE_ERROR);
}

}  // namespace softnpu::hccl
