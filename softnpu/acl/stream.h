// A stream: an in-order queue, and a worker thread while there is work.
//
// Life of a stream. create() makes the handle; no thread exists yet. The first task starts the worker. A
// worker without work spins a few microseconds, then parks on a futex, and ends after SOFTNPU_IDLE_SECONDS;
// the next task starts another. destroy() takes the handle away: its owner's reference goes at once, the
// worker's when it has run or discarded what was left.
//
// A stream is idle when `finished` has reached `added`: a task that was taken from the queue but still runs
// counts.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "acl/acl_rt_stream.h"
#include "futex.h"
#include "softnpu/acl/error.h"
#include "softnpu/acl/failure.h"
#include "softnpu/acl/queue.h"

namespace softnpu {

struct Context;
struct Device;

class Stream {
 public:
  Stream(Context* context, uint32_t priority, uint32_t flags);
  ~Stream();

  // Adds a task; `work` tasks are those that faults can be injected into. Returns the number of tasks added
  // so far in *ticket, which wait_for() takes.
  template <class Payload>
  aclError add(aclError (*run)(void*), void (*discard)(void*), const Payload& payload,
               uint64_t* ticket = nullptr) {
    producer_.lock();
    if (worker_.load(std::memory_order_relaxed) == kNone && !start_worker()) {
      producer_.unlock();
      return fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "the system refused a thread for stream %d.", id_);
    }
    queue_.add(run, discard, payload);
    uint64_t count = queue_.publish();
    if (ticket != nullptr) *ticket = count;
    wake_worker();
    producer_.unlock();
    return ACL_SUCCESS;
  }

  uint64_t added() const { return queue_.added(); }
  uint64_t finished() const { return finished_.load(std::memory_order_acquire); }
  bool idle() const { return finished() >= added(); }

  // Waits until the first `ticket` tasks have finished. ACL_SUCCESS also where they failed: see failure().
  // `timeout_code` when the time is over, ACL_ERROR_RT_STREAM_ABORT when they were dropped by abort().
  aclError wait_for(uint64_t ticket, const Deadline& deadline, aclError timeout_code);
  // The stream's sticky error, reported on this thread, or ACL_SUCCESS.
  aclError report_failure();
  // Waits for all tasks that were added so far, then reports.
  aclError synchronize(int64_t timeout_ms);

  // Drops tasks that have not run, waits for the running one, forgets the error.
  void abort();
  // The owner gives up the handle; with `force` tasks that have not run are dropped, otherwise they are
  // waited for and an error that nobody has been told of is returned.
  aclError close(bool force);

  // On the worker: the sticky error, to be carried elsewhere; the caller drops it. Null where there is none.
  Failure* share_failure();
  // On the worker: fails the stream unless it has failed already.
  void poison(Failure* failure);
  // On the worker: true when the running task should give up waiting.
  bool interrupted() const { return running_ < drop_before_.load(std::memory_order_acquire) || stopping(); }
  // The futex that the worker sleeps on inside a task, so that abort() can wake it. Null when it does not.
  void sleeping_on(std::atomic<uint32_t>* word) { sleeps_on_.store(word, std::memory_order_seq_cst); }
  void interrupt();

  static Stream* current();  // of the worker that calls, or null
  static bool stopping();    // the process is ending

  void share() { references_.fetch_add(1, std::memory_order_relaxed); }
  void drop();

  int id() const { return id_; }
  Context* context() const { return context_; }
  Device& device() const { return device_; }
  uint32_t priority() const { return priority_; }
  uint32_t flags() const { return flags_; }

  // Attributes that are kept for the caller.
  std::atomic<uint64_t> failure_mode{0};
  std::atomic<uint32_t> overflow_switch{0};
  std::atomic<uint32_t> custom_tag{0};
  std::atomic<uint32_t> cache_op_info{0};
  std::atomic<uint32_t> resource_limit[2] = {0, 0};
  std::atomic<uint64_t> report_thread{0};  // of aclrtSubscribeReport

 private:
  enum Worker : uint32_t {
    kNone,
    kActive,
    kParked,
    kWoken,  // on its way from a start or from parked to active
  };

  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  void want(uint64_t ticket);
  void wake_waiters();
  bool start_worker();
  void wake_worker();
  void unpark();
  static void* worker_main(void* stream);
  void work();
  bool wait_for_work(uint64_t done);
  void execute(Task& task);
  void task_failed(aclError code);

  Context* const context_;
  Device& device_;
  const int id_;
  const uint32_t priority_;
  const uint32_t flags_;
  std::atomic<int> references_{1};

  alignas(kLine) SpinLock producer_;
  TaskQueue queue_;
  alignas(kLine) std::atomic<uint64_t> finished_{0};    // written by the worker only
  alignas(kLine) std::atomic<uint32_t> worker_{kNone};  // futex
  alignas(kLine) std::atomic<uint32_t> progress_{0};    // futex of those who wait
  std::atomic<uint64_t> wanted_{kNever};  // the smallest ticket among those of whom the worker knows
  alignas(kLine) std::atomic<uint64_t> drop_before_{0};  // tasks with a smaller number are discarded
  std::atomic<uint32_t> aborts_{0};
  std::atomic<bool> closed_{false};
  std::atomic<bool> reported_{false};  // whether somebody knows of failure_
  uint64_t running_ = 0;
  std::atomic<std::atomic<uint32_t>*> sleeps_on_{nullptr};
  SpinLock failure_lock_;
  std::atomic<Failure*> failure_{nullptr};
};

// The stream behind a handle; null is the default stream of the thread's context. Returns an error in
// *result.
Stream* find_stream(aclrtStream handle, aclError* result);

// The body of a call about one stream.
template <class Body>
aclError with_stream(const char* call, aclrtStream handle, Body&& body) noexcept {
  return entry(call, [&]() -> aclError {
    aclError result = ACL_SUCCESS;
    Stream* stream = find_stream(handle, &result);
    return stream == nullptr ? result : body(*stream);
  });
}

// Streams of a device that exist, and workers of this process that are not parked.
int live_streams(const Device& device);
int active_workers();

aclError create_stream(Context* context, uint32_t priority, uint32_t flags, Stream** stream);

}  // namespace softnpu
