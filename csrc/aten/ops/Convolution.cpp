// Convolution and its gradients, of one to three spatial dimensions, plain and transposed. Upstream's
// at::convolution checks the shapes, makes one dimension two, and serves empty batches; what is left comes
// here.
//
// cubeMathType is 0 (KEEP_DTYPE), as in Linalg.cpp.
#include <ATen/native/ConvUtils.h>
#include <ATen/ops/empty_like.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

using OptionalTensor = std::optional<at::Tensor>;
using Grads = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

constexpr int8_t kKeepDtype = 0;

void check_types(const at::Tensor& input, const at::Tensor& weight, const OptionalTensor& bias) {
  const at::ScalarType type = input.scalar_type();
  TORCH_CHECK(weight.scalar_type() == type, "Input type (", type, ") and weight type (", weight.scalar_type(),
              ") should be the same on ", input.device(), ".");
  TORCH_CHECK(!bias || !bias->defined() || bias->scalar_type() == type, "Input type (", type,
              ") and bias type (", bias->scalar_type(), ") should be the same on ", input.device(), ".");
}

at::Tensor convolution(const at::Tensor& input, const at::Tensor& weight, const OptionalTensor& bias,
                       at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation,
                       bool transposed, at::IntArrayRef output_padding, int64_t groups) {
  check_types(input, weight, bias);
  const std::vector<int64_t> sizes =
      transposed ? at::native::conv_input_size(input.sizes(), weight.sizes(), padding, output_padding, stride,
                                               dilation, groups)
                 : at::native::conv_output_size(input.sizes(), weight.sizes(), padding, stride, dilation);
  at::Tensor out = empty(sizes, input.scalar_type(), input.device(), input.suggest_memory_format());
  launch<aclnnConvolutionGetWorkspaceSize>(input, weight, bias, stride, padding, dilation, transposed,
                                           output_padding, groups, out, kKeepDtype);
  return out;
}

Grads convolution_backward(const at::Tensor& grad_output, const at::Tensor& input, const at::Tensor& weight,
                           at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation,
                           bool transposed, at::IntArrayRef output_padding, int64_t groups,
                           std::array<bool, 3> mask) {
  check_types(input, weight, std::nullopt);
  const int64_t channels = grad_output.size(1);
  const Grads grads{mask[0] ? at::empty_like(input) : at::Tensor(),
                    mask[1] ? at::empty_like(weight) : at::Tensor(),
                    mask[2] ? empty({channels}, grad_output) : at::Tensor()};
  const auto& [grad_input, grad_weight, grad_bias] = grads;
  launch<aclnnConvolutionBackwardGetWorkspaceSize>(
      grad_output, input, weight, at::IntArrayRef(channels), stride, padding, dilation, transposed,
      output_padding, static_cast<int>(groups), mask, kKeepDtype, grad_input, grad_weight, grad_bias);
  return grads;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_kernel<&convolution>(m, "convolution_overrideable");
  bind_kernel<&convolution_backward>(m, "convolution_backward_overrideable");
}

}  // namespace
}  // namespace npu
