// Pooling over two and three spatial dimensions; upstream makes the forms with one of them.
#include <ATen/ops/adaptive_max_pool2d_backward_meta.h>
#include <ATen/ops/adaptive_max_pool2d_meta.h>
#include <ATen/ops/avg_pool2d_backward_meta.h>
#include <ATen/ops/avg_pool2d_meta.h>
#include <ATen/ops/avg_pool3d_backward_meta.h>
#include <ATen/ops/avg_pool3d_meta.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/max_pool2d_with_indices_backward_meta.h>
#include <ATen/ops/max_pool2d_with_indices_meta.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

constexpr int8_t kKeepDtype = 0;

// ATen lets an empty stride mean the size of the kernel, CANN wants it given.
at::IntArrayRef stride_or_kernel(at::IntArrayRef stride, at::IntArrayRef kernel) {
  return stride.empty() ? kernel : stride;
}

struct MaxPool2d : Row<at::meta::structured_max_pool2d_with_indices, 2> {
  static void run(const at::Tensor& self, at::IntArrayRef kernel, at::IntArrayRef stride,
                  at::IntArrayRef padding, at::IntArrayRef dilation, bool ceil_mode, const at::Tensor& out,
                  const at::Tensor& indices) {
    launch<aclnnMaxPool2dWithIndicesGetWorkspaceSize>(self, kernel, stride_or_kernel(stride, kernel), padding,
                                                      dilation, ceil_mode, out, indices);
  }
};

struct MaxPool2dBackward : Row<at::meta::structured_max_pool2d_with_indices_backward, 1> {
  static void run(const at::Tensor& grad, const at::Tensor& self, at::IntArrayRef kernel,
                  at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, bool ceil_mode,
                  const at::Tensor& indices, const at::Tensor& out) {
    launch<aclnnMaxPool2dWithIndicesBackwardGetWorkspaceSize>(
        grad, self, indices, kernel, stride_or_kernel(stride, kernel), padding, dilation, ceil_mode, out);
  }
};

struct AvgPool2d : Row<at::meta::structured_avg_pool2d, 1> {
  static void run(const at::Tensor& self, at::IntArrayRef kernel, at::IntArrayRef stride,
                  at::IntArrayRef padding, bool ceil_mode, bool count_include_pad,
                  std::optional<int64_t> divisor, const at::Tensor& out) {
    launch<aclnnAvgPool2dGetWorkspaceSize>(self, kernel, stride_or_kernel(stride, kernel), padding, ceil_mode,
                                           count_include_pad, divisor.value_or(0), kKeepDtype, out);
  }
};

struct AvgPool2dBackward : Row<at::meta::structured_avg_pool2d_backward, 1> {
  static void run(const at::Tensor& grad, const at::Tensor& self, at::IntArrayRef kernel,
                  at::IntArrayRef stride, at::IntArrayRef padding, bool ceil_mode, bool count_include_pad,
                  std::optional<int64_t> divisor, const at::Tensor& out) {
    launch<aclnnAvgPool2dBackwardGetWorkspaceSize>(grad, self, kernel, stride_or_kernel(stride, kernel),
                                                   padding, ceil_mode, count_include_pad, divisor.value_or(0),
                                                   kKeepDtype, out);
  }
};

struct AvgPool3d : Row<at::meta::structured_avg_pool3d, 1> {
  static void run(const at::Tensor& self, at::IntArrayRef kernel, at::IntArrayRef stride,
                  at::IntArrayRef padding, bool ceil_mode, bool count_include_pad,
                  std::optional<int64_t> divisor, const at::Tensor& out) {
    launch<aclnnAvgPool3dGetWorkspaceSize>(self, kernel, stride_or_kernel(stride, kernel), padding, ceil_mode,
                                           count_include_pad, divisor.value_or(0), out);
  }
};

struct AvgPool3dBackward : Row<at::meta::structured_avg_pool3d_backward, 1> {
  static void run(const at::Tensor& grad, const at::Tensor& self, at::IntArrayRef kernel,
                  at::IntArrayRef stride, at::IntArrayRef padding, bool ceil_mode, bool count_include_pad,
                  std::optional<int64_t> divisor, const at::Tensor& out) {
    launch<aclnnAvgPool3dBackwardGetWorkspaceSize>(grad, self, kernel, stride_or_kernel(stride, kernel),
                                                   padding, ceil_mode, count_include_pad, divisor.value_or(0),
                                                   out);
  }
};

NPU_OP(AdaptiveMaxPool2d, structured_adaptive_max_pool2d, 2, aclnnAdaptiveMaxPool2d);
struct AdaptiveMaxPool2dBackward : Row<at::meta::structured_adaptive_max_pool2d_backward, 1> {
  static void run(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& indices,
                  const at::Tensor& out) {
    launch<aclnnAdaptiveMaxPool2dBackwardGetWorkspaceSize>(grad, self, indices, out);
  }
};

at::Tensor adaptive_avg_pool2d(const at::Tensor& self, at::IntArrayRef size) {
  TORCH_CHECK(size.size() == 2, "adaptive_avg_pool2d: output_size must be 2");
  TORCH_CHECK(self.dim() == 3 || self.dim() == 4, "adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got ",
              self.sizes());
  at::DimVector sizes(self.sizes().begin(), self.sizes().end());
  for (int64_t i = 1; i <= 2; ++i) {
    TORCH_CHECK(self.size(-i) > 0,
                "adaptive_avg_pool2d(): Expected input to have non-zero size for non-batch dimensions, but ",
                "input has sizes ", self.sizes());
    TORCH_CHECK(size[2 - i] >= 0, "adaptive_avg_pool2d: elements of output_size must not be negative");
    sizes[self.dim() - i] = size[2 - i];
  }
  at::Tensor out = empty(sizes, self.scalar_type(), self.device(), self.suggest_memory_format());
  if (out.numel() != 0) launch<aclnnAdaptiveAvgPool2dGetWorkspaceSize>(self, size, out);
  return out;
}

at::Tensor adaptive_avg_pool2d_backward(const at::Tensor& grad, const at::Tensor& self) {
  at::Tensor out = at::empty_like(self);
  if (out.numel() != 0) launch<aclnnAdaptiveAvgPool2dBackwardGetWorkspaceSize>(grad, self, out);
  return out;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<MaxPool2d>(m, nullptr, nullptr, "max_pool2d_with_indices.out");
  bind<MaxPool2dBackward>(m, nullptr, nullptr, "max_pool2d_with_indices_backward.grad_input");
  bind<AvgPool2d>(m, nullptr, nullptr, "avg_pool2d.out");
  bind<AvgPool2dBackward>(m, nullptr, nullptr, "avg_pool2d_backward.grad_input");
  bind<AvgPool3d>(m, nullptr, nullptr, "avg_pool3d.out");
  bind<AvgPool3dBackward>(m, nullptr, nullptr, "avg_pool3d_backward.grad_input");
  bind<AdaptiveMaxPool2d>(m, nullptr, nullptr, "adaptive_max_pool2d.out");
  bind<AdaptiveMaxPool2dBackward>(m, nullptr, nullptr, "adaptive_max_pool2d_backward.grad_input");
  bind_kernel<&adaptive_avg_pool2d>(m, "_adaptive_avg_pool2d");
  bind_kernel<&OutOf<&adaptive_avg_pool2d>::call>(m, "adaptive_avg_pool2d.out");
  bind_kernel<&adaptive_avg_pool2d_backward>(m, "_adaptive_avg_pool2d_backward");
}

}  // namespace
}  // namespace npu
