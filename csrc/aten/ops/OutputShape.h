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

template <auto kPhaseOne, size_t kOutputs, size_t... kIndex, size_t... kOutput, class... Args>
std::array<at::DimVector, kOutputs> launch_and_wait(std::index_sequence<kIndex...>,
                                                    std::index_sequence<kOutput...>, const Args&... args) {
  using Proto = Prototype<decltype(kPhaseOne)>;
  OpEntry& op = entry<kPhaseOne>;
  op.require();
  CallDevice device;
  (device.add(args), ...);

  std::tuple<Converted<typename Proto::template Param<kIndex>>...> converted(args...);
  uint64_t workspace_size = 0;
  aclOpExecutor* executor = nullptr;
  const auto phase_one = reinterpret_cast<decltype(kPhaseOne)>(op.phase_one());
  const aclnnStatus status = phase_one(std::get<kIndex>(converted).value..., &workspace_size, &executor);
  if (C10_UNLIKELY(status != ACLNN_SUCCESS)) {
    const std::array<Shown, sizeof...(Args)> shown{show(args)...};
    refused(op, status, device, shown);
  }
  execute(op, workspace_size, executor, device);
  getCurrentNPUStream().synchronize();
  constexpr size_t kFirst = sizeof...(Args) - kOutputs;
  return {view_shape(std::get<kFirst + kOutput>(converted).value)...};
}

}  // namespace detail

// Like launch(), then waits and returns the real shapes of the last kOutputs arguments.
template <auto kPhaseOne, size_t kOutputs, class... Args>
std::array<at::DimVector, kOutputs> launch_for_shapes(const Args&... args) {
  static_assert(sizeof...(Args) == detail::Prototype<decltype(kPhaseOne)>::kArity,
                "launch_for_shapes(): not the number of arguments of this operator");
  return detail::launch_and_wait<kPhaseOne, kOutputs>(std::make_index_sequence<sizeof...(Args)>{},
                                                      std::make_index_sequence<kOutputs>{}, args...);
}

}  // namespace npu
