// Pinned host memory: upstream's caching algorithm on CANN's memory, streams and events. A block that a copy
// reads or writes asynchronously is recorded on the copy's stream and is handed out again only when that copy
// has finished.
#pragma once

#include <ATen/core/CachingHostAllocator.h>

namespace npu {

at::HostAllocator* host_allocator();

// Whether `data` lies in pinned host memory, ours or anybody's. Never initialises: before the first use of a
// device nothing is pinned.
bool is_pinned_ptr(const void* data);

}  // namespace npu
