#include "softnpu/acl/event.h"

#include "acl/acl_rt.h"
#include "softnpu/acl/device.h"
#include "softnpu/acl/fault.h"
#include "softnpu/acl/handles.h"

namespace softnpu {
namespace {

constexpr int kEventsOfDevice = 65536;
std::atomic<int> g_limited_events{0};
std::atomic<uint32_t> g_wait_timeout_s{0};

Arena<Event, size_t{1} << 20>& arena() {
  static auto* const instance = new Arena<Event, size_t{1} << 20>;
  return *instance;
}

std::atomic<uint32_t> g_next_id{0};

struct WaitTask {
  Record* record;
  PendingWaits* waits;
  int64_t timeout_ms;
};

aclError run_record(void* payload) {
  Record* record = *static_cast<Record**>(payload);
  record->finish(Stream::current()->share_failure());
  record->drop();
  return ACL_SUCCESS;
}

// On a failed stream the record carries the failure; on one that was aborted it says so.
void discard_record(void* payload) {
  Record* record = *static_cast<Record**>(payload);
  Failure* failure = Stream::current()->share_failure();
  if (failure == nullptr) {
    failure = new Failure(ACL_ERROR_RT_STREAM_ABORT, "the event was recorded on stream " +
                                                         std::to_string(Stream::current()->id()) +
                                                         ", whose tasks were dropped.");
  }
  record->finish(failure);
  record->drop();
}

void end_wait(const WaitTask& task) {
  task.waits->count.fetch_sub(1, std::memory_order_release);
  task.waits->drop();
  task.record->drop();
}

aclError run_wait(void* payload) {
  WaitTask task = *static_cast<WaitTask*>(payload);
  Stream& stream = *Stream::current();
  aclError result = ACL_SUCCESS;
  if (!task.record->wait(Deadline(task.timeout_ms), &stream)) {
    if (!stream.interrupted()) {
      softnpu_task_message("the event was not reached within %lld ms (aclrtSetOpWaitTimeout).",
                           static_cast<long long>(task.timeout_ms));
      result = ACL_ERROR_RT_WAIT_TIMEOUT;
    }
  } else if (Failure* failure = task.record->failure()) {
    stream.poison(failure);
    result = failure->code();
  }
  end_wait(task);
  return result;
}

void discard_wait(void* payload) {
  end_wait(*static_cast<WaitTask*>(payload));
}

aclError report(const Failure* failure) {
  if (failure == nullptr) return ACL_SUCCESS;
  return fail(failure->code(), "the event comes after a failure: %s", failure->text().c_str());
}

}  // namespace

void Record::finish(Failure* failure) {
  failure_ = failure;
  time_ns_ = now_ns();
  state_.store(1, std::memory_order_seq_cst);
  if (waiters_.load(std::memory_order_seq_cst) != 0) futex_wake(state_);
}

bool Record::wait(const Deadline& deadline, Stream* worker) {
  if (complete()) return true;
  waiters_.fetch_add(1, std::memory_order_seq_cst);
  if (worker != nullptr) worker->sleeping_on(&state_);
  while (!complete()) {
    if (worker != nullptr && worker->interrupted()) break;
    int64_t left = deadline.left();
    if (left == 0) break;
    if (Stream::stopping()) break;
    futex_wait(state_, 0, left < 0 || left > kSliceNs ? kSliceNs : left);
  }
  if (worker != nullptr) worker->sleeping_on(nullptr);
  waiters_.fetch_sub(1, std::memory_order_seq_cst);
  return complete();
}

Event::Event(Kind kind, uint32_t flags, int device)
    : kind(kind), flags(flags), id(g_next_id.fetch_add(1)), device(device), waits(new PendingWaits) {
  if (kind != kExtended) g_limited_events.fetch_add(1);
}

Event::~Event() {
  if (shared != nullptr) drop_shared(shared);
  if (record != nullptr && !recorded) {  // streams wait for a recording that cannot come any more
    record->finish(new Failure(ACL_ERROR_RT_INVALID_HANDLE,
                               "event " + std::to_string(id) + " was destroyed before it was recorded."));
  }
  if (record != nullptr) record->drop();
  waits->drop();
  if (kind != kExtended) g_limited_events.fetch_sub(1);
}

Record* Event::latest() {
  lock.lock();
  Record* found = recorded ? record->share() : nullptr;
  lock.unlock();
  return found;
}

Event* find_event(aclrtEvent handle, aclError* result) {
  if (handle == nullptr) {
    *result = require(nullptr, "event");
    return nullptr;
  }
  Event* event = arena().find(handle);
  if (event == nullptr) {
    *result = fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is not an event, or it was destroyed.", handle);
  }
  return event;
}

Event* create_event(Event::Kind kind, uint32_t flags, int device) {
  return arena().create(kind, flags, device);
}

int64_t wait_timeout_ms() {
  uint32_t seconds = g_wait_timeout_s.load();
  return seconds == 0 ? -1 : int64_t{seconds} * 1000;
}

namespace {

template <class Body>
aclError with_event(const char* call, aclrtEvent handle, Body&& body) noexcept {
  return entry(call, [&]() -> aclError {
    aclError result = ACL_SUCCESS;
    Event* event = find_event(handle, &result);
    return event == nullptr ? result : body(*event);
  });
}

template <class Body>
aclError with_event_and_stream(const char* call, aclrtEvent event, aclrtStream stream, Body&& body) noexcept {
  return with_event(call, event, [&](Event& found) -> aclError {
    aclError result = ACL_SUCCESS;
    Stream* on = find_stream(stream, &result);
    return on == nullptr ? result : body(found, *on);
  });
}

aclError create(const char* call, aclrtEvent* handle, Event::Kind kind, uint32_t flags) noexcept {
  return with_device(call, [&](Device& device) -> aclError {
    if (aclError result = require(handle, "event"); result != ACL_SUCCESS) return result;
    constexpr uint32_t kKnown = ACL_EVENT_SYNC | ACL_EVENT_CAPTURE_STREAM_PROGRESS | ACL_EVENT_TIME_LINE |
                                ACL_EVENT_DEVICE_USE_ONLY | ACL_EVENT_EXTERNAL | ACL_EVENT_IPC;
    if ((flags & ~kKnown) != 0)
      return fail(ACL_ERROR_INVALID_PARAM, "flag 0x%x is not known.", flags & ~kKnown);
    if (kind != Event::kExtended && g_limited_events.load() >= kEventsOfDevice) {
      return fail(ACL_ERROR_RT_NO_EVENT_RESOURCE,
                  "device %d has %d events, more are not possible; destroy some.", device.id,
                  kEventsOfDevice);
    }
    Event* event = create_event(kind, flags, device.id);
    if (event == nullptr) {
      return fail(ACL_ERROR_RT_NO_EVENT_RESOURCE, "the process has too many events; destroy some.");
    }
    *handle = event;
    return ACL_SUCCESS;
  });
}

aclError record(Event& event, Stream& stream) {
  if (event.shared != nullptr) return record_shared(*event.shared, stream);
  event.lock.lock();
  Record* record = event.record;
  bool first = record != nullptr && !event.recorded;  // streams wait for this one already
  if (!first) record = new Record;
  Record* of_task = record->share();
  event.lock.unlock();
  aclError result = stream.add(run_record, discard_record, of_task);
  if (result != ACL_SUCCESS) {
    of_task->drop();
    if (!first) record->drop();
    return result;
  }
  event.lock.lock();
  if (!first) {
    if (event.record != nullptr) event.record->drop();
    event.record = record;
  }
  event.recorded = true;
  event.lock.unlock();
  return ACL_SUCCESS;
}

aclError wait(Event& event, Stream& stream, int64_t timeout_ms) {
  if (event.shared != nullptr) return wait_shared(*event.shared, stream, timeout_ms);
  event.lock.lock();
  if (event.record == nullptr && event.kind == Event::kSync) event.record = new Record;
  Record* record = event.record == nullptr ? nullptr : event.record->share();
  event.lock.unlock();
  if (record == nullptr) {
    if (event.kind == Event::kExtended) return ACL_SUCCESS;
    return fail(ACL_ERROR_RT_PARAM_INVALID, "event %u has not been recorded; call aclrtRecordEvent first.",
                event.id);
  }
  if (record->complete() && record->failure() == nullptr) {
    record->drop();
    return ACL_SUCCESS;
  }
  event.waits->count.fetch_add(1);
  WaitTask task{record, event.waits->share(), timeout_ms};
  aclError result = stream.add(run_wait, discard_wait, task);
  if (result != ACL_SUCCESS) end_wait(task);
  return result;
}

aclError synchronize(Event& event, int64_t timeout_ms) {
  if (event.shared != nullptr) return synchronize_shared(*event.shared, timeout_ms);
  Record* record = event.latest();
  if (record == nullptr) return ACL_SUCCESS;
  aclError result = ACL_SUCCESS;
  if (record->wait(Deadline(timeout_ms), nullptr)) {
    result = report(record->failure());
  } else {
    result = fail(ACL_ERROR_RT_EVENT_SYNC_TIMEOUT, "event %u was not reached within %lld ms.", event.id,
                  static_cast<long long>(timeout_ms));
  }
  record->drop();
  return result;
}

aclError query(Event& event, bool* complete) {
  if (event.shared != nullptr) return query_shared(*event.shared, complete);
  Record* record = event.latest();
  *complete = record == nullptr || record->complete();
  if (record == nullptr) return ACL_SUCCESS;
  aclError result = *complete ? report(record->failure()) : ACL_SUCCESS;
  record->drop();
  return result;
}

// The time of a recording that has completed.
aclError time_of(Event& event, int64_t* time_ns) {
  if (!event.timed()) {
    return fail(ACL_ERROR_RT_EVENT_TIMESTAMP_INVALID, "event %u was made without ACL_EVENT_TIME_LINE.",
                event.id);
  }
  Record* record = event.latest();
  if (record == nullptr) {
    return fail(ACL_ERROR_RT_EVENT_TIMESTAMP_INVALID, "event %u has not been recorded.", event.id);
  }
  bool complete = record->complete();
  if (complete) *time_ns = record->time_ns();
  record->drop();
  if (complete) return ACL_SUCCESS;
  return fail(ACL_ERROR_RT_EVENT_TIMESTAMP_INVALID,
              "event %u was recorded but not reached yet; synchronise first.", event.id);
}

aclError only_classic(const Event& event) {
  if (event.kind != Event::kExtended) return ACL_SUCCESS;
  return fail(ACL_ERROR_RT_PARAM_INVALID,
              "event %u was made by aclrtCreateEventExWithFlag, which excludes this call.", event.id);
}

}  // namespace
}  // namespace softnpu

