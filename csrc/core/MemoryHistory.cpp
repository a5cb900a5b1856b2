#include "csrc/core/MemoryHistory.h"

#include <c10/util/ApproximateClock.h>

namespace npu {
namespace {

using c10::CachingDeviceAllocator::AllocatorTraceTracker;
using c10::CachingDeviceAllocator::CreateContextFn;
using c10::CachingDeviceAllocator::RecordContext;

struct Shared {
  std::mutex mutex;
  HistorySettings settings;
  std::vector<AllocatorTraceTracker> trackers;
};

Shared& shared() {
  static auto* instance = new Shared;
  return *instance;
}

// Copies of the settings for the paths that must not lock.
std::atomic<RecordContext> context_level{RecordContext::NEVER};
std::atomic<CreateContextFn> context_recorder{nullptr};

}  // namespace

std::shared_ptr<c10::GatheredContext> gather_context(RecordContext level) {
  if (C10_LIKELY(context_level.load(std::memory_order_relaxed) < level)) return nullptr;
  const CreateContextFn recorder = context_recorder.load(std::memory_order_acquire);
  return recorder != nullptr ? recorder() : nullptr;
}

HistorySettings history_settings() {
  std::lock_guard<std::mutex> lock(shared().mutex);
  return shared().settings;
}

void set_history_settings(const HistorySettings& settings) {
  std::lock_guard<std::mutex> lock(shared().mutex);
  shared().settings = settings;
  context_recorder.store(settings.recorder, std::memory_order_release);
  context_level.store(settings.enabled ? settings.when : RecordContext::NEVER);
}

void attach_tracker(AllocatorTraceTracker tracker) {
  std::lock_guard<std::mutex> lock(shared().mutex);
  shared().trackers.push_back(std::move(tracker));
}

void MemoryHistory::configure(bool clear) {
  std::lock_guard<std::mutex> lock(shared().mutex);
  enabled_ = shared().settings.enabled;
  max_entries_ = shared().settings.max_entries;
  trackers_ = shared().trackers;
  active_ = enabled_ || !trackers_.empty();
  if (clear || ring_.size() > max_entries_) {
    ring_.clear();
    next_ = 0;
  }
}

void MemoryHistory::record(TraceEntry::Action action, const void* address, size_t size, void* stream,
                           std::shared_ptr<c10::GatheredContext> context) {
  if (!active_) return;
  TraceEntry entry(action, device_, reinterpret_cast<size_t>(address), size, stream, {0, 0},
                   c10::getApproximateTime(), std::move(context));
  for (const AllocatorTraceTracker& tracker : trackers_) tracker(entry);
  if (!enabled_ || max_entries_ == 0) return;
  if (ring_.size() < max_entries_) {
    ring_.push_back(std::move(entry));
    return;
  }
  ring_[next_] = std::move(entry);
  next_ = (next_ + 1) % max_entries_;
}

std::vector<MemoryHistory::TraceEntry> MemoryHistory::entries() const {
  std::vector<TraceEntry> ordered(ring_.begin() + static_cast<ptrdiff_t>(next_), ring_.end());
  ordered.insert(ordered.end(), ring_.begin(), ring_.begin() + static_cast<ptrdiff_t>(next_));
  return ordered;
}

}  // namespace npu
