// Operators that CANN cannot run are run on the CPU, and never silently: each is counted, warned about once,
// or refused, as TORCH_NPU_FALLBACK says (warn|error|quiet). Views are refused, since a copy would cut the
// link to their base.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <ATen/core/boxing/KernelFunction.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include "csrc/aten/Launch.h"

namespace npu {

// How often each operator, as "aten::name.overload", has run on the CPU for want of a kernel.
std::map<std::string, int64_t> fallback_stats();
void reset_fallback_stats();

namespace detail {

// Counts and warns; throws under TORCH_NPU_FALLBACK=error. `reason` is a sentence without its full stop.
void note_fallback(const c10::OperatorHandle& op, std::string_view reason);

// The boxed kernel: to the CPU, the CPU's kernel, back.
void run_on_cpu(const c10::OperatorHandle& op, c10::Stack* stack);

// "add.Tensor", or with a namespace in front.
c10::OperatorHandle find_operator(std::string_view name);

template <class Signature>
struct CpuFallback;

// Runs an operator on the CPU whose own kernel found at run time that this CANN lacks it.
template <class Result, class... Args>
struct CpuFallback<Result(Args...)> {
  static Result call(const char* name, const MissingOperator& missing, Args... args) {
    const c10::OperatorHandle op = find_operator(name);
    note_fallback(op, missing.what_without_backtrace());
    return c10::impl::BoxedKernelWrapper<Result(Args...)>::call(
        c10::BoxedKernel::makeFromFunction<&run_on_cpu>(), op, c10::DispatchKeySet(),
        std::forward<Args>(args)...);
  }
};

}  // namespace detail
}  // namespace npu
