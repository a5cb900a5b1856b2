// The record of what the allocator did, for snapshots: a ring of the last actions of one device, and
// trackers.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include <c10/core/CachingDeviceAllocator.h>

namespace npu {

// What to record; one for the process.
struct HistorySettings {
  bool enabled = false;
  c10::CachingDeviceAllocator::CreateContextFn recorder = nullptr;
  size_t max_entries = 1;
  c10::CachingDeviceAllocator::RecordContext when = c10::CachingDeviceAllocator::RecordContext::NEVER;
};

// The caller's stack where `level` of detail is recorded; null otherwise. Called without the allocator's
// lock, because capturing a stack may run Python.
std::shared_ptr<c10::GatheredContext> gather_context(c10::CachingDeviceAllocator::RecordContext level);

HistorySettings history_settings();
void set_history_settings(const HistorySettings& settings);

void attach_tracker(c10::CachingDeviceAllocator::AllocatorTraceTracker tracker);

// Guarded by the lock of its device.
class MemoryHistory {
 public:
  using TraceEntry = c10::CachingDeviceAllocator::TraceEntry;

  explicit MemoryHistory(c10::DeviceIndex device) : device_(device) {}

  // Takes over the process's settings; `clear` also forgets what was recorded.
  void configure(bool clear);

  void record(TraceEntry::Action action, const void* address, size_t size, void* stream,
              std::shared_ptr<c10::GatheredContext> context);
  bool active() const noexcept { return active_; }

  std::vector<TraceEntry> entries() const;  // oldest first

 private:
  c10::DeviceIndex device_;
  bool active_ = false;
  bool enabled_ = false;
  size_t max_entries_ = 1;
  size_t next_ = 0;  // where the ring is overwritten once it is full
  std::vector<TraceEntry> ring_;
  std::vector<c10::CachingDeviceAllocator::AllocatorTraceTracker> trackers_;
};

}  // namespace npu
