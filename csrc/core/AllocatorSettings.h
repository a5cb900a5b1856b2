// Settings of the allocators: upstream's c10::CachingAllocator::AcceleratorAllocatorConfig, fed by
// PYTORCH_ALLOC_CONF (which torch reads) and PYTORCH_NPU_ALLOC_CONF (read here, its keys win).
#pragma once

#include <cstddef>

namespace npu {

// Parses PYTORCH_NPU_ALLOC_CONF once. Throws a c10::ValueError that names the variable; not done at import,
// because a wrong value must not keep torch from being imported.
void ensure_allocator_settings();

// A request in the unit of the allocator: multiples of 512 bytes, or parts of a power of two where
// roundup_power2_divisions asks for them.
size_t rounded_size(size_t size);

// Bytes to ask CANN for when a request of `size` rounded bytes finds no free block.
size_t segment_size(size_t size);

bool use_expandable_segments();
bool memory_caching_disabled();

}  // namespace npu
