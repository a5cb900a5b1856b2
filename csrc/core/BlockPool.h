// The bookkeeping of cached device memory: blocks, free lists with best fit, and the way from an address to
// its block.
//
// Note [Caching of device memory]
//
// Device memory comes from CANN in segments, which are split into blocks. A block is free or belongs to a
// tensor; free neighbours are joined. Every stream has blocks of its own, small ones (up to 1 MiB, cut from 2
// MiB segments) apart from large ones, because memory that was freed may be used again at once by work of the
// same stream: that work runs after whatever used it before. A block that other streams use too
// (record_stream) is free only when events recorded on them at the time of its release have completed.
//
// Segments go back to CANN when the cache is emptied or when an allocation fails. Work on free blocks may
// still be running then, so the device is synchronised first, without the lock, and only blocks that were
// free before that are given back: `freed_at` is compared with the counter read before synchronising.
//
// With expandable segments a stream has one address range for each size class, as large as the device, to
// whose end physical memory is added, so that memory freed by small tensors serves large ones.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <c10/core/AllocatorConfig.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/Stream.h>

#include "csrc/core/NPUStream.h"

namespace npu {

class ExpandableSegment;
struct StreamMemory;

struct Block {
  char* data = nullptr;
  size_t size = 0;
  size_t requested = 0;       // what the caller asked for
  Block* previous = nullptr;  // neighbours by address, in the same segment
  Block* next = nullptr;
  Block* free_previous = nullptr;  // neighbours in a free list
  Block* free_next = nullptr;
  StreamMemory* owner = nullptr;
  ExpandableSegment* segment = nullptr;  // null in an ordinary segment
  uint64_t freed_at = 0;                 // DeviceMemory's counter when it (or its latest part) became free
  uint32_t pending_events = 0;           // of other streams that used it
  c10::DeviceIndex device = -1;
  bool small = false;
  bool allocated = false;
  bool resting = false;            // see StreamMemory::resting
  bool mapped = true;              // false: addresses of an expandable segment without memory behind them
  std::vector<NPUStream> used_by;  // other streams, from record_stream
  std::shared_ptr<c10::GatheredContext> context;          // of the allocation, where history is recorded
  std::shared_ptr<c10::GatheredContext> segment_context;  // of the segment, on its first block

  bool is_split() const noexcept { return previous != nullptr || next != nullptr; }
  bool is_free() const noexcept { return !allocated && !resting && pending_events == 0 && used_by.empty(); }
};

// Free blocks of one size class of one stream, by size. Exact bins of 512 bytes below 2 MiB, eight bins for
// each power of two above; a bitmap finds the next bin that is not empty, so that best fit costs the same for
// one block or many.
class FreeList {
 public:
  void insert(Block* block) noexcept;
  void erase(Block* block) noexcept;

  // The smallest block of at least `size` bytes, most recently freed first; null where there is none.
  Block* find(size_t size) const noexcept;

  template <typename Visitor>
  void for_each(Visitor visit) const {
    for (Block* head : bins_) {
      for (Block* block = head; block != nullptr;) {
        Block* following = block->free_next;  // `block` may leave the list
        visit(block);
        block = following;
      }
    }
  }

 private:
  static constexpr size_t kUnit = c10::CachingAllocator::kMinBlockSize;
  static constexpr int kExactBins = 4096;
  static constexpr int kSubBits = 3;
  static constexpr int kFirstPower = 21;  // log2(kUnit * kExactBins)
  static constexpr int kLastPower = 47;
  static constexpr int kBins = kExactBins + ((kLastPower - kFirstPower + 1) << kSubBits);
  static constexpr int kWords = (kBins + 63) / 64;
  static constexpr int kSummaryWords = (kWords + 63) / 64;

  static int bin_of(size_t size) noexcept;
  int first_bin_from(int bin) const noexcept;  // -1 where all are empty
  static Block* smallest_in(Block* head, size_t size) noexcept;

  std::array<Block*, kBins> bins_{};
  std::array<uint64_t, kWords> filled_{};
  std::array<uint64_t, kSummaryWords> summary_{};
};

// What one stream of one device owns.
struct StreamMemory {
  explicit StreamMemory(c10::StreamId stream) : id(stream) {}

  FreeList& free_list(bool small) { return small ? small_free : large_free; }

  c10::StreamId id;
  FreeList small_free;
  FreeList large_free;
  // The small block that was freed last. The next request is often for its size, and then it is spared the
  // way into the list and out again, with the joining and splitting that belong to it.
  Block* resting = nullptr;
  std::vector<Block*> unmapped;  // tails and holes of expandable segments, both size classes
};

// From the address of an allocated block to the block, without a lock: three levels of tables, grown as
// needed. An address is entered before it is handed out, and whoever frees it got it from there.
class BlockMap {
 public:
  Block* find(const void* address) const noexcept {
    const auto value = reinterpret_cast<uintptr_t>(address);
    const uintptr_t unit = value >> kUnitBits;
    if ((value & ((1 << kUnitBits) - 1)) != 0 || unit >> (kLeafBits + kMiddleBits + kTopBits) != 0)
      return nullptr;
    const Middle* middle =
        top_[index(unit, kLeafBits + kMiddleBits, kTopBits)].load(std::memory_order_acquire);
    if (middle == nullptr) return nullptr;
    const Leaf* leaf = (*middle)[index(unit, kLeafBits, kMiddleBits)].load(std::memory_order_acquire);
    return leaf == nullptr ? nullptr : (*leaf)[index(unit, 0, kLeafBits)].load(std::memory_order_relaxed);
  }
  void set(const void* address, Block* block);

 private:
  static constexpr int kLeafBits = 12;
  static constexpr int kMiddleBits = 14;
  static constexpr int kTopBits = 13;
  static constexpr int kUnitBits = 9;  // blocks start at multiples of 512
  using Leaf = std::array<std::atomic<Block*>, 1 << kLeafBits>;
  using Middle = std::array<std::atomic<Leaf*>, 1 << kMiddleBits>;

  static size_t index(uintptr_t unit, int shift, int bits) {
    return (unit >> shift) & ((size_t{1} << bits) - 1);
  }

  std::array<std::atomic<Middle*>, 1 << kTopBits> top_{};
};

}  // namespace npu
