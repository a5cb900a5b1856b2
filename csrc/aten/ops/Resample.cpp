// Resampling of one to three spatial dimensions. CANN takes a scale of 0 for the ratio of the sizes, where
// ATen has none.
#include <ATen/ops/_upsample_bicubic2d_aa_backward_meta.h>
#include <ATen/ops/_upsample_bicubic2d_aa_meta.h>
#include <ATen/ops/_upsample_bilinear2d_aa_backward_meta.h>
#include <ATen/ops/_upsample_bilinear2d_aa_meta.h>
#include <ATen/ops/_upsample_nearest_exact1d_backward_meta.h>
#include <ATen/ops/_upsample_nearest_exact1d_meta.h>
#include <ATen/ops/_upsample_nearest_exact2d_backward_meta.h>
#include <ATen/ops/_upsample_nearest_exact2d_meta.h>
#include <ATen/ops/_upsample_nearest_exact3d_backward_meta.h>
#include <ATen/ops/_upsample_nearest_exact3d_meta.h>
#include <ATen/ops/upsample_bicubic2d_backward_meta.h>
#include <ATen/ops/upsample_bicubic2d_meta.h>
#include <ATen/ops/upsample_bilinear2d_backward_meta.h>
#include <ATen/ops/upsample_bilinear2d_meta.h>
#include <ATen/ops/upsample_linear1d_backward_meta.h>
#include <ATen/ops/upsample_linear1d_meta.h>
#include <ATen/ops/upsample_nearest1d_backward_meta.h>
#include <ATen/ops/upsample_nearest1d_meta.h>
#include <ATen/ops/upsample_nearest2d_backward_meta.h>
#include <ATen/ops/upsample_nearest2d_meta.h>
#include <ATen/ops/upsample_nearest3d_backward_meta.h>
#include <ATen/ops/upsample_nearest3d_meta.h>
#include <ATen/ops/upsample_trilinear3d_backward_meta.h>
#include <ATen/ops/upsample_trilinear3d_meta.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"

namespace npu {
namespace {

using namespace at::meta;

template <class T>
const T& argument(const T& value) {
  return value;
}
double argument(const std::optional<double>& scale) {
  return scale.value_or(0);
}

// Both have the arguments in the same order.
template <class MetaClass, auto kPhaseOne>
struct Resample : Row<MetaClass, 1> {
  template <class... Args>
  static void run(const Args&... args) {
    launch<kPhaseOne>(argument(args)...);
  }
};

// RESAMPLE(aten name, operator of CANN, operator of CANN for the gradient)
#define RESAMPLE(name, forward, backward)                                                                 \
  bind<Resample<structured_##name, aclnn##forward##GetWorkspaceSize>>(m, nullptr, nullptr, #name ".out"); \
  bind<Resample<structured_##name##_backward, aclnn##backward##GetWorkspaceSize>>(                        \
      m, nullptr, nullptr, #name "_backward.grad_input")

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  RESAMPLE(upsample_nearest1d, UpsampleNearest1dV2, UpsampleNearest1dBackward);
  RESAMPLE(upsample_nearest2d, UpsampleNearest2dV2, UpsampleNearest2dBackward);
  RESAMPLE(upsample_nearest3d, UpsampleNearest3d, UpsampleNearest3dBackward);
  RESAMPLE(upsample_linear1d, UpsampleLinear1d, UpsampleLinear1dBackward);
  RESAMPLE(upsample_bilinear2d, UpsampleBilinear2d, UpsampleBilinear2dBackwardV2);
  RESAMPLE(upsample_trilinear3d, UpsampleTrilinear3d, UpsampleTrilinear3dBackward);
  RESAMPLE(upsample_bicubic2d, UpsampleBicubic2d, UpsampleBicubic2dBackward);
  RESAMPLE(_upsample_nearest_exact1d, UpsampleNearestExact1d, UpsampleNearestExact1dBackward);
  RESAMPLE(_upsample_nearest_exact2d, UpsampleNearestExact2d, UpsampleNearestExact2dBackward);
  RESAMPLE(_upsample_nearest_exact3d, UpsampleNearestExact3d, UpsampleNearestExact3dBackward);
  RESAMPLE(_upsample_bilinear2d_aa, UpsampleBilinear2dAA, UpsampleBilinear2dAABackward);
  RESAMPLE(_upsample_bicubic2d_aa, UpsampleBicubic2dAA, UpsampleBicubic2dAAGrad);
}

#undef RESAMPLE

}  // namespace
}  // namespace npu
