// Padding by reflection and replication. Constant padding is in Arrange.cpp.
#include <ATen/ops/empty_like.h>
#include <ATen/ops/reflection_pad1d_backward_meta.h>
#include <ATen/ops/reflection_pad1d_meta.h>
#include <ATen/ops/reflection_pad3d_backward_meta.h>
#include <ATen/ops/reflection_pad3d_meta.h>
#include <ATen/ops/replication_pad1d_backward_meta.h>
#include <ATen/ops/replication_pad1d_meta.h>
#include <ATen/ops/replication_pad2d_meta.h>
#include <ATen/ops/replication_pad3d_meta.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

NPU_OP(ReflectionPad1d, structured_reflection_pad1d, 1, aclnnReflectionPad1d);
NPU_OP(ReflectionPad1dBackward, structured_reflection_pad1d_backward, 1, aclnnReflectionPad1dBackward);
NPU_OP(ReplicationPad1d, structured_replication_pad1d, 1, aclnnReplicationPad1d);
NPU_OP(ReplicationPad1dBackward, structured_replication_pad1d_backward, 1, aclnnReplicationPad1dBackward);
NPU_OP(ReplicationPad2d, structured_replication_pad2d, 1, aclnnReplicationPad2d);
NPU_OP(ReflectionPad3d, structured_reflection_pad3d, 1, aclnnReflectionPad3d);
NPU_OP(ReflectionPad3dBackward, structured_reflection_pad3d_backward, 1, aclnnReflectionPad3dBackward);
NPU_OP(ReplicationPad3d, structured_replication_pad3d, 1, aclnnReplicationPad3d);

// Sizes of `self` with its last two or three dimensions padded; `padding` begins with the last.
at::DimVector padded(const char* op, const at::Tensor& self, at::IntArrayRef padding, int64_t spatial) {
  TORCH_CHECK(static_cast<int64_t>(padding.size()) == 2 * spatial, op, ": padding size is expected to be ",
              2 * spatial, ", but got ", padding.size(), ".");
  TORCH_CHECK(self.dim() == spatial + 1 || self.dim() == spatial + 2, op, ": expected ", spatial + 1, "D or ",
              spatial + 2, "D tensor, but got ", self.sizes(), " on ", self.device(), ".");
  at::DimVector sizes(self.sizes().begin(), self.sizes().end());
  for (int64_t i = 1; i <= spatial; ++i) {
    TORCH_CHECK(self.size(-i) > 0, op,
                ": expected a tensor with possibly 0 batch size and other non-zero dimensions, but got ",
                self.sizes(), " on ", self.device(), ".");
    int64_t& size = sizes[self.dim() - i];
    size += padding[2 * i - 2] + padding[2 * i - 1];
    TORCH_CHECK(size > 0, op, ": padding ", padding, " leaves nothing of ", self.sizes(), " on ",
                self.device(), ".");
  }
  return sizes;
}

at::Tensor reflection_pad2d(const at::Tensor& self, at::IntArrayRef padding) {
  const at::DimVector sizes = padded("reflection_pad2d", self, padding, 2);
  for (int side = 0; side < 4; ++side) {
    TORCH_CHECK(
        padding[side] < self.size(side < 2 ? -1 : -2),
        "reflection_pad2d: Padding size should be less than the corresponding input dimension, but got: ",
        "padding ", padding, " for sizes ", self.sizes(), " on ", self.device(), ".");
  }
  at::Tensor out = empty(sizes, self);
  if (out.numel() != 0) launch<aclnnReflectionPad2dGetWorkspaceSize>(self, padding, out);
  return out;
}

template <auto kPhaseOne, int64_t kSpatial>
at::Tensor pad_backward(const at::Tensor& grad, const at::Tensor& self, at::IntArrayRef padding) {
  const at::DimVector sizes = padded("the backward of a pad", self, padding, kSpatial);
  TORCH_CHECK(grad.sizes() == sizes, "the backward of a pad: expected a gradient of sizes ", sizes,
              ", but got ", grad.sizes(), " on ", grad.device(), ".");
  at::Tensor out = at::empty_like(self);
  if (out.numel() != 0) launch<kPhaseOne>(grad, self, padding, out);
  return out;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<ReflectionPad1d>(m, nullptr, nullptr, "reflection_pad1d.out");
  bind<ReflectionPad1dBackward>(m, nullptr, nullptr, "reflection_pad1d_backward.grad_input");
  bind<ReplicationPad1d>(m, nullptr, nullptr, "replication_pad1d.out");
  bind<ReplicationPad1dBackward>(m, nullptr, nullptr, "replication_pad1d_backward.grad_input");
  bind<ReplicationPad2d>(m, nullptr, nullptr, "replication_pad2d.out");
  bind<ReflectionPad3d>(m, nullptr, nullptr, "reflection_pad3d.out");
  bind<ReflectionPad3dBackward>(m, nullptr, nullptr, "reflection_pad3d_backward.grad_input");
  bind<ReplicationPad3d>(m, nullptr, nullptr, "replication_pad3d.out");
  bind_kernel<&reflection_pad2d>(m, "reflection_pad2d");
  bind_kernel<&OutOf<&reflection_pad2d>::call>(m, "reflection_pad2d.out");
  constexpr auto kReflected2d = &pad_backward<aclnnReflectionPad2dBackwardGetWorkspaceSize, 2>;
  bind_kernel<kReflected2d>(m, "reflection_pad2d_backward");
  bind_kernel<&OutOf<kReflected2d>::call>(m, "reflection_pad2d_backward.grad_input");
  constexpr auto kReplicated2d = &pad_backward<aclnnReplicationPad2dBackwardGetWorkspaceSize, 2>;
  bind_kernel<kReplicated2d>(m, "replication_pad2d_backward");
  bind_kernel<&OutOf<kReplicated2d>::call>(m, "replication_pad2d_backward.grad_input");
  constexpr auto kReplicated3d = &pad_backward<aclnnReplicationPad3dBackwardGetWorkspaceSize, 3>;
  bind_kernel<kReplicated3d>(m, "replication_pad3d_backward");
  bind_kernel<&OutOf<kReplicated3d>::call>(m, "replication_pad3d_backward.grad_input");
}

}  // namespace
}  // namespace npu
