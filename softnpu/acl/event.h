// Events. Each aclrtRecordEvent makes a Record, the state of that one recording, and the event points to the
// latest: a stream that waits keeps the record it saw, so a later recording neither satisfies nor delays it.
#pragma once

#include <atomic>
#include <cstdint>

#include "futex.h"
#include "softnpu/acl/failure.h"
#include "softnpu/acl/store.h"
#include "softnpu/acl/stream.h"

namespace softnpu {

class Record {
 public:
  Record* share() {
    references_.fetch_add(1, std::memory_order_relaxed);
    return this;
  }
  void drop() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  bool complete() const { return state_.load(std::memory_order_acquire) != 0; }
  // Once: takes over the reference to the failure that the record carries, or null.
  void finish(Failure* failure);
  // False when the time is over, or `worker` (the stream that waits, or null for the host) was interrupted.
  bool wait(const Deadline& deadline, Stream* worker);

  // After complete().
  int64_t time_ns() const { return time_ns_; }
  Failure* failure() const { return failure_; }

 private:
  ~Record() {
    if (failure_ != nullptr) failure_->drop();
  }
  std::atomic<int> references_{1};
  std::atomic<uint32_t> state_{0};  // futex
  std::atomic<uint32_t> waiters_{0};
  int64_t time_ns_ = 0;
  Failure* failure_ = nullptr;
};

// Waits of streams for an event that have not ended yet; outlives the event.
class PendingWaits {
 public:
  PendingWaits* share() {
    references_.fetch_add(1, std::memory_order_relaxed);
    return this;
  }
  void drop() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  std::atomic<int> count{0};

 private:
  ~PendingWaits() = default;
  std::atomic<int> references_{1};
};

class SharedCounter;

struct Event {
  // kExtended (aclrtCreateEventExWithFlag): waiting for it before the first record is no wait. kSync
  // (aclrtCreateEventWithFlag with ACL_EVENT_SYNC): waits for the next record. kPlain: an error.
  enum Kind { kPlain, kSync, kExtended };

  Event(Kind kind, uint32_t flags, int device);
  ~Event();
  bool timed() const { return kind == kPlain || (flags & ACL_EVENT_TIME_LINE) != 0; }
  // The latest record with a reference, or null before the first.
  Record* latest();

  const Kind kind;
  const uint32_t flags;
  const uint32_t id;
  const int device;
  SpinLock lock;
  Record* record = nullptr;  // under lock
  bool recorded = false;     // false: `record` is made for those who wait for the first recording
  PendingWaits* waits;
  SharedCounter* shared = nullptr;  // of an event between processes
};

Event* find_event(aclrtEvent handle, aclError* result);
Event* create_event(Event::Kind kind, uint32_t flags, int device);

// An event between processes (ipc_event.cpp): its recordings are numbers in a page that both processes map.
aclError record_shared(SharedCounter& counter, Stream& stream);
aclError wait_shared(SharedCounter& counter, Stream& stream, int64_t timeout_ms);
aclError synchronize_shared(SharedCounter& counter, int64_t timeout_ms);
aclError query_shared(SharedCounter& counter, bool* complete);
void drop_shared(SharedCounter* counter);

int64_t wait_timeout_ms();  // of aclrtSetOpWaitTimeout; -1 is for ever

}  // namespace softnpu
