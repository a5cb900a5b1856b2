#include "softnpu/acl/stream.h"

#include <memory>

#include "softnpu/acl/callback.h"
#include "softnpu/acl/device.h"
#include "softnpu/acl/env.h"
#include "softnpu/acl/fault.h"
#include "softnpu/acl/handles.h"

namespace softnpu {
namespace {

constexpr int kStreamsOfDevice = 1984;  // of the 910B
constexpr size_t kStreams = size_t{64} * (kStreamsOfDevice + 64);
constexpr uint32_t kLeastPriority = 7;

Arena<Stream, kStreams>& arena() {
  static auto* const instance = new Arena<Stream, kStreams>;
  return *instance;
}

std::atomic<int> g_next_id{0};

struct ExternalTask {
  softnpu_run_fn run;
  softnpu_discard_fn discard;
  void* argument;
};

aclError run_external(void* payload) {
  auto* task = static_cast<ExternalTask*>(payload);
  if (fault::enabled()) [[unlikely]] {
    if (aclError code = fault::before_task(*Stream::current()); code != ACL_SUCCESS) {
      if (task->discard != nullptr) task->discard(task->argument);
      return code;
    }
  }
  return task->run(task->argument);
}

void discard_external(void* payload) {
  auto* task = static_cast<ExternalTask*>(payload);
  if (task->discard != nullptr) task->discard(task->argument);
}

}  // namespace

Stream::Stream(Context* context, uint32_t priority, uint32_t flags)
    : context_(context),
      device_(context->device),
      id_(g_next_id.fetch_add(1)),
      priority_(priority),
      flags_(flags) {
  device_.streams.fetch_add(1);
}

Stream::~Stream() {
  if (Failure* failure = failure_.load()) failure->drop();
  device_.streams.fetch_sub(1);
}

void Stream::drop() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) arena().reclaim(this);
}

// Before a look at `finished_`, so that the worker, which looks after it has finished a task, knows. It
// forgets all wishes before it wakes, so that whoever reads `progress_` before and goes to sleep after is
// woken.
void Stream::want(uint64_t ticket) {
  uint64_t least = wanted_.load(std::memory_order_seq_cst);
  while (ticket < least && !wanted_.compare_exchange_weak(least, ticket, std::memory_order_seq_cst)) {
  }
}

void Stream::wake_waiters() {
  wanted_.store(kNever, std::memory_order_seq_cst);
  progress_.fetch_add(1, std::memory_order_seq_cst);
  futex_wake(progress_);
}

aclError Stream::wait_for(uint64_t ticket, const Deadline& deadline, aclError timeout_code) {
  uint32_t aborts = aborts_.load();
  auto outcome = [&]() -> aclError {
    return aborts_.load() != aborts ? ACL_ERROR_RT_STREAM_ABORT : ACL_SUCCESS;
  };
  if (finished() >= ticket) return outcome();
  // A worker that is being woken needs this core; one that runs may be just about to finish.
  if (worker_.load(std::memory_order_relaxed) == kActive) {
    for (int spin = 0; spin < 100; ++spin) {
      if (finished() >= ticket) return outcome();
      cpu_pause();
    }
  }
  aclError result = ACL_SUCCESS;
  while (true) {
    uint32_t seen = progress_.load(std::memory_order_seq_cst);
    want(ticket);
    if (finished_.load(std::memory_order_seq_cst) >= ticket) {
      result = outcome();
      break;
    }
    int64_t left = deadline.left();
    if (left == 0 || stopping()) {  // at the end of the process nothing runs any more
      result = left == 0 ? timeout_code : ACL_ERROR_RT_STREAM_ABORT;
      break;
    }
    futex_wait(progress_, seen, left < 0 || left > kSliceNs ? kSliceNs : left);
  }
  return result;
}

aclError Stream::report_failure() {
  if (failure_.load(std::memory_order_acquire) == nullptr) [[likely]]
    return ACL_SUCCESS;
  Failure* failure = share_failure();
  if (failure == nullptr) return ACL_SUCCESS;
  reported_.store(true, std::memory_order_relaxed);
  aclError code = fail(failure->code(), "%s", failure->text().c_str());
  failure->drop();
  return code;
}

aclError Stream::synchronize(int64_t timeout_ms) {
  share();
  uint64_t ticket = added();
  aclError result = wait_for(ticket, Deadline(timeout_ms), ACL_ERROR_RT_STREAM_SYNC_TIMEOUT);
  if (result == ACL_ERROR_RT_STREAM_SYNC_TIMEOUT) {
    fail(result, "stream %d of device %d has not finished %llu of its tasks within %lld ms.", id_, device_.id,
         static_cast<unsigned long long>(ticket - finished()), static_cast<long long>(timeout_ms));
  } else if (result == ACL_ERROR_RT_STREAM_ABORT) {
    fail(result, "the tasks of stream %d of device %d were dropped by an abort.", id_, device_.id);
  } else {
    result = report_failure();
  }
  drop();
  return result;
}

