// Events between processes (ACL_EVENT_IPC). Recordings are numbered: `issued` when a stream is told to
// record, and `completed` when it has. Whoever waits takes the number that was issued last, and sleeps on
// `completed`, which lies in the header of the maker's memory file.
#include <unistd.h>

#include <cstring>

#include "softnpu/acl/device.h"
#include "softnpu/acl/event.h"
#include "softnpu/acl/share.h"

namespace softnpu {

class SharedCounter {
 public:
  SharedCounter(SharedEvent* event, StoreHeader* foreign, int pid)
      : event_(event), foreign_(foreign), pid_(pid) {}
  SharedCounter* share() {
    references_.fetch_add(1, std::memory_order_relaxed);
    return this;
  }
  void drop() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  SharedEvent& operator*() const { return *event_; }
  SharedEvent* operator->() const { return event_; }

  bool reached(uint32_t number) const { return int32_t(event_->completed.load() - number) >= 0; }
  bool orphaned() const { return foreign_ != nullptr && !process_alive(pid_); }

  // As Record::wait, and also false when the other process is gone.
  bool wait(uint32_t number, const Deadline& deadline, Stream* worker) {
    while (true) {
      uint32_t seen = event_->completed.load(std::memory_order_seq_cst);
      if (reached(number)) return true;
      int64_t left = deadline.left();
      if (left == 0 || orphaned() || (worker != nullptr && worker->interrupted())) return false;
      futex_wait(event_->completed, seen, left < 0 || left > kSliceNs ? kSliceNs : left, true);
    }
  }

 private:
  ~SharedCounter() {
    if (foreign_ != nullptr) {
      Store::unmap_header(foreign_);
    } else {
      event_->serial.fetch_add(1);
    }
  }
  SharedEvent* const event_;
  StoreHeader* const foreign_;
  const int pid_;
  std::atomic<int> references_{1};
};

namespace {

struct Numbered {
  SharedCounter* counter;
  uint32_t number;
  int64_t timeout_ms;
};

void complete(const Numbered& task, aclError error) {
  SharedCounter& counter = *task.counter;
  if (error != ACL_SUCCESS) counter->error.store(error);
  counter->time_ns.store(now_ns());
  uint32_t now = counter->completed.load();
  while (int32_t(now - task.number) < 0 && !counter->completed.compare_exchange_weak(now, task.number)) {
  }
  futex_wake(counter->completed, INT_MAX, true);
  counter.drop();
}

aclError run_record(void* payload) {
  complete(*static_cast<Numbered*>(payload), ACL_SUCCESS);
  return ACL_SUCCESS;
}

void discard_record(void* payload) {
  Failure* failure = Stream::current()->share_failure();
  complete(*static_cast<Numbered*>(payload),
           failure == nullptr ? ACL_ERROR_RT_STREAM_ABORT : failure->code());
  if (failure != nullptr) failure->drop();
}

aclError run_wait(void* payload) {
  Numbered task = *static_cast<Numbered*>(payload);
  aclError result = ACL_SUCCESS;
  if (task.counter->wait(task.number, Deadline(task.timeout_ms), Stream::current())) {
    result = (*task.counter)->error.load();
    if (result != ACL_SUCCESS)
      softnpu_task_message("the event of another process comes after a failure there.");
  } else if (task.counter->orphaned()) {
    softnpu_task_message("the process that records the event has ended.");
    result = ACL_ERROR_RT_IPC_ERROR;
  } else if (!Stream::current()->interrupted()) {
    softnpu_task_message("the event was not reached in time.");
    result = ACL_ERROR_RT_WAIT_TIMEOUT;
  }
  task.counter->drop();
  return result;
}

void discard_wait(void* payload) {
  static_cast<Numbered*>(payload)->counter->drop();
}

constexpr uint64_t kMark = 0x746e6576652d6e70;  // "pn-event": an aclrtIpcEventHandle of ours

}  // namespace

aclError record_shared(SharedCounter& counter, Stream& stream) {
  Numbered task{counter.share(), counter->issued.fetch_add(1) + 1, -1};
  aclError result = stream.add(run_record, discard_record, task);
  if (result != ACL_SUCCESS) complete(task, result);
  return result;
}

aclError wait_shared(SharedCounter& counter, Stream& stream, int64_t timeout_ms) {
  Numbered task{counter.share(), counter->issued.load(), timeout_ms};
  aclError result = stream.add(run_wait, discard_wait, task);
  if (result != ACL_SUCCESS) counter.drop();
  return result;
}

aclError synchronize_shared(SharedCounter& counter, int64_t timeout_ms) {
  if (counter.wait(counter->issued.load(), Deadline(timeout_ms), nullptr)) {
    aclError error = counter->error.load();
    return error == ACL_SUCCESS ? error
                                : fail(error, "the event of another process comes after a failure there.");
  }
  if (counter.orphaned())
    return fail(ACL_ERROR_RT_IPC_ERROR, "the process that records the event has ended.");
  return fail(ACL_ERROR_RT_EVENT_SYNC_TIMEOUT, "the event was not reached within %lld ms.",
              static_cast<long long>(timeout_ms));
}

aclError query_shared(SharedCounter& counter, bool* complete) {
  *complete = counter.reached(counter->issued.load());
  aclError error = *complete ? counter->error.load() : ACL_SUCCESS;
  return error == ACL_SUCCESS ? error
                              : fail(error, "the event of another process comes after a failure there.");
}

void drop_shared(SharedCounter* counter) {
  counter->drop();
}

namespace {

aclError export_event(Event& event, aclrtIpcEventHandle* handle) {
  if (event.kind != Event::kExtended || (event.flags & ACL_EVENT_IPC) == 0) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "event %u was not made with ACL_EVENT_IPC.", event.id);
  }
  if (event.shared != nullptr || event.recorded) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "event %u has a handle already, or was recorded before.",
                event.id);
  }
  aclError result = ACL_SUCCESS;
  Device* device = find_device(event.device, &result);
  if (device != nullptr) result = device->store.open();
  if (result != ACL_SUCCESS) return result;
  StoreHeader* header = device->store.header();
  for (int i = 0; i < StoreHeader::kEvents; ++i) {
    SharedEvent& slot = header->events[i];
    uint32_t serial = slot.serial.load();
    if (serial % 2 == 1 || !slot.serial.compare_exchange_strong(serial, serial + 1)) continue;
    slot.issued.store(0);
    slot.completed.store(0);
    slot.error.store(0);
    event.shared = new SharedCounter(&slot, nullptr, getpid());
    uint64_t words[2] = {kMark, encode_shared({getpid(), device->logical, uint32_t(i), serial + 1})};
    std::memset(handle, 0, sizeof(*handle));
    std::memcpy(handle, words, sizeof(words));
    return ACL_SUCCESS;
  }
  return fail(ACL_ERROR_RT_NO_EVENT_RESOURCE, "device %d has %d shared events, more are not possible.",
              device->id, StoreHeader::kEvents);
}

