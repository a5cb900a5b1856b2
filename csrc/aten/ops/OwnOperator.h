// Calls operators of the namespace npu:: through the dispatcher, as their autograd functions must: a mode or
// a tensor subclass sees the call.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

namespace npu {

// `Function` is the signature of the kernel; `name` is qualified, "npu::npu_swiglu".
template <class Function>
auto own_operator(const char* name) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").template typed<Function>();
}

}  // namespace npu
