// aclrtMalloc and aclrtFree of one device. Blocks of 1 MiB and more are whole units of 2 MiB; smaller ones
// share units that are given back when their last block is freed.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "softnpu/acl/extents.h"
#include "softnpu/acl/pages.h"
#include "softnpu/acl/store.h"

namespace softnpu {

class Heap {
 public:
  struct Block {
    uint64_t size;      // what was asked for, rounded up to 32
    uint64_t reserved;  // what it takes
    bool small;
  };

  Heap(Store& store, int device) : store_(store), device_(device) {}

  aclError allocate(uint64_t size, void** address);
  // False where `address` is not the begin of a live block.
  bool release(uintptr_t address);
  // The live block around `address`.
  bool find(uintptr_t address, uintptr_t* begin, Block* block);
  // True where the address lies in this heap's reservations, live or not.
  bool owns(uintptr_t address);
  // Gives everything back.
  void clear();

 private:
  struct Segment {
    uintptr_t begin;
    uint64_t size, offset;
  };

  aclError take_units(uint64_t size, uintptr_t* address);
  void drop_units(uintptr_t address, uint64_t size);
  aclError add_segment(uint64_t least);
  uint64_t offset_of(uintptr_t address) const;
  aclError allocate_small(uint64_t size, uintptr_t* address);

  Store& store_;
  const int device_;
  std::mutex mutex_;
  std::vector<Segment> segments_;
  Extents free_units_;
  Extents free_small_{kUnit};
  std::map<uintptr_t, int> small_units_;  // begin of a shared unit -> its live blocks
  std::map<uintptr_t, Block> blocks_;
};

}  // namespace softnpu
