// What hand-written kernels share: the checks on results that upstream's generated code makes for structured
// ones.
#pragma once

#include <ATen/MemoryOverlap.h>
#include <ATen/core/Tensor.h>
#include <ATen/native/Resize.h>
#include <c10/core/ScalarType.h>

#include "csrc/aten/Factory.h"
#include "csrc/aten/Launch.h"

namespace npu {

// Makes a given `out=` tensor fit: exactly `type`, resized to `sizes` with upstream's warning, no two
// elements in one place.
inline void fit_out(const char* op, const at::Tensor& out, at::IntArrayRef sizes, at::ScalarType type) {
  TORCH_CHECK(out.scalar_type() == type, op, "(): expected the result tensor to have dtype ", type,
              " but got ", out.scalar_type(), " on ", out.device(), ".");
  at::native::resize_output(out, sizes);
  at::assert_no_internal_overlap(out);
}

// The `out=` form of a kernel that makes its own result, for operators that are hardly ever called with one.
template <auto kKernel, class Function = std::remove_pointer_t<decltype(kKernel)>>
struct OutOf;

template <auto kKernel, class... Args>
struct OutOf<kKernel, at::Tensor(Args...)> {
  static at::Tensor& call(Args... args, at::Tensor& out) {
    const at::Tensor result = kKernel(args...);
    fit_out("out=", out, result.sizes(), result.scalar_type());
    return out.copy_(result);
  }
};

// The dtype in which CANN accumulates means and variances of `type`.
inline at::ScalarType accumulate_type(at::ScalarType type) {
  return type == at::kHalf || type == at::kBFloat16 ? at::kFloat : type;
}

// All dimensions of a tensor of `rank` dimensions: CANN wants them named where ATen says "none given".
inline at::DimVector all_dims(int64_t rank) {
  at::DimVector dims(static_cast<size_t>(rank));
  for (int64_t i = 0; i < rank; ++i) dims[i] = i;
  return dims;
}

inline at::DimVector dims_or_all(at::OptionalIntArrayRef dims, int64_t rank) {
  if (!dims.has_value() || dims->empty()) return all_dims(rank);
  return at::DimVector(dims->begin(), dims->end());
}

}  // namespace npu
