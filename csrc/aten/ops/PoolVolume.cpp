// Pooling of volumes that is not average pooling, and unpooling. CANN counts positions in int32 here, ATen in
// int64.
#include <array>

#include <ATen/native/Pool.h>
#include <ATen/ops/adaptive_max_pool3d_backward_meta.h>
#include <ATen/ops/adaptive_max_pool3d_meta.h>
#include <ATen/ops/empty_like.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

using Triple = std::array<int64_t, 3>;

// One number means the same for all dimensions; none at all means `otherwise`.
Triple triple(const char* op, const char* what, at::IntArrayRef values, const Triple& otherwise) {
  if (values.empty()) return otherwise;
  TORCH_CHECK(values.size() == 1 || values.size() == 3, op, ": ", what,
              " must be a single int, or a tuple of three ints");
  return values.size() == 1 ? Triple{values[0], values[0], values[0]}
                            : Triple{values[0], values[1], values[2]};
}

struct Window {
  Triple kernel;
  Triple stride;
  Triple padding;
  Triple dilation;

  Window(const char* op, at::IntArrayRef kernel_size, at::IntArrayRef strides, at::IntArrayRef paddings,
         at::IntArrayRef dilations)
      : kernel(triple(op, "kernel_size", kernel_size, {0, 0, 0})),
        stride(triple(op, "stride", strides, kernel)),
        padding(triple(op, "padding", paddings, {0, 0, 0})),
        dilation(triple(op, "dilation", dilations, {1, 1, 1})) {}

  // Sizes of the pooled `self`; refuses what cannot be pooled.
  at::DimVector pooled(const char* op, const at::Tensor& self, bool ceil_mode) const {
    TORCH_CHECK(self.dim() == 4 || self.dim() == 5, op,
                ": Expected 4D or 5D tensor for input, but got: ", self.sizes());
    at::DimVector sizes(self.sizes());
    const int64_t first = self.dim() - 3;
    for (int64_t i = 0; i < 3; ++i) {
      sizes[first + i] = at::native::pooling_output_shape(self.size(first + i), kernel[i], padding[i],
                                                          stride[i], dilation[i], ceil_mode);
    }
    at::native::pool3d_shape_check(
        self, self.size(-4), narrow(kernel[0]), narrow(kernel[1]), narrow(kernel[2]), narrow(stride[0]),
        narrow(stride[1]), narrow(stride[2]), narrow(padding[0]), narrow(padding[1]), narrow(padding[2]),
        narrow(dilation[0]), narrow(dilation[1]), narrow(dilation[2]), self.size(-3), self.size(-2),
        self.size(-1), sizes[first], sizes[first + 1], sizes[first + 2], op);
    return sizes;
  }

 private:
  static int narrow(int64_t value) { return static_cast<int>(value); }
};

constexpr const char* kMaxPool = "max_pool3d_with_indices";

std::tuple<at::Tensor&, at::Tensor&> max_pool3d_out(const at::Tensor& self, at::IntArrayRef kernel,
                                                    at::IntArrayRef stride, at::IntArrayRef padding,
                                                    at::IntArrayRef dilation, bool ceil_mode, at::Tensor& out,
                                                    at::Tensor& indices) {
  const Window window(kMaxPool, kernel, stride, padding, dilation);
  const at::DimVector sizes = window.pooled(kMaxPool, self, ceil_mode);
  fit_out(kMaxPool, out, sizes, self.scalar_type());
  fit_out(kMaxPool, indices, sizes, at::kLong);
  if (out.numel() != 0) {
    const at::Tensor positions = empty(sizes, at::kInt, self.device());
    launch<aclnnMaxPool3dWithArgmaxGetWorkspaceSize>(
        self, at::IntArrayRef(window.kernel), at::IntArrayRef(window.stride), at::IntArrayRef(window.padding),
        at::IntArrayRef(window.dilation), ceil_mode, out, positions);
    indices.copy_(positions);
  }
  return {out, indices};
}

std::tuple<at::Tensor, at::Tensor> max_pool3d(const at::Tensor& self, at::IntArrayRef kernel,
                                              at::IntArrayRef stride, at::IntArrayRef padding,
                                              at::IntArrayRef dilation, bool ceil_mode) {
  const Window window(kMaxPool, kernel, stride, padding, dilation);
  const at::DimVector sizes = window.pooled(kMaxPool, self, ceil_mode);
  const at::MemoryFormat format =
      self.dim() == 5 ? self.suggest_memory_format() : at::MemoryFormat::Contiguous;
  at::Tensor out = empty(sizes, self.scalar_type(), self.device(), format);
  at::Tensor indices = empty(sizes, at::kLong, self.device(), format);
  return max_pool3d_out(self, kernel, stride, padding, dilation, ceil_mode, out, indices);
}

