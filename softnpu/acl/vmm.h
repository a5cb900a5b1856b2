// Virtual memory: reserved addresses, physical ranges, and what is mapped where.
#pragma once

#include <cstdint>

#include "acl/acl_types.h"

namespace softnpu {

// The mapping of aclrtMapMem (or of an imported key) around the address.
bool find_mapping(uintptr_t address, uintptr_t* begin, uint64_t* size);

// A range of a device's memory that this process has opened for others, found again by its handle.
struct Shared {
  int pid, logical;
  uint32_t index, serial;
};
uint64_t encode_shared(const Shared& shared);
Shared decode_shared(uint64_t handle);

}  // namespace softnpu
