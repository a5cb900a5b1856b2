// Device memory. Freed memory is kept and handed out again in stream order; see Note [Caching of device
// memory] in BlockPool.h for the algorithm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <c10/core/CachingDeviceAllocator.h>

#include "csrc/core/NPUStream.h"

namespace npu {

struct MemorySnapshot {
  std::vector<c10::CachingDeviceAllocator::SegmentInfo> segments;
  std::vector<std::vector<c10::CachingDeviceAllocator::TraceEntry>> device_traces;  // by device, oldest first
};

class NPUCachingAllocator final : public c10::DeviceAllocator {
 public:
  // On the current device and stream. Throws c10::OutOfMemoryError with the figures. 0 bytes: a null pointer.
  c10::DataPtr allocate(size_t size) override;
  c10::DeleterFnPtr raw_deleter() const override;
  void copy_data(void* dest, const void* src,
                 size_t count) const override;  // asynchronous, on the current stream

  bool initialized() override;
  void emptyCache(c10::MempoolId_t mempool = {0, 0}) override;
  void recordStream(const c10::DataPtr& data, c10::Stream stream) override;
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex device) override;
  void resetAccumulatedStats(c10::DeviceIndex device) override;
  void resetPeakStats(c10::DeviceIndex device) override;
  std::pair<size_t, size_t> getMemoryInfo(c10::DeviceIndex device) override;

  // For memory that is used on `stream`, current or not (the workspace of an operator: drop it once the
  // operator is enqueued).
  c10::DataPtr allocate_on(size_t size, const NPUStream& stream);

  // Without a DataPtr: the address is the handle.
  void* raw_allocate_on(size_t size, const NPUStream& stream);
  void raw_free(void* data);

  // The most that this process may reserve on `device`, as a fraction of its total memory in (0, 1].
  void set_memory_fraction(double fraction, c10::DeviceIndex device);
  double memory_fraction(c10::DeviceIndex device);

  // {base address, size} of the device allocation in which an allocated block lies: what can be shared with
  // peers.
  std::pair<void*, size_t> base_allocation(void* data);

  MemorySnapshot snapshot();

  // Keeps the last `max_entries` actions. `recorder` captures the caller's stack; null records none.
  void record_history(bool enabled, c10::CachingDeviceAllocator::CreateContextFn recorder, size_t max_entries,
                      c10::CachingDeviceAllocator::RecordContext when);
  bool is_history_enabled() const noexcept;

  // Called for every action, with the allocator's lock held: it must not allocate. Trackers are never
  // removed.
  void attach_tracker(c10::CachingDeviceAllocator::AllocatorTraceTracker tracker);
};

NPUCachingAllocator& caching_allocator();

}  // namespace npu
