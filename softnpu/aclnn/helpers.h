// Small things that rows of several families share.
#pragma once

#include <ATen/core/Tensor.h>

#include "softnpu/aclnn/kernel.h"

namespace softnpu {

// Check pass of a kernel that ATen cannot run on meta tensors: `out` has room for a result of this shape and
// dtype.
inline void expect(const at::Tensor& out, at::IntArrayRef shape, at::ScalarType dtype) {
  TORCH_CHECK(out.sizes() == shape, "the result has shape ", shape, " but the output has ", out.sizes());
  TORCH_CHECK(c10::canCast(dtype, out.scalar_type()), "the result has data type ", at::toString(dtype),
              ", which cannot be written to an output of ", at::toString(out.scalar_type()));
}

// Writes a result of the same shape, in whatever dtype the output has.
inline void put(at::Tensor& out, const at::Tensor& result) {
  expect(out, result.sizes(), result.scalar_type());
  if (!checking()) out.copy_(result);
}

inline void put(MaybeTensor& out, const at::Tensor& result) {
  if (out) put(out.tensor, result);
}

// As many elements in another shape: rows whose statistics the ABI and ATen shape differently.
inline void put_flat(at::Tensor& out, const at::Tensor& result) {
  TORCH_CHECK(out.numel() == result.numel(), "the result has ", result.numel(),
              " elements but the output has ", out.numel());
  if (!checking()) out.copy_(result.reshape(out.sizes()));
}

inline void put_flat(MaybeTensor& out, const at::Tensor& result) {
  if (out) put_flat(out.tensor, result);
}

inline void expect_like(const at::Tensor& out, const at::Tensor& self) {
  expect(out, self.sizes(), self.scalar_type());
}

inline void expect_same_dtype(const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.scalar_type() == b.scalar_type(), "the data types ", at::toString(a.scalar_type()), " and ",
              at::toString(b.scalar_type()), " must be the same");
}

// A scalar that is computed with integers must be one.
inline void expect_integral(const at::Scalar& number, const at::Tensor& a) {
  TORCH_CHECK(!c10::isIntegralType(a.scalar_type(), true) || number.isIntegral(true),
              "integers need an integral scalar");
}

// A number that is written to elements of `out` must be one of its data type: refuses what filling refuses.
void expect_fits(const at::Scalar& number, const at::Tensor& out);

// Half types are computed in float, as the hardware's vector units do, where ATen has no kernel of the CPU
// for them or a chain of several would round in between.
inline at::Tensor wide(In tensor) {
  const at::ScalarType type = tensor.scalar_type();
  return type == at::kHalf || type == at::kBFloat16 ? tensor.to(at::kFloat) : tensor;
}

// What an optional tensor without elements means in this ABI: absent.
inline std::optional<at::Tensor> present(OptIn tensor) {
  if (!tensor.has_value() || !tensor->defined() || tensor->numel() == 0) return std::nullopt;
  return *tensor;
}

}  // namespace softnpu
