// Which device's memory an address range is.
#pragma once

#include <cstdint>

namespace softnpu {

// True where [address, address + size) is live memory of one device, to the byte; sets *device.
bool exact_device_range(uintptr_t address, uint64_t size, int* device);

}  // namespace softnpu
