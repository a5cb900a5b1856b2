#include "softnpu/acl/heap.h"

#include <algorithm>

#include "softnpu/acl/env.h"
#include "softnpu/acl/error.h"

namespace softnpu {
namespace {

constexpr uint64_t kSmall = uint64_t{1} << 20;
constexpr uint64_t kAlignment = 512;

}  // namespace

// The first reservation is the device's memory and an eighth more; a further one is only needed when the free
// ranges are too scattered for a request that the budget allows.
aclError Heap::add_segment(uint64_t least) {
  uint64_t size = std::max(round_up(settings().memory / 8 * 9, kUnit), least);
  std::string problem;
  uintptr_t begin = reserve_addresses(size, 0, &problem);
  if (begin == 0) return fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "device %d: %s.", device_, problem.c_str());
  uint64_t offset = store_.take_offset(size);
  if (offset == Extents::kNone || !map_bytes(begin, size, store_.fd(), offset)) {
    if (offset != Extents::kNone) store_.give_back(offset, size);
    release_addresses(begin, size);
    return fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "device %d: the system refused to map %s of device memory.",
                device_, size_text(size).c_str());
  }
  segments_.push_back({begin, size, offset});
  free_units_.give(begin, size);
  return ACL_SUCCESS;
}

uint64_t Heap::offset_of(uintptr_t address) const {
  for (const Segment& segment : segments_) {
    if (address - segment.begin < segment.size) return segment.offset + (address - segment.begin);
  }
  return Extents::kNone;
}

aclError Heap::take_units(uint64_t size, uintptr_t* address) {
  aclError result = store_.book(size);
  if (result != ACL_SUCCESS) return result;
  uint64_t begin = free_units_.take(size);
  if (begin == Extents::kNone) {
    result = add_segment(size);
    if (result == ACL_SUCCESS) begin = free_units_.take(size);
  }
  if (begin == Extents::kNone) {
    store_.unbook(size);
    return result;
  }
  *address = begin;
  return ACL_SUCCESS;
}

void Heap::drop_units(uintptr_t address, uint64_t size) {
  for (uintptr_t unit = address; unit < address + size; unit += kUnit) clear_page(unit);
  store_.punch(offset_of(address), size);
  store_.unbook(size);
  free_units_.give(address, size);
}

aclError Heap::allocate_small(uint64_t size, uintptr_t* address) {
  uint64_t begin = free_small_.take(size);
  if (begin == Extents::kNone) {
    uintptr_t unit = 0;
    aclError result = take_units(kUnit, &unit);
    if (result != ACL_SUCCESS) return result;
    touch_units(unit, kUnit);
    set_page(unit, {kUnit, device_, offset_of(unit) / kUnit});
    small_units_[unit] = 0;
    free_small_.give(unit, kUnit);
    begin = free_small_.take(size);
  }
  ++small_units_[begin / kUnit * kUnit];
  *address = begin;
  return ACL_SUCCESS;
}

aclError Heap::allocate(uint64_t size, void** address) {
  if (size > kWindowSize / 4) {
    return fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "device %d cannot have %s: it has %s.", device_,
                size_text(size).c_str(), size_text(settings().memory).c_str());
  }
  Block block{round_up(size, 32), 0, size < kSmall};
  block.reserved = round_up(block.size, block.small ? kAlignment : kUnit);
  uintptr_t begin = 0;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    aclError result =
        block.small ? allocate_small(block.reserved, &begin) : take_units(block.reserved, &begin);
    if (result != ACL_SUCCESS) return result;
    if (block.small) blocks_[begin] = block;
  }
  if (!block.small) {
    touch_units(begin, block.reserved);  // the slow part: outside of the lock
    std::lock_guard<std::mutex> guard(mutex_);
    blocks_[begin] = block;
    uint64_t first = offset_of(begin) / kUnit;
    for (uint64_t at = 0; at < block.reserved; at += kUnit) {
      set_page(begin + at, {std::min(kUnit, block.size - at), device_, first + at / kUnit});
    }
  }
  *address = reinterpret_cast<void*>(begin);
  return ACL_SUCCESS;
}

bool Heap::release(uintptr_t address) {
  std::lock_guard<std::mutex> guard(mutex_);
  auto found = blocks_.find(address);
  if (found == blocks_.end()) return false;
  Block block = found->second;
  blocks_.erase(found);
  if (!block.small) {
    drop_units(address, block.reserved);
    return true;
  }
  free_small_.give(address, block.reserved);
  uintptr_t unit = address / kUnit * kUnit;
  if (--small_units_[unit] == 0) {
    small_units_.erase(unit);
    free_small_.take_at(unit, kUnit);
    drop_units(unit, kUnit);
  }
  return true;
}

bool Heap::find(uintptr_t address, uintptr_t* begin, Block* block) {
  std::lock_guard<std::mutex> guard(mutex_);
  auto next = blocks_.upper_bound(address);
  if (next == blocks_.begin()) return false;
  --next;
  if (address - next->first >= next->second.size) return false;
  *begin = next->first;
  *block = next->second;
  return true;
}

bool Heap::owns(uintptr_t address) {
  std::lock_guard<std::mutex> guard(mutex_);
  return offset_of(address) != Extents::kNone;
}

void Heap::clear() {
  std::vector<uintptr_t> live;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    for (const auto& [address, block] : blocks_) live.push_back(address);
  }
  for (uintptr_t address : live) release(address);
}

}  // namespace softnpu
