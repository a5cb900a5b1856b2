// Resampling of two spatial dimensions. A scale of 0 stands for the ratio of the sizes.
#include <ATen/ops/upsample_bilinear2d_backward_meta.h>
#include <ATen/ops/upsample_bilinear2d_meta.h>
#include <ATen/ops/upsample_nearest2d_backward_meta.h>
#include <ATen/ops/upsample_nearest2d_meta.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"

namespace npu {
namespace {

using Scale = std::optional<double>;

struct Nearest2d : Row<at::meta::structured_upsample_nearest2d, 1> {
  static void run(const at::Tensor& self, at::IntArrayRef size, Scale height, Scale width,
                  const at::Tensor& out) {
    launch<aclnnUpsampleNearest2dV2GetWorkspaceSize>(self, size, height.value_or(0), width.value_or(0), out);
  }
};

struct Nearest2dBackward : Row<at::meta::structured_upsample_nearest2d_backward, 1> {
  static void run(const at::Tensor& grad, at::IntArrayRef size, at::IntArrayRef input_size, Scale height,
                  Scale width, const at::Tensor& out) {
    launch<aclnnUpsampleNearest2dBackwardGetWorkspaceSize>(grad, size, input_size, height.value_or(0),
                                                           width.value_or(0), out);
  }
};

struct Bilinear2d : Row<at::meta::structured_upsample_bilinear2d, 1> {
  static void run(const at::Tensor& self, at::IntArrayRef size, bool align_corners, Scale height, Scale width,
                  const at::Tensor& out) {
    launch<aclnnUpsampleBilinear2dGetWorkspaceSize>(self, size, align_corners, height.value_or(0),
                                                    width.value_or(0), out);
  }
};

struct Bilinear2dBackward : Row<at::meta::structured_upsample_bilinear2d_backward, 1> {
  static void run(const at::Tensor& grad, at::IntArrayRef size, at::IntArrayRef input_size,
                  bool align_corners, Scale height, Scale width, const at::Tensor& out) {
    launch<aclnnUpsampleBilinear2dBackwardV2GetWorkspaceSize>(grad, size, input_size, align_corners,
                                                              height.value_or(0), width.value_or(0), out);
  }
};

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<Nearest2d>(m, nullptr, nullptr, "upsample_nearest2d.out");
  bind<Nearest2dBackward>(m, nullptr, nullptr, "upsample_nearest2d_backward.grad_input");
  bind<Bilinear2d>(m, nullptr, nullptr, "upsample_bilinear2d.out");
  bind<Bilinear2dBackward>(m, nullptr, nullptr, "upsample_bilinear2d_backward.grad_input");
}

}  // namespace
}  // namespace npu
