#include "csrc/core/NPUCachingAllocator.h"

#include <atomic>
#include <mutex>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/core/AllocatorSettings.h"
#include "csrc/core/DeviceMemory.h"
#include "csrc/core/NPUGuard.h"

namespace npu {
namespace {

std::atomic<DeviceMemory*> memories[kMaxDevices];

DeviceMemory* existing_memory(c10::DeviceIndex device) {
  check_device(device);
  return memories[device].load(std::memory_order_acquire);
}

DeviceMemory& create_memory(c10::DeviceIndex device) {
  static std::mutex mutex;
  const NPUGuard guard(device);
  ensure_allocator_settings();
  std::lock_guard<std::mutex> lock(mutex);
  DeviceMemory* memory = memories[device].load();
  if (memory == nullptr) {
    memory = new DeviceMemory(device);
    memories[device].store(memory, std::memory_order_release);
  }
  return *memory;
}

DeviceMemory& memory_of(c10::DeviceIndex device) {
  DeviceMemory* memory = memories[device].load(std::memory_order_acquire);
  return C10_LIKELY(memory != nullptr) ? *memory : create_memory(device);
}

template <typename Action>
void for_each_memory(Action action) {
  for (const auto& slot : memories) {
    if (DeviceMemory* memory = slot.load(std::memory_order_acquire)) action(*memory);
  }
}

// The deleter of every DataPtr of this allocator; how recordStream tells its own from others.
void delete_memory(void* data) {
  caching_allocator().raw_free(data);
}

c10::DataPtr data_ptr(void* data, c10::DeviceIndex device) {
  return {data, data, &delete_memory, c10::Device(c10::DeviceType::PrivateUse1, device)};
}

Block* require_block(const void* data) {
  Block* block = DeviceMemory::block_map().find(data);
  TORCH_CHECK(block != nullptr && block->data == data, "The address ", data,
              " is not that of memory allocated by the npu allocator.");
  return block;
}

}  // namespace

NPUCachingAllocator& caching_allocator() {
  static auto* allocator = new NPUCachingAllocator;  // tensors may outlive static destructors
  return *allocator;
}

REGISTER_ALLOCATOR(c10::DeviceType::PrivateUse1, &caching_allocator())

c10::DataPtr NPUCachingAllocator::allocate(size_t size) {
  const c10::DeviceIndex device = bound_device();
  if (C10_UNLIKELY(size == 0)) return data_ptr(nullptr, device);
  return data_ptr(memory_of(device).allocate(size, detail::thread_state.streams[device]), device);
}

c10::DataPtr NPUCachingAllocator::allocate_on(size_t size, const NPUStream& stream) {
  return data_ptr(raw_allocate_on(size, stream), stream.device_index());
}

void* NPUCachingAllocator::raw_allocate_on(size_t size, const NPUStream& stream) {
  ensure_initialized();
  return size == 0 ? nullptr : memory_of(stream.device_index()).allocate(size, stream.id());
}

void NPUCachingAllocator::raw_free(void* data) {
  if (data == nullptr || !is_usable()) return;
  Block* block = require_block(data);
  memory_of(block->device).free(block, data);
}

c10::DeleterFnPtr NPUCachingAllocator::raw_deleter() const {
  return &delete_memory;
}

void NPUCachingAllocator::copy_data(void* dest, const void* src, size_t count) const {
  bound_device();
  NPU_CHECK(api().aclrtMemcpyAsync(dest, count, src, count, ACL_MEMCPY_DEVICE_TO_DEVICE,
                                   getCurrentNPUStream().stream()));
}

bool NPUCachingAllocator::initialized() {
  return is_initialized();
}

void NPUCachingAllocator::emptyCache(c10::MempoolId_t mempool) {
  TORCH_CHECK_NOT_IMPLEMENTED(mempool.first == 0 && mempool.second == 0, "npu has no memory pool (",
                              mempool.first, ", ", mempool.second, ").");
  detail::check_fork();
  if (!is_usable()) return;
  for_each_memory([](DeviceMemory& memory) { memory.empty_cache(); });
}

void NPUCachingAllocator::recordStream(const c10::DataPtr& data, c10::Stream stream) {
  // Memory that came from elsewhere (another process, a foreign library) is not ours to keep alive.
  if (!data || data.get_deleter() != &delete_memory) return;
  Block* block = require_block(data.get());
  memory_of(block->device).record_stream(block, NPUStream(stream));
}

c10::CachingDeviceAllocator::DeviceStats NPUCachingAllocator::getDeviceStats(c10::DeviceIndex device) {
  DeviceMemory* memory = existing_memory(device);
  return memory != nullptr ? memory->stats() : c10::CachingDeviceAllocator::DeviceStats{};
}

void NPUCachingAllocator::resetAccumulatedStats(c10::DeviceIndex device) {
  if (DeviceMemory* memory = existing_memory(device)) memory->reset_accumulated_stats();
}

void NPUCachingAllocator::resetPeakStats(c10::DeviceIndex device) {
  if (DeviceMemory* memory = existing_memory(device)) memory->reset_peak_stats();
}

std::pair<size_t, size_t> NPUCachingAllocator::getMemoryInfo(c10::DeviceIndex device) {
  return memory_info(device);
}

void NPUCachingAllocator::set_memory_fraction(double fraction, c10::DeviceIndex device) {
  check_device(device);
  memory_of(device).set_fraction(fraction);
}

double NPUCachingAllocator::memory_fraction(c10::DeviceIndex device) {
  DeviceMemory* memory = existing_memory(device);
  return memory != nullptr ? memory->fraction() : 1.0;
}

std::pair<void*, size_t> NPUCachingAllocator::base_allocation(void* data) {
  Block* block = require_block(data);
  return memory_of(block->device).base_allocation(block);
}

MemorySnapshot NPUCachingAllocator::snapshot() {
  MemorySnapshot result;
  result.device_traces.resize(device_count());
  for (c10::DeviceIndex device = 0; device < device_count(); ++device) {
    if (DeviceMemory* memory = existing_memory(device))
      memory->snapshot(result.segments, result.device_traces[device]);
  }
  return result;
}

void NPUCachingAllocator::record_history(bool enabled, c10::CachingDeviceAllocator::CreateContextFn recorder,
                                         size_t max_entries,
                                         c10::CachingDeviceAllocator::RecordContext when) {
  set_history_settings({enabled, recorder, max_entries, when});
  for_each_memory([&](DeviceMemory& memory) { memory.configure_history(/*clear=*/enabled); });
}

bool NPUCachingAllocator::is_history_enabled() const noexcept {
  return history_settings().enabled;
}

void NPUCachingAllocator::attach_tracker(c10::CachingDeviceAllocator::AllocatorTraceTracker tracker) {
  npu::attach_tracker(std::move(tracker));
  for_each_memory([](DeviceMemory& memory) { memory.configure_history(/*clear=*/false); });
}

}  // namespace npu
