// When the steps of a backward pass happen on the device, for DistributedDataParallel's statistics.
#include <optional>

#include <torch/csrc/distributed/c10d/reducer_timer.hpp>

#include "csrc/core/NPUEvent.h"
#include "csrc/core/NPUGuard.h"

namespace npu {
namespace {

class ReducerTimer final : public c10d::Timer {
 public:
  explicit ReducerTimer(c10::Device device) : device_(device) {}

  void record(Event event) override {
    Timer::record(event);  // the time of the host
    const NPUGuard guard(device_.index());
    event_of(event).record();
  }

  std::optional<int64_t> measureDifference(Event start, Event end) override {
    NPUEvent& first = event_of(start);
    NPUEvent& last = event_of(end);
    if (!first.is_created() || !last.is_created()) return std::nullopt;
    first.synchronize();
    last.synchronize();
    const double milliseconds = first.elapsed_time(last);
    // Negative where a step was skipped, so that its event is of an earlier pass.
    if (milliseconds < 0) return std::nullopt;
    return static_cast<int64_t>(milliseconds * 1e6);
  }

 private:
  NPUEvent& event_of(Event event) { return events_[static_cast<size_t>(event)]; }

  const c10::Device device_;
  NPUEvent events_[5] = {NPUEvent(true), NPUEvent(true), NPUEvent(true), NPUEvent(true), NPUEvent(true)};
};

}  // namespace
}  // namespace npu

namespace c10d {
// The registry's macros name it without a namespace.
C10_REGISTER_TYPED_CLASS(TimerRegistry, c10::kPrivateUse1, npu::ReducerTimer)
}  // namespace c10d
