#include "csrc/core/DeviceMemory.h"

#include <algorithm>
#include <array>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/acl/Log.h"
#include "csrc/core/AllocatorSettings.h"
#include "csrc/core/NPUEvent.h"
#include "csrc/core/NPUGuard.h"

namespace npu {
namespace {

using c10::CachingAllocator::kMinBlockSize;
using c10::CachingAllocator::kSmallSize;
using c10::CachingAllocator::StatArray;
using c10::CachingAllocator::StatType;
using c10::CachingDeviceAllocator::RecordContext;
using Config = c10::CachingAllocator::AcceleratorAllocatorConfig;

size_t stat_of(bool small) {
  return static_cast<size_t>(small ? StatType::SMALL_POOL : StatType::LARGE_POOL);
}

C10_ALWAYS_INLINE void increase(StatArray& stat, bool small, size_t amount) {
  stat[0].increase(amount);
  stat[stat_of(small)].increase(amount);
}

C10_ALWAYS_INLINE void decrease(StatArray& stat, bool small, size_t amount) {
  stat[0].decrease(amount);
  stat[stat_of(small)].decrease(amount);
}

void add(StatArray& stat, bool small, int64_t change) {
  if (change > 0) {
    increase(stat, small, static_cast<size_t>(change));
  } else {
    decrease(stat, small, static_cast<size_t>(-change));
  }
}

// Events are recorded and completed all the time where tensors cross streams; they are reused.
class EventPool {
 public:
  aclrtEvent take(c10::DeviceIndex device) {
    Shelf& shelf = shelves_[device];
    {
      std::lock_guard<std::mutex> lock(shelf.mutex);
      if (!shelf.events.empty()) {
        aclrtEvent event = shelf.events.back();
        shelf.events.pop_back();
        return event;
      }
    }
    return create_event(/*timing=*/false);
  }

  void put_back(aclrtEvent event, c10::DeviceIndex device) {
    std::lock_guard<std::mutex> lock(shelves_[device].mutex);
    shelves_[device].events.push_back(event);
  }

