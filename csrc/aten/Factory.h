// Uninitialised tensors on npu, for kernels that make their own results.
#pragma once

#include <optional>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/MemoryFormat.h>
#include <c10/core/ScalarType.h>

namespace npu {

at::Tensor empty(at::IntArrayRef sizes, at::ScalarType type, c10::Device device,
                 std::optional<at::MemoryFormat> format = std::nullopt);
at::Tensor empty_strided(at::IntArrayRef sizes, at::IntArrayRef strides, at::ScalarType type,
                         c10::Device device);

// Contiguous, with the sizes of `like`, on the current device. For the fast path: what is known of `like`
// need not be checked again.
at::Tensor empty_as(const at::Tensor& like, at::ScalarType type);

// Of the dtype and device of `like`.
inline at::Tensor empty(at::IntArrayRef sizes, const at::Tensor& like) {
  return empty(sizes, like.scalar_type(), like.device());
}

}  // namespace npu
