// The part of DeviceMemory that deals with CANN: segments, limits, and what happens when memory runs out.
#include <algorithm>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/core/AllocatorSettings.h"
#include "csrc/core/DeviceMemory.h"
#include "csrc/core/NPUGuard.h"

namespace npu {
namespace {

using c10::CachingAllocator::format_size;
using c10::CachingAllocator::kSmallBuffer;
using c10::CachingAllocator::StatArray;
using c10::CachingAllocator::StatType;
using c10::CachingDeviceAllocator::SegmentInfo;
using Config = c10::CachingAllocator::AcceleratorAllocatorConfig;

void change(StatArray& stat, bool small, int64_t amount) {
  const auto pool = static_cast<size_t>(small ? StatType::SMALL_POOL : StatType::LARGE_POOL);
  for (const size_t index : {size_t{0}, pool}) {
    if (amount >= 0) {
      stat[index].increase(static_cast<size_t>(amount));
    } else {
      stat[index].decrease(static_cast<size_t>(-amount));
    }
  }
}

// aclrtMalloc adds 32 bytes to every request, which would make two huge pages of one.
int allocate_device_memory(void** data, size_t size) {
  if (api().aclrtMallocAlign32.available())
    return api().aclrtMallocAlign32(data, size, ACL_MEM_MALLOC_HUGE_FIRST);
  return api().aclrtMalloc(data, size, ACL_MEM_MALLOC_HUGE_FIRST);
}

// The mapped stretch of a segment that begins at `block`, and the block after it.
Block* describe_stretch(Block* block, SegmentInfo& info) {
  info.address = reinterpret_cast<size_t>(block->data);
  info.is_large = !block->small;
  info.is_expandable = block->segment != nullptr;
  info.stream = NPUStream(block->device, block->owner->id).stream();
  info.device = block->device;
  info.context_when_allocated = block->segment_context;
  for (; block != nullptr && block->mapped; block = block->next) {
    const bool active = block->allocated || block->pending_events != 0;
    info.total_size += block->size;
    if (block->allocated) info.allocated_size += block->size;
    if (active) info.active_size += block->size;
    if (active) info.requested_size += block->requested;
    c10::CachingDeviceAllocator::BlockInfo part;
    part.size = block->size;
    part.requested_size = active ? block->requested : 0;
    part.allocated = block->allocated;
    part.active = active;
    part.context_when_allocated = block->context;
    info.blocks.push_back(std::move(part));
  }
  return block;
}

// Bytes of free memory that end where the unmapped `block` begins.
size_t free_before(const Block* block) {
  const Block* before = block->previous;
  return before != nullptr && before->mapped && before->is_free() ? before->size : 0;
}

}  // namespace

Block* DeviceMemory::allocate_slow(Lock& lock, StreamMemory& owner, bool small, size_t size, size_t requested,
                                   const Context& context) {
  const NPUGuard guard(device_);
  TORCH_CHECK_WITH(OutOfMemoryError, size <= size_t{1} << 60,
                   "NPU out of memory. Tried to allocate more than 1 EiB on npu:", static_cast<int>(device_),
                   "; the size of the tensor is probably wrong.");
  if (Config::garbage_collection_threshold() > 0) collect_garbage(lock);
  Block* block = new_segment(owner, small, size, context);
  if (block == nullptr && !small && size >= Config::max_split_size()) {
    release_oversize(lock, owner, size);
    block = new_segment(owner, small, size, context);
  }
  if (block == nullptr) {
    ++stats_.num_alloc_retries;
    release_cached(lock);
    block = take_free(owner, small, size);
    if (block == nullptr) block = new_segment(owner, small, size, context);
  }
  if (block == nullptr) throw_out_of_memory(lock, requested, context);
  return block;
}

bool DeviceMemory::exceeds_limit(size_t size) const noexcept {
  if (fraction_ >= 1.0) return false;
  const auto limit = static_cast<size_t>(fraction_ * static_cast<double>(total_memory_));
  return static_cast<size_t>(stats_.reserved_bytes[0].current) + size > limit;
}

Block* DeviceMemory::new_segment(StreamMemory& owner, bool small, size_t size, const Context& context) {
  if (use_expandable_segments()) return extend_segment(owner, small, size, context);
  const size_t bytes = segment_size(size);
  if (exceeds_limit(bytes)) return nullptr;
  void* data = nullptr;
  const int code = allocate_device_memory(&data, bytes);
  if (is_out_of_memory(code)) return nullptr;
  if (code != ACL_SUCCESS) throw_error(code, "aclrtMalloc(...)", __func__, __FILE__, __LINE__);
  Block* block = new_block();
  block->data = static_cast<char*>(data);
  block->size = bytes;
  block->owner = &owner;
  block->small = small;
  block->freed_at = counter_;
  block->segment_context = context;
  segments_.insert(block);
  ++stats_.num_device_alloc;
  change(stats_.segment, small, 1);
  change(stats_.reserved_bytes, small, static_cast<int64_t>(bytes));
  if (size >= Config::max_split_size()) stats_.oversize_segments.increase(1);
  if (history_.active()) trace(TraceEntry::SEGMENT_ALLOC, block, bytes, context);
  return block;
}

// The smallest stretch of unmapped addresses that, with the free block before it, has room for `size`: holes
// come before the end of a segment. Of a new segment where there is none.
Block* DeviceMemory::find_extensible(StreamMemory& owner, bool small, size_t size, const Context& context) {
  Block* best = nullptr;
  for (Block* block : owner.unmapped) {
    const bool fits = block->small == small && free_before(block) + block->size >= size;
    if (fits && (best == nullptr || block->size < best->size)) best = block;
  }
  if (best != nullptr) return best;
  const size_t unit = small ? kSmallBuffer : Config::large_segment_size();
  auto segment = std::make_unique<ExpandableSegment>(device_, unit, std::max(total_memory_ / 8 * 9, size));
  Block* block = new_block();
  block->data = segment->base();
  block->size = segment->capacity();
  block->owner = &owner;
  block->small = small;
  block->freed_at = counter_;
  block->mapped = false;
  block->segment_context = context;
  block->segment = segment.release();
  segments_.insert(block);
  owner.unmapped.push_back(block);
  change(stats_.segment, small, 1);
  return block;
}

Block* DeviceMemory::extend_segment(StreamMemory& owner, bool small, size_t size, const Context& context) {
  Block* block = find_extensible(owner, small, size, context);
  const size_t bytes = block->segment->round_up(size - free_before(block));
  if (exceeds_limit(bytes) || !block->segment->map(block->data, bytes)) {
    if (!block->is_split()) drop_unmapped(block);
    return nullptr;
  }
  owner.unmapped.erase(std::find(owner.unmapped.begin(), owner.unmapped.end(), block));
  if (block->size > bytes) owner.unmapped.push_back(split(block, bytes));
  block->mapped = true;
  ++stats_.num_device_alloc;
  change(stats_.reserved_bytes, small, static_cast<int64_t>(bytes));
  if (history_.active()) trace(TraceEntry::SEGMENT_MAP, block, bytes, context);
  return join_free_neighbours(block);
}

uint64_t DeviceMemory::synchronize_unlocked(Lock& lock) {
  ++stats_.num_sync_all_streams;
  const uint64_t idle = counter_;
  std::vector<NPUStream> elsewhere;
  for (const auto& [stream, queue] : events_) {
    if (!queue.empty() && stream.device_index() != device_) elsewhere.push_back(stream);
  }
  lock.unlock();
  synchronize(device_);
  for (const NPUStream& stream : elsewhere) stream.synchronize();
  lock.lock();
  process_events();
  return idle;
}

void DeviceMemory::release_cached(Lock& lock) {
  const NPUGuard guard(device_);
  const uint64_t idle = synchronize_unlocked(lock);
  settle_all();
  const auto release_list = [&](FreeList& list) {
    std::vector<Block*> blocks;
    list.for_each([&](Block* block) {
      if (block->freed_at <= idle && (block->segment != nullptr || !block->is_split()))
        blocks.push_back(block);
    });
    for (Block* block : blocks) {
      if (block->segment != nullptr) {
        shrink_segment(block);
      } else {
        release_segment(block);
      }
    }
  };
  const auto release_stream = [&](StreamMemory& memory) {
    release_list(memory.small_free);
    release_list(memory.large_free);
  };
  release_stream(default_stream_);
  for (auto& [stream, memory] : other_streams_) release_stream(*memory);
}

// Makes room for a request above max_split_size by giving back blocks of that kind, the largest first.
void DeviceMemory::release_oversize(Lock& lock, StreamMemory& owner, size_t size) {
  const uint64_t idle = synchronize_unlocked(lock);
  std::vector<Block*> blocks;
  owner.large_free.for_each([&](Block* block) {
    const bool whole = block->segment == nullptr && !block->is_split();
    if (whole && block->size >= Config::max_split_size() && block->freed_at <= idle) blocks.push_back(block);
  });
  std::sort(blocks.begin(), blocks.end(),
            [](const Block* left, const Block* right) { return left->size > right->size; });
  size_t released = 0;
  for (Block* block : blocks) {
    if (released >= size) break;
    released += block->size;
    release_segment(block);
  }
}

// Above the threshold of memory in use, gives back whole blocks that have not been used for longer than the
// average.
void DeviceMemory::collect_garbage(Lock& lock) {
  const double allowed = fraction_ * static_cast<double>(total_memory_);
  const auto threshold = static_cast<int64_t>(Config::garbage_collection_threshold() * allowed);
  if (stats_.reserved_bytes[0].current <= threshold) return;
  const uint64_t idle = synchronize_unlocked(lock);
  std::vector<Block*> blocks;
  uint64_t total_age = 0;
  const auto gather = [&](FreeList& list) {
    list.for_each([&](Block* block) {
      if (block->segment != nullptr || block->is_split() || block->freed_at > idle) return;
      blocks.push_back(block);
      total_age += counter_ - block->freed_at;
    });
  };
  gather(default_stream_.large_free);
  for (auto& [stream, memory] : other_streams_) gather(memory->large_free);
  std::sort(blocks.begin(), blocks.end(),
            [](const Block* left, const Block* right) { return left->freed_at < right->freed_at; });
  const uint64_t average = blocks.empty() ? 0 : total_age / blocks.size();
  for (Block* block : blocks) {
    if (stats_.reserved_bytes[0].current <= threshold || counter_ - block->freed_at < average) break;
    release_segment(block);
  }
}

void DeviceMemory::release_segment(Block* block) {
  NPU_CHECK(api().aclrtFree(block->data));
  erase_free(block);
  segments_.erase(block);
  ++stats_.num_device_free;
  change(stats_.segment, block->small, -1);
  change(stats_.reserved_bytes, block->small, -static_cast<int64_t>(block->size));
  if (block->size >= Config::max_split_size()) stats_.oversize_segments.decrease(1);
  if (history_.active())
    trace(TraceEntry::SEGMENT_FREE, block, block->size, std::move(block->segment_context));
  recycle(block);
}

// Unmaps the whole units inside a free block of an expandable segment; what remains at its ends stays free.
void DeviceMemory::shrink_segment(Block* block) {
  ExpandableSegment& segment = *block->segment;
  const auto offset = static_cast<size_t>(block->data - segment.base());
  const size_t begin = segment.round_up(offset);
  const size_t end = segment.round_down(offset + block->size);
  if (begin >= end) return;
  segment.unmap(segment.base() + begin, end - begin);
  erase_free(block);
  if (begin > offset) {
    Block* right = split(block, begin - offset);
    insert_free(block);
    block = right;
  }
  if (block->size > end - begin) insert_free(split(block, end - begin));
  block->mapped = false;
  ++stats_.num_device_free;
  change(stats_.reserved_bytes, block->small, -static_cast<int64_t>(end - begin));
  if (history_.active()) trace(TraceEntry::SEGMENT_UNMAP, block, end - begin, nullptr);

  std::vector<Block*>& unmapped = block->owner->unmapped;
  const auto forget = [&](Block* joined) {
    unmapped.erase(std::find(unmapped.begin(), unmapped.end(), joined));
  };
  if (block->next != nullptr && !block->next->mapped) {
    forget(block->next);
    absorb_next(block);
  }
  if (block->previous != nullptr && !block->previous->mapped) {
    block = block->previous;
    absorb_next(block);
  } else {
    unmapped.push_back(block);
  }
  if (!block->is_split()) drop_unmapped(block);
}

// An expandable segment without memory gives its addresses back.
void DeviceMemory::drop_unmapped(Block* block) noexcept {
  std::vector<Block*>& unmapped = block->owner->unmapped;
  unmapped.erase(std::find(unmapped.begin(), unmapped.end(), block));
  segments_.erase(block);
  change(stats_.segment, block->small, -1);
  delete block->segment;
  recycle(block);
}

void DeviceMemory::throw_out_of_memory(Lock& lock, size_t requested, const Context& context) {
  ++stats_.num_ooms;
  const auto allocated = static_cast<size_t>(stats_.allocated_bytes[0].current);
  const auto reserved = static_cast<size_t>(stats_.reserved_bytes[0].current);
  const double fraction = fraction_;
  const auto [free, total] = memory_info(device_);
  history_.record(TraceEntry::OOM, reinterpret_cast<const void*>(free), requested, nullptr, context);
  lock.unlock();
  const c10::Device device(c10::DeviceType::PrivateUse1, device_);
  c10::reportOutOfMemoryToProfiler(static_cast<int64_t>(requested), allocated, reserved, device);
  std::string limit;
  if (fraction < 1.0) {
    limit = " This process may use " +
            format_size(static_cast<size_t>(fraction * static_cast<double>(total))) +
            " (set_per_process_memory_fraction).";
  }
  TORCH_CHECK_WITH(OutOfMemoryError, false, "NPU out of memory. Tried to allocate ", format_size(requested),
                   " on npu:", static_cast<int>(device_), ", which has a total capacity of ",
                   format_size(total), " of which ", format_size(free),
                   " is free; this process has reserved ", format_size(reserved), " of it, ",
                   format_size(allocated), " allocated by PyTorch and ", format_size(reserved - allocated),
                   " reserved but unallocated.", limit,
                   " If reserved but unallocated memory is large, try setting "
                   "PYTORCH_NPU_ALLOC_CONF=expandable_segments:True to avoid fragmentation.");
}

void DeviceMemory::snapshot(std::vector<SegmentInfo>& segments, std::vector<TraceEntry>& trace_entries) {
  Lock lock(mutex_);
  settle_all();
  for (Block* head : segments_) {
    for (Block* block = head; block != nullptr;) {
      if (!block->mapped) {
        block = block->next;
        continue;
      }
      SegmentInfo info;
      block = describe_stretch(block, info);
      segments.push_back(std::move(info));
    }
  }
  trace_entries = history_.entries();
}

}  // namespace npu
