#include "csrc/core/NPUEvent.h"

#include <utility>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/acl/Log.h"
#include "csrc/core/NPUGuard.h"

namespace npu {

aclrtEvent create_event(bool timing) {
  // SYNC lets streams wait for it, CAPTURE_STREAM_PROGRESS lets the host query it.
  uint32_t flags = ACL_EVENT_SYNC | ACL_EVENT_CAPTURE_STREAM_PROGRESS;
  if (timing) flags |= ACL_EVENT_TIME_LINE;
  aclrtEvent event = nullptr;
  if (api().aclrtCreateEventExWithFlag.available()) {
    NPU_CHECK(api().aclrtCreateEventExWithFlag(&event, flags));
  } else {
    NPU_CHECK(api().aclrtCreateEventWithFlag(&event, flags));
  }
  return event;
}

void destroy_event(aclrtEvent event, c10::DeviceIndex device) noexcept {
  if (event == nullptr || !is_usable()) return;
  try {
    const NPUGuard guard(device);
    warn_unless_ok(api().aclrtDestroyEvent(event), "aclrtDestroyEvent(event)");
  } catch (const std::exception& error) {
    log(LogLevel::kWarning, error.what());
  }
}

bool query_event(aclrtEvent event) {
  aclrtEventRecordedStatus status = ACL_EVENT_RECORDED_STATUS_NOT_READY;
  NPU_CHECK(api().aclrtQueryEventStatus(event, &status));
  return status == ACL_EVENT_RECORDED_STATUS_COMPLETE;
}

NPUEvent::~NPUEvent() {
  destroy_event(event_, device_);
}

NPUEvent::NPUEvent(NPUEvent&& other) noexcept
    : event_(std::exchange(other.event_, nullptr)), device_(other.device_), timing_(other.timing_) {}

NPUEvent& NPUEvent::operator=(NPUEvent&& other) noexcept {
  std::swap(event_, other.event_);
  std::swap(device_, other.device_);
  std::swap(timing_, other.timing_);
  return *this;
}

void NPUEvent::record(const NPUStream& stream) {
  TORCH_CHECK(event_ == nullptr || device_ == stream.device_index(),
              "An event of npu:", static_cast<int>(device_),
              " cannot be recorded on a stream of npu:", static_cast<int>(stream.device_index()), ".");
  const NPUGuard guard(stream.device_index());
  if (event_ == nullptr) {
    event_ = create_event(timing_);
    device_ = stream.device_index();
  }
  NPU_CHECK(api().aclrtRecordEvent(event_, stream.stream()));
}

void NPUEvent::record_once(const NPUStream& stream) {
  if (event_ == nullptr) record(stream);
}

void NPUEvent::block(const NPUStream& stream) const {
  if (event_ == nullptr) return;
  const NPUGuard guard(stream.device_index());
  NPU_CHECK(api().aclrtStreamWaitEvent(stream.stream(), event_));
}

bool NPUEvent::query() const {
  if (event_ == nullptr) return true;
  const NPUGuard guard(device_);
  return query_event(event_);
}

void NPUEvent::synchronize() const {
  if (event_ == nullptr) return;
  const NPUGuard guard(device_);
  NPU_CHECK(api().aclrtSynchronizeEvent(event_));
}

double NPUEvent::elapsed_time(const NPUEvent& end) const {
  TORCH_CHECK_VALUE(timing_ && end.timing_, "Both events must be created with enable_timing=True.");
  TORCH_CHECK_VALUE(is_created() && end.is_created(),
                    "Both events must be recorded before asking for the time between.");
  TORCH_CHECK(query() && end.query(), "Both events must be completed before asking for the time between.");
  const NPUGuard guard(device_);
  float milliseconds = 0;
  NPU_CHECK(api().aclrtEventElapsedTime(&milliseconds, event_, end.event_));
  return milliseconds;
}

}  // namespace npu
