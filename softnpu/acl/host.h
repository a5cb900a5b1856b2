// Pinned host memory: what aclrtMallocHost gave or aclrtHostRegisterV2 registered.
#pragma once

#include <cstdint>

namespace softnpu {

// The pinned block around [address, address + size), if all of it lies in one.
bool is_pinned(uintptr_t address, uint64_t size);
bool find_pinned(uintptr_t address, uintptr_t* begin, uint64_t* size);

}  // namespace softnpu
