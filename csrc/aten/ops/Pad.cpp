// Padding by reflection and replication. Constant padding is in Arrange.cpp.
#include <ATen/ops/empty_like.h>
#include <ATen/ops/reflection_pad1d_backward_meta.h>
#include <ATen/ops/reflection_pad1d_meta.h>
#include <ATen/ops/replication_pad1d_backward_meta.h>
#include <ATen/ops/replication_pad1d_meta.h>
#include <ATen/ops/replication_pad2d_meta.h>
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

at::DimVector padded(const char* op, const at::Tensor& self, at::IntArrayRef padding) {
  TORCH_CHECK(padding.size() == 4, op, ": padding size is expected to be 4, but got ", padding.size(), ".");
  TORCH_CHECK((self.dim() == 3 || self.dim() == 4) && self.size(-1) > 0 && self.size(-2) > 0, op,
              ": expected 3D or 4D tensor with possibly 0 batch size and other non-zero dimensions, but got ",
              self.sizes(), " on ", self.device(), ".");
  at::DimVector sizes(self.sizes().begin(), self.sizes().end());
  const size_t last = sizes.size() - 1;
  sizes[last] += padding[0] + padding[1];
  sizes[last - 1] += padding[2] + padding[3];
  TORCH_CHECK(sizes[last] > 0 && sizes[last - 1] > 0, op, ": padding ", padding, " leaves nothing of ",
              self.sizes(), " on ", self.device(), ".");
  return sizes;
}

at::Tensor reflection_pad2d(const at::Tensor& self, at::IntArrayRef padding) {
  const at::DimVector sizes = padded("reflection_pad2d", self, padding);
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

template <auto kPhaseOne>
at::Tensor pad2d_backward(const at::Tensor& grad, const at::Tensor& self, at::IntArrayRef padding) {
  const at::DimVector sizes = padded("the backward of a pad", self, padding);
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
  bind_kernel<&reflection_pad2d>(m, "reflection_pad2d");
  bind_kernel<&pad2d_backward<aclnnReflectionPad2dBackwardGetWorkspaceSize>>(m, "reflection_pad2d_backward");
  bind_kernel<&pad2d_backward<aclnnReplicationPad2dBackwardGetWorkspaceSize>>(m,
                                                                              "replication_pad2d_backward");
}

}  // namespace
}  // namespace npu
