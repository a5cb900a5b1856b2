#include "csrc/core/BlockPool.h"

#include <sys/mman.h>

#include <bit>

#include <c10/util/Exception.h>

namespace npu {

int FreeList::bin_of(size_t size) noexcept {
  const size_t units = size / kUnit;
  if (units < kExactBins) return static_cast<int>(units);
  const int power = std::min(63 - std::countl_zero(size), kLastPower);
  const int part = static_cast<int>((size >> (power - kSubBits)) & ((1 << kSubBits) - 1));
  return kExactBins + ((power - kFirstPower) << kSubBits) + part;
}

void FreeList::insert(Block* block) noexcept {
  const int bin = bin_of(block->size);
  Block*& head = bins_[bin];
  block->free_previous = nullptr;
  block->free_next = head;
  if (head != nullptr) head->free_previous = block;
  head = block;
  filled_[bin / 64] |= uint64_t{1} << (bin % 64);
  summary_[bin / 4096] |= uint64_t{1} << (bin / 64 % 64);
}

void FreeList::erase(Block* block) noexcept {
  const int bin = bin_of(block->size);
  if (block->free_next != nullptr) block->free_next->free_previous = block->free_previous;
  if (block->free_previous != nullptr) {
    block->free_previous->free_next = block->free_next;
  } else {
    bins_[bin] = block->free_next;
    if (block->free_next == nullptr) {
      filled_[bin / 64] &= ~(uint64_t{1} << (bin % 64));
      if (filled_[bin / 64] == 0) summary_[bin / 4096] &= ~(uint64_t{1} << (bin / 64 % 64));
    }
  }
  block->free_previous = block->free_next = nullptr;
}

int FreeList::first_bin_from(int bin) const noexcept {
  if (bin >= kBins) return -1;
  int word = bin / 64;
  if (const uint64_t bits = filled_[word] & (~uint64_t{0} << (bin % 64)); bits != 0) {
    return word * 64 + std::countr_zero(bits);
  }
  ++word;
  for (int part = word / 64; part < kSummaryWords; ++part) {
    uint64_t words = summary_[part];
    if (part == word / 64) words &= ~uint64_t{0} << (word % 64);
    if (words == 0) continue;
    const int found = part * 64 + std::countr_zero(words);
    return found * 64 + std::countr_zero(filled_[found]);
  }
  return -1;
}

Block* FreeList::smallest_in(Block* head, size_t size) noexcept {
  Block* best = nullptr;
  for (Block* block = head; block != nullptr; block = block->free_next) {
    if (block->size >= size && (best == nullptr || block->size < best->size)) best = block;
  }
  return best;
}

Block* FreeList::find(size_t size) const noexcept {
  const int wanted = bin_of(size);
  int bin = first_bin_from(wanted);
  if (bin < 0) return nullptr;
  if (bin < kExactBins) return bins_[bin];
  // The bin of the size itself also holds smaller blocks; those of later bins all fit.
  if (Block* found = smallest_in(bins_[bin], size)) return found;
  bin = first_bin_from(bin + 1);
  return bin < 0 ? nullptr : smallest_in(bins_[bin], size);
}

namespace {

// Zero pages on demand: a table of 32 KiB costs only what is touched.
template <typename Table>
Table* new_table() {
  void* memory = ::mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  TORCH_CHECK(memory != MAP_FAILED, "There is no host memory left for the tables of the npu allocator.");
  return static_cast<Table*>(memory);
}

template <typename Table>
Table* get_or_create(std::atomic<Table*>& slot) {
  Table* table = slot.load(std::memory_order_acquire);
  if (table != nullptr) return table;
  Table* created = new_table<Table>();
  if (slot.compare_exchange_strong(table, created, std::memory_order_acq_rel)) return created;
  ::munmap(created, sizeof(Table));
  return table;
}

}  // namespace

void BlockMap::set(const void* address, Block* block) {
  const auto value = reinterpret_cast<uintptr_t>(address);
  const uintptr_t unit = value >> kUnitBits;
  TORCH_INTERNAL_ASSERT(
      (value & ((1 << kUnitBits) - 1)) == 0 && unit >> (kLeafBits + kMiddleBits + kTopBits) == 0,
      "CANN returned the device address ", address, ", which is not a multiple of 512 below 2^48.");
  Middle* middle = get_or_create(top_[index(unit, kLeafBits + kMiddleBits, kTopBits)]);
  Leaf* leaf = get_or_create((*middle)[index(unit, kLeafBits, kMiddleBits)]);
  (*leaf)[index(unit, 0, kLeafBits)].store(block, std::memory_order_relaxed);
}

}  // namespace npu
