// Sampling of a picture, or of a volume, at the points of a grid.
#include <ATen/native/GridSamplerUtils.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros_like.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

void check(const at::Tensor& input, const at::Tensor& grid, int64_t mode) {
  at::native::check_grid_sampler_common(input, grid);
  if (input.dim() == 5) {
    at::native::check_grid_sampler_3d(input, grid, mode);
  } else {
    at::native::check_grid_sampler_2d(input, grid);
  }
  TORCH_CHECK(input.scalar_type() == grid.scalar_type(),
              "grid_sampler(): expected input and grid to have the ", "same dtype, but they are ",
              input.scalar_type(), " and ", grid.scalar_type(), " on ", input.device(), ".");
}

template <auto kPhaseOne>
at::Tensor sample(const at::Tensor& input, const at::Tensor& grid, int64_t mode, int64_t padding,
                  bool align_corners) {
  check(input, grid, mode);
  at::DimVector sizes(grid.sizes().begin(), grid.sizes().end() - 1);
  sizes.insert(sizes.begin() + 1, input.size(1));
  at::Tensor out = empty(sizes, input);
  if (out.numel() != 0) launch<kPhaseOne>(input, grid, mode, padding, align_corners, out);
  return out;
}

// The gradient of the grid is always made, as upstream does.
template <auto kPhaseOne>
std::tuple<at::Tensor, at::Tensor> sample_backward(const at::Tensor& grad, const at::Tensor& input,
                                                   const at::Tensor& grid, int64_t mode, int64_t padding,
                                                   bool align_corners, std::array<bool, 2> mask) {
  check(input, grid, mode);
  at::Tensor grad_input = at::zeros_like(input), grad_grid = at::empty_like(grid);
  if (grad.numel() == 0) return {mask[0] ? grad_input : at::Tensor(), grad_grid.zero_()};
  launch<kPhaseOne>(grad, input, grid, mode, padding, align_corners, std::array<bool, 2>{mask[0], true},
                    grad_input, grad_grid);
  return {mask[0] ? grad_input : at::Tensor(), grad_grid};
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_kernel<&sample<aclnnGridSampler2DGetWorkspaceSize>>(m, "grid_sampler_2d");
  bind_kernel<&sample<aclnnGridSampler3DGetWorkspaceSize>>(m, "grid_sampler_3d");
  bind_kernel<&sample_backward<aclnnGridSampler2DBackwardGetWorkspaceSize>>(m, "grid_sampler_2d_backward");
  bind_kernel<&sample_backward<aclnnGridSampler3DBackwardGetWorkspaceSize>>(m, "grid_sampler_3d_backward");
}

}  // namespace
}  // namespace npu
