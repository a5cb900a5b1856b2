// The cached memory of one device; see Note [Caching of device memory].
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "csrc/core/BlockPool.h"
#include "csrc/core/ExpandableSegment.h"
#include "csrc/core/MemoryHistory.h"
#include "csrc/core/NPUStream.h"

namespace npu {

class DeviceMemory {
 public:
  using Stats = c10::CachingDeviceAllocator::DeviceStats;

  // The thread must be bound to the device.
  explicit DeviceMemory(c10::DeviceIndex device);

  void* allocate(size_t size, c10::StreamId stream);
  void free(Block* block, const void* data);
  void record_stream(Block* block, const NPUStream& stream);
  void empty_cache();

  Stats stats();
  void reset_accumulated_stats();
  void reset_peak_stats();

  void set_fraction(double fraction);
  double fraction();

  std::pair<void*, size_t> base_allocation(Block* block);
  void configure_history(bool clear);
  void snapshot(std::vector<c10::CachingDeviceAllocator::SegmentInfo>& segments,
                std::vector<c10::CachingDeviceAllocator::TraceEntry>& trace);

  static BlockMap& block_map() noexcept;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using Context = std::shared_ptr<c10::GatheredContext>;
  using TraceEntry = c10::CachingDeviceAllocator::TraceEntry;

  struct ByAddress {
    bool operator()(const Block* left, const Block* right) const noexcept { return left->data < right->data; }
  };

  // Changes that are not in the statistics yet.
  struct InactiveSplit {
    int64_t blocks = 0;
    int64_t bytes = 0;
  };

  // DeviceMemory.cpp: blocks
  StreamMemory& stream_memory(c10::StreamId stream);
  Block* new_block();
  void recycle(Block* block) noexcept;
  Block* split(Block* block, size_t size);             // returns the right part
  void absorb_next(Block* block) noexcept;             // joins block->next, which is in no list, into block
  Block* join_free_neighbours(Block* block) noexcept;  // returns the joined block, in no list
  void insert_free(Block* block) noexcept;
  void erase_free(Block* block) noexcept;
  void note_inactive_split(const Block* block, int64_t sign) noexcept;
  void count_inactive_split(bool small) noexcept;
  void settle(StreamMemory& owner) noexcept;
  void settle_all() noexcept;
  Block* take_free(StreamMemory& owner, bool small, size_t size);
  Block* take_resting(StreamMemory& owner, size_t size) noexcept;
  void trim(Block* block, size_t size);
  void* hand_out(Block* block, size_t requested, Context context);
  void release(Block* block);  // the last use of it has ended
  void release_later(Lock& lock, Block* block);
  void process_events();

  // DeviceSegments.cpp: segments
  Block* allocate_slow(Lock& lock, StreamMemory& owner, bool small, size_t size, size_t requested,
                       const Context& context);
  Block* new_segment(StreamMemory& owner, bool small, size_t size, const Context& context);
  Block* extend_segment(StreamMemory& owner, bool small, size_t size, const Context& context);
  Block* find_extensible(StreamMemory& owner, bool small, size_t size, const Context& context);
  bool exceeds_limit(size_t size) const noexcept;
  uint64_t synchronize_unlocked(Lock& lock);  // blocks freed at or before the result are idle
  void release_cached(Lock& lock);
  void release_oversize(Lock& lock, StreamMemory& owner, size_t size);
  void collect_garbage(Lock& lock);
  void release_segment(Block* block);
  void shrink_segment(Block* block);
  void drop_unmapped(Block* block) noexcept;
  [[noreturn]] void throw_out_of_memory(Lock& lock, size_t requested, const Context& context);

  void trace(TraceEntry::Action action, const Block* block, size_t size, Context context);

  const c10::DeviceIndex device_;
  size_t total_memory_ = 0;
  std::mutex mutex_;
  double fraction_ = 1.0;
  Stats stats_;
  std::array<InactiveSplit, 2> inactive_split_;  // [small]
  uint64_t counter_ = 0;                         // of frees: Block::freed_at
  size_t pending_ = 0;                           // events in all queues
  StreamMemory default_stream_{0};
  std::unordered_map<c10::StreamId, std::unique_ptr<StreamMemory>> other_streams_;
  std::unordered_map<NPUStream, std::deque<std::pair<aclrtEvent, Block*>>> events_;
  std::set<Block*, ByAddress> segments_;  // the first block of each
  std::vector<Block*> spare_blocks_;
  MemoryHistory history_;
};

}  // namespace npu
