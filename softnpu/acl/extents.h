// Free ranges of a one-dimensional space: best fit, neighbours are joined, but never across a multiple of
// `barrier`.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace softnpu {

class Extents {
 public:
  static constexpr uint64_t kNone = ~uint64_t{0};

  explicit Extents(uint64_t barrier = 0) : barrier_(barrier) {}

  void give(uint64_t begin, uint64_t size) {
    auto next = by_begin_.lower_bound(begin);
    if (next != by_begin_.begin() && joins_at(begin)) {
      auto previous = std::prev(next);
      if (previous->first + previous->second == begin) {
        begin = previous->first;
        size += previous->second;
        drop(previous);
      }
    }
    if (next != by_begin_.end() && begin + size == next->first && joins_at(next->first)) {
      size += next->second;
      drop(next);
    }
    by_begin_.emplace(begin, size);
    by_size_.emplace(size, begin);
  }

  // The smallest free range that holds `size`, lowest address first; kNone where there is none.
  uint64_t take(uint64_t size) {
    auto found = by_size_.lower_bound({size, 0});
    if (found == by_size_.end()) return kNone;
    auto [length, begin] = *found;
    drop(by_begin_.find(begin));
    if (length > size) give(begin + size, length - size);
    return begin;
  }

  // Takes [begin, begin + size) out of a free range; false where any of it is not free.
  bool take_at(uint64_t begin, uint64_t size) {
    auto range = by_begin_.upper_bound(begin);
    if (range == by_begin_.begin()) return false;
    --range;
    uint64_t first = range->first, end = range->first + range->second;
    if (begin + size > end) return false;
    drop(range);
    if (begin > first) give(first, begin - first);
    if (begin + size < end) give(begin + size, end - begin - size);
    return true;
  }

 private:
  void drop(std::map<uint64_t, uint64_t>::iterator range) {
    by_size_.erase({range->second, range->first});
    by_begin_.erase(range);
  }

  bool joins_at(uint64_t boundary) const { return barrier_ == 0 || boundary % barrier_ != 0; }

  const uint64_t barrier_;
  std::map<uint64_t, uint64_t> by_begin_;
  std::set<std::pair<uint64_t, uint64_t>> by_size_;
};

}  // namespace softnpu