aclError open_event(const aclrtIpcEventHandle& handle, Device& device, aclrtEvent* event) {
  uint64_t words[2];
  std::memcpy(words, &handle, sizeof(words));
  if (words[0] != kMark) return fail(ACL_ERROR_RT_PARAM_INVALID, "this is not a handle of an event.");
  Shared shared = decode_shared(words[1]);
  if (shared.pid == getpid())
    return fail(ACL_ERROR_RT_PARAM_INVALID, "the event was made by this very process.");
  int fd = Store::open_of(shared.pid, shared.logical);
  StoreHeader* header = fd < 0 ? nullptr : Store::map_header(fd);
  if (fd >= 0) close(fd);
  if (header == nullptr) {
    return fail(ACL_ERROR_RT_PARAM_INVALID,
                "process %d, which made the event, does not exist or belongs to another "
                "user.",
                shared.pid);
  }
  SharedEvent& slot = header->events[shared.index % StoreHeader::kEvents];
  if (((slot.serial.load() ^ shared.serial) & 0xffffff) != 0) {
    Store::unmap_header(header);
    return fail(ACL_ERROR_RT_PARAM_INVALID, "the event was destroyed by process %d.", shared.pid);
  }
  Event* opened = create_event(Event::kExtended, ACL_EVENT_IPC, device.id);
  if (opened == nullptr) {
    Store::unmap_header(header);
    return fail(ACL_ERROR_RT_NO_EVENT_RESOURCE, "the process has too many events; destroy some.");
  }
  opened->shared = new SharedCounter(&slot, header, shared.pid);
  *event = opened;
  return ACL_SUCCESS;
}

}  // namespace
}  // namespace softnpu

extern "C" {

aclError aclrtIpcGetEventHandle(aclrtEvent event, aclrtIpcEventHandle* handle) {
  return softnpu::entry(__func__, [&]() -> aclError {
    aclError result = softnpu::require(handle, "handle");
    if (result != ACL_SUCCESS) return result;
    softnpu::Event* found = softnpu::find_event(event, &result);
    return found == nullptr ? result : softnpu::export_event(*found, handle);
  });
}

aclError aclrtIpcOpenEventHandle(aclrtIpcEventHandle handle, aclrtEvent* event) {
  return softnpu::with_device(__func__, [&](softnpu::Device& device) -> aclError {
    if (aclError result = softnpu::require(event, "event"); result != ACL_SUCCESS) return result;
    return softnpu::open_event(handle, device, event);
  });
}

}  // extern "C"