void Stream::interrupt() {
  if (std::atomic<uint32_t>* word = sleeps_on_.load(std::memory_order_seq_cst)) futex_wake(*word);
}

void Stream::abort() {
  uint64_t ticket = added();
  drop_before_.store(ticket, std::memory_order_seq_cst);
  aborts_.fetch_add(1);
  // The worker may be about to sleep on something that has just been looked at, so knock until it is through.
  while (finished() < ticket && !stopping()) {
    interrupt();
    Stream::wait_for(ticket, Deadline(1), ACL_ERROR_RT_STREAM_SYNC_TIMEOUT);
  }
  failure_lock_.lock();
  Failure* failure = failure_.exchange(nullptr);
  reported_.store(false, std::memory_order_relaxed);
  failure_lock_.unlock();
  if (failure != nullptr) failure->drop();
}

aclError Stream::close(bool force) {
  notify_stream(*this, ACL_RT_STREAM_STATE_DESTROY_PRE);
  if (!force) wait_for(added(), Deadline(-1), ACL_SUCCESS);
  // A failure that nobody has been told of must not go with the stream.
  const aclError failure = force || reported_.load() ? ACL_SUCCESS : report_failure();
  arena().retire(this);
  if (force) {
    drop_before_.store(std::numeric_limits<uint64_t>::max(), std::memory_order_seq_cst);
    interrupt();
  }
  closed_.store(true, std::memory_order_seq_cst);
  unpark();
  drop();
  return failure;
}

int live_streams(const Device& device) {
  return device.streams.load();
}

aclError create_stream(Context* context, uint32_t priority, uint32_t flags, Stream** stream) {
  if (priority > kLeastPriority) {
    return fail(ACL_ERROR_INVALID_PARAM, "priority %u is not between 0 (highest) and %u (lowest).", priority,
                kLeastPriority);
  }
  Device& device = context->device;
  if (live_streams(device) >= kStreamsOfDevice) {
    return fail(ACL_ERROR_RT_NO_STREAM_RESOURCE,
                "device %d has %d streams, more are not possible; destroy some.", device.id,
                kStreamsOfDevice);
  }
  Stream* created = arena().create(context, priority, flags);
  if (created == nullptr) {
    return fail(ACL_ERROR_RT_NO_STREAM_RESOURCE, "the process has too many streams; destroy some.");
  }
  {
    std::lock_guard<std::mutex> guard(context->mutex);
    context->streams.insert(created);
  }
  *stream = created;
  notify_stream(*created, ACL_RT_STREAM_STATE_CREATE_POST);
  return ACL_SUCCESS;
}

Stream* find_stream(aclrtStream handle, aclError* result) {
  if (handle == nullptr) {
    Context* context = current_context(result);
    return context == nullptr ? nullptr : default_stream(*context, result);
  }
  Stream* stream = arena().find(handle);
  if (stream == nullptr) {
    *result = fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is not a stream, or it was destroyed.", handle);
    return nullptr;
  }
  if (settings().strict) {
    Context* context = current_context(result);
    if (context == nullptr) return nullptr;
    if (context != stream->context()) {
      *result = fail(ACL_ERROR_RT_STREAM_CONTEXT,
                     "stream %d belongs to a context of device %d, which is not current on this thread.",
                     stream->id(), stream->device().id);
      return nullptr;
    }
  }
  return stream;
}

namespace {

template <class Value, class Get>
aclError query(const char* call, aclrtStream handle, Value* value, Get&& get) noexcept {
  return with_stream(call, handle, [&](Stream& stream) -> aclError {
    if (aclError result = require(value, "of the answer"); result != ACL_SUCCESS) return result;
    *value = get(stream);
    return ACL_SUCCESS;
  });
}

aclError create(const char* call, aclrtStream* handle, uint32_t priority, uint32_t flags) noexcept {
  return entry(call, [&]() -> aclError {
    aclError result = require(handle, "stream");
    if (result != ACL_SUCCESS) return result;
    Context* context = current_context(&result);
    Stream* stream = nullptr;
    if (context != nullptr) result = create_stream(context, priority, flags, &stream);
    if (result == ACL_SUCCESS) *handle = stream;
    return result;
  });
}

aclError destroy(const char* call, aclrtStream handle, bool force) noexcept {
  return entry(call, [&]() -> aclError {
    aclError result = require(handle, "stream");
    if (result != ACL_SUCCESS) return result;
    Stream* stream = find_stream(handle, &result);
    if (stream == nullptr) return result;
    Context& context = *stream->context();
    {
      std::lock_guard<std::mutex> guard(context.mutex);
      if (stream == context.default_stream.load()) {
        return fail(ACL_ERROR_INVALID_PARAM, "the default stream of a context cannot be destroyed.");
      }
      if (context.streams.erase(stream) == 0) {
        return fail(ACL_ERROR_RT_INVALID_HANDLE, "the stream is being destroyed by another thread.");
      }
    }
    return stream->close(force);
  });
}

}  // namespace
}  // namespace softnpu

using softnpu::Stream;

