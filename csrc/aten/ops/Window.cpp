// The windows of a picture as the columns of a matrix, and back: nn.Unfold and nn.Fold.
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

struct Window {
  at::IntArrayRef kernel, dilation, padding, stride;

  void check(const char* op) const {
    TORCH_CHECK(kernel.size() == 2 && dilation.size() == 2 && padding.size() == 2 && stride.size() == 2, op,
                ": kernel_size, dilation, padding and stride must each have 2 elements.");
    for (int i = 0; i < 2; ++i) {
      TORCH_CHECK(kernel[i] > 0 && dilation[i] > 0 && stride[i] > 0 && padding[i] >= 0, op,
                  ": kernel_size, dilation and stride should be greater than zero and padding not negative, "
                  "but got ",
                  kernel, ", ", dilation, ", ", stride, " and ", padding, ".");
    }
  }

  // How many windows there are on a picture of this size.
  int64_t count(const char* op, at::IntArrayRef size) const {
    int64_t windows = 1;
    for (int i = 0; i < 2; ++i) {
      const int64_t room = size[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1;
      TORCH_CHECK(room >= 0, op, ": there is no window of ", kernel, " on a picture of ", size,
                  " with padding ", padding, " and dilation ", dilation, ".");
      windows *= room / stride[i] + 1;
    }
    return windows;
  }
};

at::Tensor im2col(const at::Tensor& self, at::IntArrayRef kernel, at::IntArrayRef dilation,
                  at::IntArrayRef padding, at::IntArrayRef stride) {
  const Window window{kernel, dilation, padding, stride};
  window.check("im2col");
  const int64_t rank = self.dim();
  TORCH_CHECK((rank == 3 || rank == 4) && self.size(-3) != 0 && self.size(-2) != 0 && self.size(-1) != 0,
              "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero "
              "dimensions for input, but got: ",
              self.sizes(), " on ", self.device());
  at::DimVector sizes{self.size(-3) * kernel[0] * kernel[1],
                      window.count("im2col", self.sizes().slice(rank - 2))};
  if (rank == 4) sizes.insert(sizes.begin(), self.size(0));
  at::Tensor out = empty(sizes, self);
  if (out.numel() != 0) launch<aclnnIm2colGetWorkspaceSize>(self, kernel, dilation, padding, stride, out);
  return out;
}

at::Tensor col2im(const at::Tensor& self, at::IntArrayRef size, at::IntArrayRef kernel,
                  at::IntArrayRef dilation, at::IntArrayRef padding, at::IntArrayRef stride) {
  const Window window{kernel, dilation, padding, stride};
  window.check("col2im");
  TORCH_CHECK(size.size() == 2 && size[0] > 0 && size[1] > 0,
              "col2im: output_size must be 2 positive numbers, but got ", size, ".");
  const int64_t rank = self.dim(), area = kernel[0] * kernel[1];
  TORCH_CHECK((rank == 2 || rank == 3) && self.size(-2) != 0 && self.size(-1) != 0,
              "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero "
              "dimensions for input, but got: ",
              self.sizes(), " on ", self.device());
  TORCH_CHECK(self.size(-2) % area == 0,
              "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got ",
              "input.size(1)=", self.size(-2), " and kernel_size=", kernel, ".");
  const int64_t windows = window.count("col2im", size);
  TORCH_CHECK(self.size(-1) == windows, "col2im: expected ", windows, " columns for a picture of ", size,
              ", but got ", self.size(-1), " on ", self.device(), ".");
  at::DimVector sizes{self.size(-2) / area, size[0], size[1]};
  if (rank == 3) sizes.insert(sizes.begin(), self.size(0));
  at::Tensor out = empty(sizes, self);
  if (out.numel() != 0)
    launch<aclnnIm2colBackwardGetWorkspaceSize>(self, size, kernel, dilation, padding, stride, out);
  return out;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_kernel<&im2col>(m, "im2col");
  bind_kernel<&col2im>(m, "col2im");
  bind_kernel<&OutOf<&im2col>::call>(m, "im2col.out");
  bind_kernel<&OutOf<&col2im>::call>(m, "col2im.out");
}

}  // namespace
}  // namespace npu
