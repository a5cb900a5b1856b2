// Statistics and limits of the two allocators; the snapshot is in MemorySnapshot.cpp.
#include <string>

#include "csrc/core/NPUCachingAllocator.h"
#include "csrc/core/NPUHostAllocator.h"
#include "csrc/python/Bindings.h"
#include "csrc/python/MemorySnapshot.h"

namespace npu::python {
namespace {

using c10::CachingAllocator::DurationStat;
using c10::CachingAllocator::Stat;
using c10::CachingAllocator::StatArray;
using c10::CachingAllocator::StatType;

py::dict to_dict(const Stat& stat) {
  py::dict dict;
  dict["current"] = stat.current;
  dict["peak"] = stat.peak;
  dict["allocated"] = stat.allocated;
  dict["freed"] = stat.freed;
  return dict;
}

py::dict to_dict(const StatArray& pools) {
  py::dict dict;
  dict["all"] = to_dict(pools[static_cast<size_t>(StatType::AGGREGATE)]);
  dict["small_pool"] = to_dict(pools[static_cast<size_t>(StatType::SMALL_POOL)]);
  dict["large_pool"] = to_dict(pools[static_cast<size_t>(StatType::LARGE_POOL)]);
  return dict;
}

py::dict to_dict(const DurationStat& stat) {
  py::dict dict;
  dict["total"] = stat.total;
  dict["max"] = stat.max;
  dict["min"] = stat.min;
  dict["count"] = stat.count;
  return dict;
}

py::dict memory_stats(int64_t index) {
  c10::CachingDeviceAllocator::DeviceStats stats;
  {
    py::gil_scoped_release no_gil;
    stats = caching_allocator().getDeviceStats(device_index(index));
  }
  py::dict dict;
  dict["allocation"] = to_dict(stats.allocation);
  dict["segment"] = to_dict(stats.segment);
  dict["active"] = to_dict(stats.active);
  dict["inactive_split"] = to_dict(stats.inactive_split);
  dict["allocated_bytes"] = to_dict(stats.allocated_bytes);
  dict["reserved_bytes"] = to_dict(stats.reserved_bytes);
  dict["active_bytes"] = to_dict(stats.active_bytes);
  dict["inactive_split_bytes"] = to_dict(stats.inactive_split_bytes);
  dict["requested_bytes"] = to_dict(stats.requested_bytes);
  dict["oversize_allocations"] = to_dict(stats.oversize_allocations);
  dict["oversize_segments"] = to_dict(stats.oversize_segments);
  dict["num_alloc_retries"] = stats.num_alloc_retries;
  dict["num_ooms"] = stats.num_ooms;
  dict["num_sync_all_streams"] = stats.num_sync_all_streams;
  dict["num_device_alloc"] = stats.num_device_alloc;
  dict["num_device_free"] = stats.num_device_free;
  dict["max_split_size"] = stats.max_split_size;
  return dict;
}

py::dict host_memory_stats() {
  at::HostStats stats;
  {
    py::gil_scoped_release no_gil;
    stats = host_allocator()->get_stats();
  }
  py::dict dict;
  dict["active_requests"] = to_dict(stats.active_requests);
  dict["active_bytes"] = to_dict(stats.active_bytes);
  dict["allocations"] = to_dict(stats.allocations);
  dict["allocated_bytes"] = to_dict(stats.allocated_bytes);
  dict["host_alloc_time"] = to_dict(stats.host_alloc_time);
  dict["host_free_time"] = to_dict(stats.host_free_time);
  dict["num_host_alloc"] = stats.num_host_alloc;
  dict["num_host_free"] = stats.num_host_free;
  return dict;
}

}  // namespace

void bind_memory(py::module_& module) {
  define(module, "memory_stats", &memory_stats);
  define_no_gil(module, "reset_peak_memory_stats",
                [](int64_t index) { caching_allocator().resetPeakStats(device_index(index)); });
  define_no_gil(module, "reset_accumulated_memory_stats",
                [](int64_t index) { caching_allocator().resetAccumulatedStats(device_index(index)); });
  define_no_gil(module, "empty_cache", [] { caching_allocator().emptyCache(); });
  define_no_gil(module, "set_memory_fraction", [](double fraction, int64_t index) {
    caching_allocator().set_memory_fraction(fraction, device_index(index));
  });
  define_no_gil(module, "get_memory_fraction",
                [](int64_t index) { return caching_allocator().memory_fraction(device_index(index)); });
  define(module, "memory_snapshot", &memory_snapshot);
  define(module, "record_memory_history", &record_memory_history);
  define_no_gil(module, "base_allocation", [](uintptr_t data) {
    const auto [base, size] = caching_allocator().base_allocation(reinterpret_cast<void*>(data));
    return std::make_pair(reinterpret_cast<uintptr_t>(base), size);
  });
  define(module, "host_memory_stats", &host_memory_stats);
  define_no_gil(module, "host_empty_cache", [] { host_allocator()->empty_cache(); });
  define_no_gil(module, "reset_peak_host_memory_stats", [] { host_allocator()->reset_peak_stats(); });
  define_no_gil(module, "reset_accumulated_host_memory_stats",
                [] { host_allocator()->reset_accumulated_stats(); });
}

}  // namespace npu::python