extern "C" {

aclError softnpu_enqueue(aclrtStream handle, softnpu_run_fn run, softnpu_discard_fn discard, void* argument) {
  if (softnpu::forked()) return softnpu::refuse_forked(nullptr);
  softnpu::thread_state().call =
      nullptr;  // messages are about the caller's call, not about the thread's last one
  aclError result = ACL_SUCCESS;
  Stream* stream = softnpu::find_stream(handle, &result);
  if (stream == nullptr) return result;
  return stream->add(softnpu::run_external, softnpu::discard_external,
                     softnpu::ExternalTask{run, discard, argument});
}

aclError softnpu_enqueue_inline(aclrtStream handle, softnpu_run_fn run, const void* payload) {
  if (softnpu::forked()) return softnpu::refuse_forked(nullptr);
  struct Payload {
    alignas(16) std::byte bytes[SOFTNPU_PAYLOAD];
  };
  if (softnpu::fault::enabled())
      [[unlikely]] {  // there is no room beside the payload for what injects a fault
    struct Task {
      softnpu_run_fn run;
      Payload payload;
    };
    auto run_once = [](void* task) {
      const std::unique_ptr<Task> owned(static_cast<Task*>(task));
      return owned->run(&owned->payload);
    };
    auto* task = new Task{run, *static_cast<const Payload*>(payload)};
    const aclError result = softnpu_enqueue(
        handle, run_once, [](void* t) { delete static_cast<Task*>(t); }, task);
    if (result != ACL_SUCCESS) delete task;
    return result;
  }
  softnpu::thread_state().call = nullptr;
  aclError result = ACL_SUCCESS;
  Stream* stream = softnpu::find_stream(handle, &result);
  if (stream == nullptr) return result;
  static_assert(sizeof(Payload) <= sizeof(softnpu::Task::payload));
  return stream->add(run, nullptr, *static_cast<const Payload*>(payload));
}

aclError aclrtCreateStream(aclrtStream* stream) {
  return softnpu::create(__func__, stream, 0, 0);
}

aclError aclrtCreateStreamWithConfig(aclrtStream* stream, uint32_t priority, uint32_t flag) {
  return softnpu::create(__func__, stream, priority, flag);
}

aclError aclrtDestroyStream(aclrtStream stream) {
  return softnpu::destroy(__func__, stream, false);
}
aclError aclrtDestroyStreamForce(aclrtStream stream) {
  return softnpu::destroy(__func__, stream, true);
}

aclError aclrtSynchronizeStream(aclrtStream stream) {
  return softnpu::with_stream(__func__, stream, [](Stream& s) { return s.synchronize(-1); });
}

aclError aclrtSynchronizeStreamWithTimeout(aclrtStream stream, int32_t timeout) {
  return softnpu::with_stream(__func__, stream, [&](Stream& s) -> aclError {
    if (timeout < -1) {
      return softnpu::fail(ACL_ERROR_RT_PARAM_INVALID, "timeout is %d ms; -1 is for ever.", timeout);
    }
    return s.synchronize(timeout);
  });
}

aclError aclrtStreamQuery(aclrtStream stream, aclrtStreamStatus* status) {
  return softnpu::with_stream(__func__, stream, [&](Stream& s) -> aclError {
    if (aclError result = softnpu::require(status, "status"); result != ACL_SUCCESS) return result;
    *status = s.idle() ? ACL_STREAM_STATUS_COMPLETE : ACL_STREAM_STATUS_NOT_READY;
    return s.report_failure();
  });
}

aclError aclrtStreamAbort(aclrtStream stream) {
  return softnpu::with_stream(__func__, stream, [](Stream& s) -> aclError {
    s.share();
    s.abort();
    s.drop();
    return ACL_SUCCESS;
  });
}

aclError aclrtStreamGetId(aclrtStream stream, int32_t* streamId) {
  return softnpu::query(__func__, stream, streamId, [](Stream& s) { return s.id(); });
}

aclError aclrtStreamGetPriority(aclrtStream stream, uint32_t* priority) {
  return softnpu::query(__func__, stream, priority, [](Stream& s) { return s.priority(); });
}

aclError aclrtStreamGetFlags(aclrtStream stream, uint32_t* flags) {
  return softnpu::query(__func__, stream, flags, [](Stream& s) { return s.flags(); });
}

aclError aclrtGetStreamAvailableNum(uint32_t* streamCount) {
  return softnpu::query(__func__, nullptr, streamCount, [](Stream& s) {
    return uint32_t(softnpu::kStreamsOfDevice - softnpu::live_streams(s.device()));
  });
}

aclError aclrtDeviceGetStreamPriorityRange(int32_t* leastPriority, int32_t* greatestPriority) {
  return softnpu::entry(__func__, [&]() -> aclError {
    if (leastPriority != nullptr) *leastPriority = softnpu::kLeastPriority;
    if (greatestPriority != nullptr) *greatestPriority = 0;
    return ACL_SUCCESS;
  });
}

}  // extern "C"