at::Tensor& max_pool3d_backward_out(const at::Tensor& grad, const at::Tensor& self, at::IntArrayRef kernel,
                                    at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation,
                                    bool ceil_mode, const at::Tensor& indices, at::Tensor& grad_input) {
  constexpr const char* kName = "max_pool3d_with_indices_backward";
  const Window window(kName, kernel, stride, padding, dilation);
  const at::DimVector sizes = window.pooled(kName, self, ceil_mode);
  TORCH_CHECK(grad.sizes() == sizes && indices.sizes() == sizes, kName,
              ": expected grad_output and indices of sizes ", at::IntArrayRef(sizes), " but got ",
              grad.sizes(), " and ", indices.sizes(), " on ", self.device(), ".");
  fit_out(kName, grad_input, self.sizes(), self.scalar_type());
  if (grad_input.numel() != 0) {
    launch<aclnnMaxPool3dWithArgmaxBackwardGetWorkspaceSize>(
        grad, self, indices.to(at::kInt), at::IntArrayRef(window.kernel), at::IntArrayRef(window.stride),
        at::IntArrayRef(window.padding), at::IntArrayRef(window.dilation), ceil_mode, grad_input);
  }
  return grad_input;
}

at::Tensor max_pool3d_backward(const at::Tensor& grad, const at::Tensor& self, at::IntArrayRef kernel,
                               at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation,
                               bool ceil_mode, const at::Tensor& indices) {
  at::Tensor grad_input = at::empty_like(self);
  return max_pool3d_backward_out(grad, self, kernel, stride, padding, dilation, ceil_mode, indices,
                                 grad_input);
}

struct AdaptiveMaxPool3d : Row<at::meta::structured_adaptive_max_pool3d, 2> {
  static void run(const at::Tensor& self, at::IntArrayRef size, const at::Tensor& out,
                  const at::Tensor& indices) {
    const at::Tensor positions = empty(indices.sizes(), at::kInt, self.device());
    launch<aclnnAdaptiveMaxPool3dGetWorkspaceSize>(self, size, out, positions);
    indices.copy_(positions);
  }
};

struct AdaptiveMaxPool3dBackward : Row<at::meta::structured_adaptive_max_pool3d_backward, 1> {
  static void run(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& indices,
                  const at::Tensor& out) {
    launch<aclnnAdaptiveMaxPool3dBackwardGetWorkspaceSize>(grad, self, indices.to(at::kInt), out);
  }
};

at::Tensor& adaptive_avg_pool3d_out(const at::Tensor& self, at::IntArrayRef size, at::Tensor& out) {
  TORCH_CHECK(size.size() == 3, "adaptive_avg_pool3d: internal error: output_size.size() must be 3");
  TORCH_CHECK(self.dim() == 4 || self.dim() == 5, "adaptive_avg_pool3d(): Expected 4D or 5D tensor, but got ",
              self.sizes());
  at::DimVector sizes(self.sizes());
  for (int64_t i = 1; i <= 3; ++i) {
    TORCH_CHECK(self.size(-i) > 0,
                "adaptive_avg_pool3d(): Expected input to have non-zero size for non-batch dimensions, but ",
                "input has sizes ", self.sizes());
    TORCH_CHECK(size[3 - i] >= 0,
                "adaptive_avg_pool3d: elements of output_size must be greater than or equal to 0");
    sizes[self.dim() - i] = size[3 - i];
  }
  fit_out("adaptive_avg_pool3d", out, sizes, self.scalar_type());
  if (out.numel() != 0) launch<aclnnAdaptiveAvgPool3dGetWorkspaceSize>(self, size, out);
  return out;
}

at::Tensor adaptive_avg_pool3d(const at::Tensor& self, at::IntArrayRef size) {
  at::Tensor out = empty({0}, self);
  return adaptive_avg_pool3d_out(self, size, out);
}

at::Tensor& adaptive_avg_pool3d_backward_out(const at::Tensor& grad, const at::Tensor& self,
                                             at::Tensor& grad_input) {
  TORCH_CHECK(grad.dim() == self.dim(), "adaptive_avg_pool3d_backward(): grad_output has ", grad.dim(),
              " dimensions but the input ", self.dim(), " on ", self.device(), ".");
  fit_out("adaptive_avg_pool3d_backward", grad_input, self.sizes(), self.scalar_type());
  if (grad_input.numel() != 0) launch<aclnnAdaptiveAvgPool3dBackwardGetWorkspaceSize>(grad, self, grad_input);
  return grad_input;
}

at::Tensor adaptive_avg_pool3d_backward(const at::Tensor& grad, const at::Tensor& self) {
  at::Tensor grad_input = at::empty_like(self);
  return adaptive_avg_pool3d_backward_out(grad, self, grad_input);
}

// Unpooling: each value goes to its position in an image of zeros.

