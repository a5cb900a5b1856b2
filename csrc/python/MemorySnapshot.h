// The allocator's segments and history as Python objects, in the layout that pytorch.org/memory_viz reads.
#pragma once

#include <string>

#include "csrc/python/Bindings.h"

namespace npu::python {

// {"segments": [...], "device_traces": [[...] per device]}
py::dict memory_snapshot();

// `context` says when stacks are captured: "never" (off), "state", "alloc" or "all"; `cpp` adds C++ frames.
void record_memory_history(bool enabled, const std::string& context, bool cpp, size_t max_entries);

}  // namespace npu::python
