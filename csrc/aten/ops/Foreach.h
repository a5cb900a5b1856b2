// Lists of tensors in one launch. CANN's kernels want float32, float16 or bfloat16 tensors of one dtype,
// alike in shape and strides list by list; everything else takes upstream's slow path, one operator per
// tensor.
#pragma once

#include <algorithm>

#include <ATen/core/Tensor.h>
#include <ATen/native/ForeachUtils.h>

#include "csrc/aten/Launch.h"

namespace npu::foreach {

// A kernel's argument block holds this many tensor addresses over all its lists.
inline constexpr size_t kTensorsPerLaunch = 48;

// Calls fn(begin, count) for consecutive runs that one launch over `lists` lists can take.
template <class Fn>
void in_runs(size_t tensors, size_t lists, const Fn& fn) {
  const size_t run = kTensorsPerLaunch / lists;
  for (size_t begin = 0; begin < tensors; begin += run) fn(begin, std::min(run, tensors - begin));
}

inline bool kernel_dtype(at::ScalarType type) {
  return type == at::kFloat || type == at::kHalf || type == at::kBFloat16;
}

inline bool fast(at::ArrayRef<at::TensorList> lists, at::ArrayRef<at::Scalar> scalars = {}) {
  return kernel_dtype(lists[0][0].scalar_type()) && at::native::can_use_fast_route(lists, scalars);
}

inline std::vector<at::Tensor> empty_like(at::TensorList tensors) {
  std::vector<at::Tensor> out;
  out.reserve(tensors.size());
  for (const at::Tensor& tensor : tensors) out.push_back(at::empty_like(tensor));
  return out;
}

// True where every entry is the same number: then the scalar kernel, which needs no list on the device,
// serves.
inline bool all_equal(at::ArrayRef<at::Scalar> scalars) {
  return std::all_of(scalars.begin(), scalars.end(),
                     [&](const at::Scalar& s) { return !s.isComplex() && s.equal(scalars[0].toDouble()); });
}

}  // namespace npu::foreach