using softnpu::Event;
using softnpu::Stream;

extern "C" {

aclError aclrtCreateEvent(aclrtEvent* event) {
  return softnpu::create(__func__, event, Event::kPlain, 0);
}

aclError aclrtCreateEventWithFlag(aclrtEvent* event, uint32_t flag) {
  Event::Kind kind = (flag & ACL_EVENT_SYNC) != 0 ? Event::kSync : Event::kPlain;
  return softnpu::create(__func__, event, kind, flag | (kind == Event::kPlain ? ACL_EVENT_TIME_LINE : 0));
}

aclError aclrtCreateEventExWithFlag(aclrtEvent* event, uint32_t flag) {
  return softnpu::create(__func__, event, Event::kExtended, flag);
}

// Also after aclFinalize, and without a device: programs destroy events while they tear down.
aclError aclrtDestroyEvent(aclrtEvent event) {
  return softnpu::with_event(__func__, event, [](Event& e) -> aclError {
    softnpu::arena().reclaim(&e);
    return ACL_SUCCESS;
  });
}

aclError aclrtRecordEvent(aclrtEvent event, aclrtStream stream) {
  return softnpu::with_event_and_stream(__func__, event, stream, [](Event& e, Stream& s) -> aclError {
    if (softnpu::fault::enabled() && softnpu::fault::refuse_event(s))
      return softnpu::fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "injected by SOFTNPU_FAULT.");
    return softnpu::record(e, s);
  });
}