void check_unpool(const char* op, const at::Tensor& self, const at::Tensor& indices, at::IntArrayRef size,
                  size_t spatial) {
  TORCH_CHECK(indices.scalar_type() == at::kLong,
              "elements in indices should be type int64 but got: ", indices.scalar_type());
  TORCH_CHECK(size.size() == spatial, "There should be exactly ", spatial,
              " elements in output_size, but got ", size.size(), " elements.");
  const auto rank = static_cast<int64_t>(spatial);
  TORCH_CHECK(self.dim() == rank + 1 || self.dim() == rank + 2, op, ": Input should be a ", rank + 1, "d or ",
              rank + 2, "d Tensor, but got a tensor with ", self.dim(), " dimensions.");
  TORCH_CHECK(self.sizes() == indices.sizes(),
              "Expected shape of indices to be same as that of the input tensor (", self.sizes(),
              ") but got indices tensor with shape: ", indices.sizes());
  for (int64_t i = 1; i < self.dim(); ++i) {
    TORCH_CHECK(self.size(i) > 0, op, ": Expected input to have non-zero size for non-batch dimensions, but ",
                "got ", self.sizes(), " with dimension ", i, " being empty.");
  }
}

at::DimVector unpooled(const at::Tensor& self, at::IntArrayRef size) {
  at::DimVector sizes(self.sizes().slice(0, self.dim() - size.size()));
  sizes.append(size.begin(), size.end());
  return sizes;
}

at::Tensor& max_unpool2d_out(const at::Tensor& self, const at::Tensor& indices, at::IntArrayRef size,
                             at::Tensor& out) {
  check_unpool("max_unpool2d", self, indices, size, 2);
  fit_out("max_unpool2d", out, unpooled(self, size), self.scalar_type());
  if (self.numel() == 0 || out.numel() == 0) return out.zero_();
  launch<aclnnMaxUnpool2dGetWorkspaceSize>(self, indices, size, out);
  return out;
}

at::Tensor max_unpool2d(const at::Tensor& self, const at::Tensor& indices, at::IntArrayRef size) {
  check_unpool("max_unpool2d", self, indices, size, 2);
  at::Tensor out =
      empty(unpooled(self, size), self.scalar_type(), self.device(), self.suggest_memory_format());
  return max_unpool2d_out(self, indices, size, out);
}

at::Tensor& max_unpool3d_out(const at::Tensor& self, const at::Tensor& indices, at::IntArrayRef size,
                             at::IntArrayRef stride, at::IntArrayRef padding, at::Tensor& out) {
  check_unpool("max_unpool3d", self, indices, size, 3);
  TORCH_CHECK(stride.size() == 3 && padding.size() == 3,
              "There should be exactly three elements (depth, height, width) in stride and in padding.");
  TORCH_CHECK(stride[0] > 0 && stride[1] > 0 && stride[2] > 0,
              "strides should be greater than zero, but got stride: ", stride);
  fit_out("max_unpool3d", out, unpooled(self, size), self.scalar_type());
  if (self.numel() == 0 || out.numel() == 0) return out.zero_();
  launch<aclnnMaxUnpool3dGetWorkspaceSize>(self, indices, size, stride, padding, out);
  return out;
}

at::Tensor max_unpool3d(const at::Tensor& self, const at::Tensor& indices, at::IntArrayRef size,
                        at::IntArrayRef stride, at::IntArrayRef padding) {
  at::Tensor out = empty({0}, self);
  return max_unpool3d_out(self, indices, size, stride, padding, out);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_kernel<&max_pool3d>(m, "max_pool3d_with_indices");
  bind_kernel<&max_pool3d_out>(m, "max_pool3d_with_indices.out");
  bind_kernel<&max_pool3d_backward>(m, "max_pool3d_with_indices_backward");
  bind_kernel<&max_pool3d_backward_out>(m, "max_pool3d_with_indices_backward.grad_input");
  bind<AdaptiveMaxPool3d>(m, nullptr, nullptr, "adaptive_max_pool3d.out");
  bind<AdaptiveMaxPool3dBackward>(m, nullptr, nullptr, "adaptive_max_pool3d_backward.grad_input");
  bind_kernel<&adaptive_avg_pool3d>(m, "_adaptive_avg_pool3d");
  bind_kernel<&adaptive_avg_pool3d_out>(m, "adaptive_avg_pool3d.out");
  bind_kernel<&adaptive_avg_pool3d_backward>(m, "_adaptive_avg_pool3d_backward");
  bind_kernel<&adaptive_avg_pool3d_backward_out>(m, "adaptive_avg_pool3d_backward.grad_input");
  bind_kernel<&max_unpool2d>(m, "max_unpool2d");
  bind_kernel<&max_unpool2d_out>(m, "max_unpool2d.out");
  bind_kernel<&max_unpool3d>(m, "max_unpool3d");
  bind_kernel<&max_unpool3d_out>(m, "max_unpool3d.out");
}

}  // namespace
}  // namespace npu