 private:
  struct Shelf {
    std::mutex mutex;
    std::vector<aclrtEvent> events;
  };
  std::array<Shelf, kMaxDevices> shelves_;
};

EventPool& event_pool() {
  static auto* pool = new EventPool;
  return *pool;
}

}  // namespace

DeviceMemory::DeviceMemory(c10::DeviceIndex device) : device_(device), history_(device) {
  total_memory_ = memory_info(device).second;
  history_.configure(/*clear=*/false);
}

BlockMap& DeviceMemory::block_map() noexcept {
  static constinit BlockMap map;
  return map;
}

StreamMemory& DeviceMemory::stream_memory(c10::StreamId stream) {
  if (C10_LIKELY(stream == 0)) return default_stream_;
  std::unique_ptr<StreamMemory>& slot = other_streams_[stream];
  if (slot == nullptr) slot = std::make_unique<StreamMemory>(stream);
  return *slot;
}

Block* DeviceMemory::new_block() {
  if (spare_blocks_.empty()) {
    constexpr size_t kBatch = 64;
    auto* blocks = new Block[kBatch];  // never returned: addresses of freed memory may still lead to them
    for (size_t i = 0; i < kBatch; ++i) spare_blocks_.push_back(&blocks[i]);
  }
  Block* block = spare_blocks_.back();
  spare_blocks_.pop_back();
  block->device = device_;
  return block;
}

void DeviceMemory::recycle(Block* block) noexcept {
  block->segment_context.reset();
  block->mapped = true;
  block->segment = nullptr;
  block->previous = block->next = nullptr;
  spare_blocks_.push_back(block);
}

Block* DeviceMemory::split(Block* block, size_t size) {
  Block* right = new_block();
  right->data = block->data + size;
  right->size = block->size - size;
  right->owner = block->owner;
  right->segment = block->segment;
  right->freed_at = block->freed_at;
  right->small = block->small;
  right->mapped = block->mapped;
  right->previous = block;
  right->next = block->next;
  if (right->next != nullptr) right->next->previous = right;
  block->next = right;
  block->size = size;
  return right;
}

void DeviceMemory::absorb_next(Block* block) noexcept {
  Block* next = block->next;
  block->size += next->size;
  block->freed_at = std::max(block->freed_at, next->freed_at);
  block->next = next->next;
  if (block->next != nullptr) block->next->previous = block;
  recycle(next);
}

Block* DeviceMemory::join_free_neighbours(Block* block) noexcept {
  const auto joinable = [](const Block* neighbour) {
    return neighbour != nullptr && neighbour->mapped && neighbour->is_free();
  };
  if (joinable(block->next)) {
    erase_free(block->next);
    absorb_next(block);
  }
  if (joinable(block->previous)) {
    block = block->previous;
    erase_free(block);
    absorb_next(block);
  }
  return block;
}

// Free parts of a segment in use cannot go back to CANN; they are counted. In an expandable segment they can.
void DeviceMemory::insert_free(Block* block) noexcept {
  block->owner->free_list(block->small).insert(block);
  if (block->is_split() && block->segment == nullptr) note_inactive_split(block, 1);
}

void DeviceMemory::erase_free(Block* block) noexcept {
  block->owner->free_list(block->small).erase(block);
  if (block->is_split() && block->segment == nullptr) note_inactive_split(block, -1);
}

// An allocation takes a free block away and puts its rest back: only the net change of both is a statistic.
void DeviceMemory::note_inactive_split(const Block* block, int64_t sign) noexcept {
  InactiveSplit& change = inactive_split_[block->small];
  change.blocks += sign;
  change.bytes += sign * static_cast<int64_t>(block->size);
}

void DeviceMemory::count_inactive_split(bool small) noexcept {
  InactiveSplit& change = inactive_split_[small];
  if (change.blocks != 0) add(stats_.inactive_split, small, change.blocks);
  if (change.bytes != 0) add(stats_.inactive_split_bytes, small, change.bytes);
  change = {};
}

// The resting block becomes an ordinary free one.
void DeviceMemory::settle(StreamMemory& owner) noexcept {
  Block* block = std::exchange(owner.resting, nullptr);
  if (block == nullptr) return;
  block->resting = false;
  insert_free(join_free_neighbours(block));
}

void DeviceMemory::settle_all() noexcept {
  settle(default_stream_);
  for (auto& [stream, memory] : other_streams_) settle(*memory);
}

// The resting block, where it has just the size.
Block* DeviceMemory::take_resting(StreamMemory& owner, size_t size) noexcept {
  Block* block = owner.resting;
  if (block == nullptr || block->size != size) return nullptr;
  owner.resting = nullptr;
  block->resting = false;
  return block;
}

Block* DeviceMemory::take_free(StreamMemory& owner, bool small, size_t size) {
  if (small) settle(owner);
  Block* block = owner.free_list(small).find(size);
  if (block == nullptr) return nullptr;
  if (!small) {  // blocks above max_split_size serve only requests of about their size
    const size_t limit = Config::max_split_size();
    if (size < limit && block->size >= limit) return nullptr;
    if (size >= limit && block->size >= size + Config::max_non_split_rounding_size()) return nullptr;
  }
  erase_free(block);
  return block;
}

void* DeviceMemory::allocate(size_t size, c10::StreamId stream) {
  Context context = gather_context(RecordContext::STATE);
  const size_t rounded = rounded_size(size);
  const bool small = rounded <= kSmallSize;
  Lock lock(mutex_);
  if (C10_UNLIKELY(pending_ != 0)) process_events();
  StreamMemory& owner = stream_memory(stream);
  Block* block = take_resting(owner, rounded);
  if (block == nullptr) {
    block = take_free(owner, small, rounded);
    if (C10_UNLIKELY(block == nullptr)) block = allocate_slow(lock, owner, small, rounded, size, context);
    trim(block, rounded);
  }
  return hand_out(block, size, std::move(context));
}

// Cuts what is more than `size` off a block that is about to be handed out.
void DeviceMemory::trim(Block* block, size_t size) {
  const size_t rest = block->size - size;
  const bool fine = block->small || block->segment != nullptr;
  if (fine ? rest >= kMinBlockSize : size < Config::max_split_size() && rest > kSmallSize) {
    insert_free(split(block, size));
  }
  block_map().set(block->data, block);
  count_inactive_split(block->small);
}

void* DeviceMemory::hand_out(Block* block, size_t requested, Context context) {
  block->allocated = true;
  block->requested = requested;
  const bool small = block->small;
  increase(stats_.allocation, small, 1);
  increase(stats_.allocated_bytes, small, block->size);
  increase(stats_.active, small, 1);
  increase(stats_.active_bytes, small, block->size);
  increase(stats_.requested_bytes, small, requested);
  if (!small && block->size >= Config::max_split_size()) stats_.oversize_allocations.increase(1);
  if (C10_UNLIKELY(history_.active())) {
    block->context = context;
    trace(TraceEntry::ALLOC, block, requested, std::move(context));
  }
  c10::reportMemoryUsageToProfiler(block->data, static_cast<int64_t>(block->size),
                                   stats_.allocated_bytes[0].current, stats_.reserved_bytes[0].current,
                                   c10::Device(c10::DeviceType::PrivateUse1, device_));
  return block->data;
}

void DeviceMemory::free(Block* block, const void* data) {
  Context context = gather_context(RecordContext::ALL);
  Lock lock(mutex_);
  TORCH_CHECK(block->data == data && block->allocated, "The address ", data,
              " is not that of allocated memory of npu:", static_cast<int>(device_),
              "; it may have been freed before.");
  block->allocated = false;
  block->freed_at = ++counter_;
  const bool small = block->small;
  decrease(stats_.allocation, small, 1);
  decrease(stats_.allocated_bytes, small, block->size);
  decrease(stats_.requested_bytes, small, block->requested);
  if (!small && block->size >= Config::max_split_size()) stats_.oversize_allocations.decrease(1);
  c10::reportMemoryUsageToProfiler(block->data, -static_cast<int64_t>(block->size),
                                   stats_.allocated_bytes[0].current, stats_.reserved_bytes[0].current,
                                   c10::Device(c10::DeviceType::PrivateUse1, device_));
  if (C10_UNLIKELY(history_.active()))
    trace(TraceEntry::FREE_REQUESTED, block, block->requested, std::move(context));
  if (C10_LIKELY(block->used_by.empty())) {
    release(block);
  } else {
    release_later(lock, block);
  }
  if (C10_UNLIKELY(memory_caching_disabled())) {
    try {
      release_cached(lock);
    } catch (const std::exception& error) {  // this runs in destructors
      log(LogLevel::kWarning, std::string("freed memory was not returned to CANN: ") + error.what());
    }
  }
}

void DeviceMemory::release(Block* block) {
  decrease(stats_.active, block->small, 1);
  decrease(stats_.active_bytes, block->small, block->size);
  if (C10_UNLIKELY(history_.active())) {
    trace(TraceEntry::FREE_COMPLETED, block, block->requested, std::move(block->context));
  }
  block->context.reset();
  const bool small = block->small;
  StreamMemory& owner = *block->owner;
  if (C10_LIKELY(small)) {
    block->resting = true;  // before its neighbour is settled, which would join with a free block
    settle(owner);
    owner.resting = block;
  } else {
    insert_free(join_free_neighbours(block));
  }
  count_inactive_split(small);
}

void DeviceMemory::record_stream(Block* block, const NPUStream& stream) {
  Lock lock(mutex_);
  if (stream.device_index() == device_ && stream.id() == block->owner->id) return;
  std::vector<NPUStream>& used = block->used_by;
  if (std::find(used.begin(), used.end(), stream) == used.end()) used.push_back(stream);
}

// Runs in destructors, so a stream that does not take the event is a warning. It has failed, and runs nothing
// any more, or there is no event left: then only waiting for it tells that it has passed, without the lock,
// because other threads allocate meanwhile, and one of them may be what the stream waits for.
void DeviceMemory::release_later(Lock& lock, Block* block) {
  std::vector<NPUStream> silent;
  for (const NPUStream& stream : std::exchange(block->used_by, {})) {
    aclrtEvent event = nullptr;
    try {
      const NPUGuard guard(stream.device_index());
      event = event_pool().take(stream.device_index());
      NPU_CHECK(api().aclrtRecordEvent(event, stream.stream()));
      events_[stream].emplace_back(event, block);
      ++block->pending_events;
      ++pending_;
    } catch (const std::exception& error) {
      log(LogLevel::kWarning,
          std::string("a free waits for a stream that does not tell when it has passed: ") + error.what());
      if (event != nullptr) event_pool().put_back(event, stream.device_index());
      silent.push_back(stream);
    }
  }
  if (!silent.empty()) {
    ++block->pending_events;
    lock.unlock();
    for (const NPUStream& stream : silent) stream.wait_quietly();
    lock.lock();
    --block->pending_events;
  }
  if (block->pending_events == 0) release(block);
}

void DeviceMemory::process_events() {
  for (auto& [stream, queue] : events_) {
    if (queue.empty()) continue;
    const NPUGuard guard(stream.device_index());
    while (!queue.empty()) {
      const auto [event, block] = queue.front();
      bool passed = true;  // also where the stream failed: it discards what it has not run
      try {
        passed = query_event(event);
      } catch (const c10::Error&) {
      }
      if (!passed) break;
      queue.pop_front();
      --pending_;
      event_pool().put_back(event, stream.device_index());
      if (--block->pending_events == 0) release(block);
    }
  }
}

void DeviceMemory::empty_cache() {
  const NPUGuard guard(device_);
  Lock lock(mutex_);
  release_cached(lock);
}

DeviceMemory::Stats DeviceMemory::stats() {
  Lock lock(mutex_);
  settle_all();
  for (const bool small : {false, true}) count_inactive_split(small);
  Stats copy = stats_;
  copy.max_split_size = static_cast<int64_t>(Config::max_split_size());
  return copy;
}

namespace {

template <typename Action>
void for_each_stat(DeviceMemory::Stats& stats, Action action) {
  for (StatArray* array :
       {&stats.allocation, &stats.segment, &stats.active, &stats.inactive_split, &stats.allocated_bytes,
        &stats.reserved_bytes, &stats.active_bytes, &stats.inactive_split_bytes, &stats.requested_bytes}) {
    for (auto& stat : *array) action(stat);
  }
  action(stats.oversize_allocations);
  action(stats.oversize_segments);
}

}  // namespace

void DeviceMemory::reset_accumulated_stats() {
  Lock lock(mutex_);
  for_each_stat(stats_, [](auto& stat) { stat.reset_accumulated(); });
  stats_.num_alloc_retries = stats_.num_ooms = stats_.num_sync_all_streams = 0;
  stats_.num_device_alloc = stats_.num_device_free = 0;
}

void DeviceMemory::reset_peak_stats() {
  Lock lock(mutex_);
  for_each_stat(stats_, [](auto& stat) { stat.reset_peak(); });
}

void DeviceMemory::set_fraction(double fraction) {
  TORCH_CHECK_VALUE(fraction > 0 && fraction <= 1, "The memory fraction of npu:", static_cast<int>(device_),
                    " must be above 0 and at most 1, but is ", fraction, ".");
  Lock lock(mutex_);
  fraction_ = fraction;
}

double DeviceMemory::fraction() {
  Lock lock(mutex_);
  return fraction_;
}

std::pair<void*, size_t> DeviceMemory::base_allocation(Block* block) {
  Lock lock(mutex_);
  if (block->segment != nullptr) return {block->segment->base(), block->segment->capacity()};
  while (block->previous != nullptr) block = block->previous;
  void* base = block->data;
  size_t size = 0;
  for (; block != nullptr; block = block->next) size += block->size;
  return {base, size};
}

void DeviceMemory::configure_history(bool clear) {
  Lock lock(mutex_);
  history_.configure(clear);
}

void DeviceMemory::trace(TraceEntry::Action action, const Block* block, size_t size, Context context) {
  history_.record(action, block->data, size, NPUStream(device_, block->owner->id).stream(),
                  std::move(context));
}

}  // namespace npu
