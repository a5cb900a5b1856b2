// Operators of the namespace npu::, and kernels that concern the device more than the numbers.
#pragma once

#include <cstdint>

namespace npu {

// Keeps the current stream busy for `cycles` clock cycles of the device; returns at once. For tests of
// streams.
void sleep(int64_t cycles);

}  // namespace npu