aclError aclrtResetEvent(aclrtEvent event, aclrtStream stream) {
  return softnpu::with_event_and_stream(__func__, event, stream, [](Event& e, Stream&) -> aclError {
    if (aclError result = softnpu::only_classic(e); result != ACL_SUCCESS) return result;
    e.lock.lock();
    softnpu::Record* old = e.recorded ? e.record : nullptr;
    if (e.recorded) e.record = nullptr;
    e.recorded = false;
    e.lock.unlock();
    if (old != nullptr) old->drop();
    return ACL_SUCCESS;
  });
}

aclError aclrtStreamWaitEvent(aclrtStream stream, aclrtEvent event) {
  return softnpu::with_event_and_stream(__func__, event, stream, [](Event& e, Stream& s) {
    return softnpu::wait(e, s, softnpu::wait_timeout_ms());
  });
}

aclError aclrtStreamWaitEventWithTimeout(aclrtStream stream, aclrtEvent event, int32_t timeout) {
  return softnpu::with_event_and_stream(__func__, event, stream, [&](Event& e, Stream& s) {
    return softnpu::wait(e, s, timeout <= 0 ? -1 : int64_t{timeout} * 1000);
  });
}

aclError aclrtSetOpWaitTimeout(uint32_t timeout) {
  return softnpu::entry(__func__, [&]() -> aclError {
    softnpu::g_wait_timeout_s.store(timeout);
    return ACL_SUCCESS;
  });
}

