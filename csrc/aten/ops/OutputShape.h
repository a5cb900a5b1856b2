// Operators whose result has an extent that only the kernel knows (nonzero, masked_select, unique, ...): they
// get results of the largest possible extent, and report the real one by changing the view shape of the
// descriptor before the stream has finished. So the host waits for the stream here; nothing else in csrc/aten
// does.
#pragma once

#include <array>
#include <memory>
#include <utility>

#include "csrc/acl/Error.h"
#include "csrc/aten/Launch.h"
#include "csrc/core/NPUStream.h"

namespace npu {
namespace detail {

inline at::DimVector view_shape(const aclTensor* tensor) {
  int64_t* dims = nullptr;
  uint64_t rank = 0;
  NPU_CHECK(api().aclGetViewShape(tensor, &dims, &rank));
  const std::unique_ptr<int64_t[]> owned(dims);  // the ABI hands the array over
  return at::DimVector(dims, dims + rank);
}

// The last descriptors of a call, which are those of its outputs.
template <class Converted, size_t... kOutput>
std::array<at::DimVector, sizeof...(kOutput)> output_shapes(const Converted& converted,
                                                            std::index_sequence<kOutput...>) {
  constexpr size_t kFirst = std::tuple_size_v<Converted> - sizeof...(kOutput);
  return {view_shape(std::get<kFirst + kOutput>(converted).value)...};
}

}  // namespace detail

// Like launch(), then waits and returns the real shapes of the last kOutputs arguments.
template <auto kPhaseOne, size_t kOutputs, class... Args>
std::array<at::DimVector, kOutputs> launch_for_shapes(const Args&... args) {
  static_assert(sizeof...(Args) == detail::Prototype<decltype(kPhaseOne)>::kArity,
                "launch_for_shapes(): not the number of arguments of this operator");
  const auto wait = [](const auto& converted) {
    getCurrentNPUStream().synchronize();
    return detail::output_shapes(converted, std::make_index_sequence<kOutputs>{});
  };
  return detail::launch_converted<kPhaseOne>(std::make_index_sequence<sizeof...(Args)>{}, wait, args...);
}

}  // namespace npu
