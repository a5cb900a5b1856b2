// Reductions in the order of the ranks: the same bits on every rank, in every run, by every path.
#pragma once

#include <cstdint>

namespace softnpu::hccl {

// For each i below `count`: outputs[*][i] = inputs[0][i] op inputs[1][i] op ...; half types are accumulated
// in float32. Outputs may be inputs. `streaming` writes around the caches, for results larger than they are.
void reduce(int32_t dtype, int32_t op, const void* const* inputs, uint32_t inputs_size, void* const* outputs,
            uint32_t outputs_size, uint64_t count, bool streaming);

// memcpy that can write around the caches.
void copy(void* to, const void* from, uint64_t bytes, bool streaming);

// Whether so many bytes are more than the caches hold.
bool exceeds_caches(uint64_t bytes);

}  // namespace softnpu::hccl
