// Events. The CANN event is created at the first record, on the device of the stream. Recording again moves
// the event forward; work that already waits keeps waiting for the earlier record.
#pragma once

#include <cstdint>

#include "acl/acl.h"
#include "csrc/core/NPUStream.h"

namespace npu {

// One CANN event, with timestamps where `timing`. The calling thread must be bound to the event's device.
aclrtEvent create_event(bool timing);
// Never throws; does nothing once the runtime is gone.
void destroy_event(aclrtEvent event, c10::DeviceIndex device) noexcept;
bool query_event(aclrtEvent event);

class NPUEvent {
 public:
  explicit NPUEvent(bool enable_timing = false) noexcept : timing_(enable_timing) {}
  ~NPUEvent();
  NPUEvent(NPUEvent&& other) noexcept;
  NPUEvent& operator=(NPUEvent&& other) noexcept;
  NPUEvent(const NPUEvent&) = delete;
  NPUEvent& operator=(const NPUEvent&) = delete;

  aclrtEvent event() const noexcept { return event_; }
  bool is_created() const noexcept { return event_ != nullptr; }
  c10::DeviceIndex device_index() const noexcept { return device_; }
  bool timing() const noexcept { return timing_; }

  void record() { record(getCurrentNPUStream()); }
  void record(const NPUStream& stream);
  void record_once(const NPUStream& stream);

  void block(const NPUStream& stream) const;       // the stream waits; nothing where never recorded
  bool query() const;                              // true where never recorded
  void synchronize() const;                        // the host waits; throws the error that the event carries
  double elapsed_time(const NPUEvent& end) const;  // milliseconds from this event to `end`

 private:
  aclrtEvent event_ = nullptr;
  c10::DeviceIndex device_ = -1;
  bool timing_ = false;
};

}  // namespace npu
