// Small things that rows of several families share.
#pragma once

#include <ATen/core/Tensor.h>

#include "softnpu/aclnn/kernel.h"

namespace softnpu {

// Writes a result of the same shape, in whatever dtype the output has.
inline void put(at::Tensor& out, const at::Tensor& result) {
  TORCH_CHECK(out.sizes() == result.sizes(), "the result has shape ", result.sizes(), " but the output has ",
              out.sizes());
  out.copy_(result);
}

inline void put(MaybeTensor& out, const at::Tensor& result) {
  if (out) put(out.tensor, result);
}

// As many elements in another shape: rows whose statistics the ABI and ATen shape differently.
inline void put_flat(at::Tensor& out, const at::Tensor& result) {
  TORCH_CHECK(out.numel() == result.numel(), "the result has ", result.numel(), " elements but the output has ",
              out.numel());
  out.copy_(result.reshape(out.sizes()));
}

inline void put_flat(MaybeTensor& out, const at::Tensor& result) {
  if (out) put_flat(out.tensor, result);
}

// What an optional tensor without elements means in this ABI: absent.
inline std::optional<at::Tensor> present(OptIn tensor) {
  if (!tensor.has_value() || !tensor->defined() || tensor->numel() == 0) return std::nullopt;
  return *tensor;
}

inline bool is_mixed(const at::Tensor& a, const at::Tensor& b) { return a.scalar_type() != b.scalar_type(); }

}  // namespace softnpu