aclError aclrtSynchronizeEvent(aclrtEvent event) {
  return softnpu::with_event(__func__, event, [](Event& e) { return softnpu::synchronize(e, -1); });
}

aclError aclrtSynchronizeEventWithTimeout(aclrtEvent event, int32_t timeout) {
  return softnpu::with_event(__func__, event, [&](Event& e) -> aclError {
    if (timeout < -1) {
      return softnpu::fail(ACL_ERROR_RT_PARAM_INVALID, "timeout is %d ms; -1 is for ever.", timeout);
    }
    return softnpu::synchronize(e, timeout);
  });
}

aclError aclrtQueryEvent(aclrtEvent event, aclrtEventStatus* status) {
  return softnpu::with_event(__func__, event, [&](Event& e) -> aclError {
    if (aclError result = softnpu::require(status, "status"); result != ACL_SUCCESS) return result;
    if (aclError result = softnpu::only_classic(e); result != ACL_SUCCESS) return result;
    bool complete = false;
    aclError result = softnpu::query(e, &complete);
    *status = complete ? ACL_EVENT_STATUS_COMPLETE : ACL_EVENT_STATUS_NOT_READY;
    return result;
  });
}

aclError aclrtQueryEventStatus(aclrtEvent event, aclrtEventRecordedStatus* status) {
  return softnpu::with_event(__func__, event, [&](Event& e) -> aclError {
    if (aclError result = softnpu::require(status, "status"); result != ACL_SUCCESS) return result;
    bool complete = false;
    aclError result = softnpu::query(e, &complete);
    *status = complete ? ACL_EVENT_RECORDED_STATUS_COMPLETE : ACL_EVENT_RECORDED_STATUS_NOT_READY;
    return result;
  });
}

aclError aclrtQueryEventWaitStatus(aclrtEvent event, aclrtEventWaitStatus* status) {
  return softnpu::with_event(__func__, event, [&](Event& e) -> aclError {
    if (aclError result = softnpu::require(status, "status"); result != ACL_SUCCESS) return result;
    if (aclError result = softnpu::only_classic(e); result != ACL_SUCCESS) return result;
    bool pending = e.waits->count.load(std::memory_order_acquire) != 0;
    *status = pending ? ACL_EVENT_WAIT_STATUS_NOT_READY : ACL_EVENT_WAIT_STATUS_COMPLETE;
    return ACL_SUCCESS;
  });
}

aclError aclrtEventElapsedTime(float* ms, aclrtEvent startEvent, aclrtEvent endEvent) {
  return softnpu::with_event(__func__, startEvent, [&](Event& start) -> aclError {
    if (aclError result = softnpu::require(ms, "ms"); result != ACL_SUCCESS) return result;
    aclError result = ACL_SUCCESS;
    Event* end = softnpu::find_event(endEvent, &result);
    int64_t from = 0, to = 0;
    if (end != nullptr) result = softnpu::time_of(start, &from);
    if (result == ACL_SUCCESS) result = softnpu::time_of(*end, &to);
    if (result == ACL_SUCCESS) *ms = static_cast<float>(double(to - from) / 1e6);
    return result;
  });
}

aclError aclrtEventGetTimestamp(aclrtEvent event, uint64_t* timestamp) {
  return softnpu::with_event(__func__, event, [&](Event& e) -> aclError {
    if (aclError result = softnpu::require(timestamp, "timestamp"); result != ACL_SUCCESS) return result;
    int64_t time_ns = 0;
    aclError result = softnpu::time_of(e, &time_ns);
    if (result == ACL_SUCCESS) *timestamp = static_cast<uint64_t>(time_ns / 1000);
    return result;
  });
}

aclError aclrtGetEventId(aclrtEvent event, uint32_t* eventId) {
  return softnpu::with_event(__func__, event, [&](Event& e) -> aclError {
    if (aclError result = softnpu::require(eventId, "eventId"); result != ACL_SUCCESS) return result;
    *eventId = e.id;
    return ACL_SUCCESS;
  });
}

aclError aclrtGetEventAvailNum(uint32_t* eventCount) {
  return softnpu::with_device(__func__, [&](softnpu::Device&) -> aclError {
    if (aclError result = softnpu::require(eventCount, "eventCount"); result != ACL_SUCCESS) return result;
    *eventCount = static_cast<uint32_t>(softnpu::kEventsOfDevice - softnpu::g_limited_events.load());
    return ACL_SUCCESS;
  });
}

}  // extern "C"
