// Normalisation: softmax, layer norm, group norm, batch norm.
#include <ATen/ATen.h>
#include <ATen/native/layer_norm.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

// softmax

// half_to_float asks for a float32 result of a half input; the kernels keep the dtype, so the input is
// widened first.
template <class Meta, auto kOp>
struct SoftmaxRow : Row<Meta, 1> {
  static void run(const at::Tensor& self, int64_t dim, bool half_to_float, const at::Tensor& out) {
    TORCH_CHECK(at::isFloatingType(self.scalar_type()), "softmax: expected a floating-point tensor, but got ",
                self.scalar_type(), " on ", self.device(), "; pass dtype=torch.float32.");
    launch<kOp>(half_to_float ? self.to(out.scalar_type()) : self, dim, out);
  }
};
using Softmax = SoftmaxRow<at::meta::structured__softmax, &aclnnSoftmaxGetWorkspaceSize>;
using LogSoftmax = SoftmaxRow<at::meta::structured__log_softmax, &aclnnLogSoftmaxGetWorkspaceSize>;

template <class Meta, auto kOp>
struct SoftmaxBackwardRow : Row<Meta, 1> {
  static void run(const at::Tensor& grad, const at::Tensor& output, int64_t dim, at::ScalarType,
                  const at::Tensor& grad_input) {
    if (grad.scalar_type() == grad_input.scalar_type()) {
      launch<kOp>(grad, output, dim, grad_input);
    } else {  // the gradient of half_to_float
      const at::Tensor wide = empty(grad_input.sizes(), grad);
      launch<kOp>(grad, output, dim, wide);
      grad_input.copy_(wide);
    }
  }
};
using SoftmaxBackward =
    SoftmaxBackwardRow<at::meta::structured__softmax_backward_data, &aclnnSoftmaxBackwardGetWorkspaceSize>;
using LogSoftmaxBackward = SoftmaxBackwardRow<at::meta::structured__log_softmax_backward_data,
                                              &aclnnLogSoftmaxBackwardGetWorkspaceSize>;

// layer norm: mean and rstd are float32 where the input is half

std::tuple<at::Tensor, at::Tensor, at::Tensor> layer_norm(const at::Tensor& input,
                                                          at::IntArrayRef normalized_shape,
                                                          const OptionalTensor& weight,
                                                          const OptionalTensor& bias, double eps) {
  at::native::_check_layer_norm_inputs(input, normalized_shape, weight.value_or(at::Tensor()),
                                       bias.value_or(at::Tensor()));
  at::DimVector sizes(input.sizes());
  for (size_t i = sizes.size() - normalized_shape.size(); i < sizes.size(); ++i) sizes[i] = 1;
  const at::ScalarType type = accumulate_type(input.scalar_type());
  at::Tensor out = empty(input.sizes(), input);
  at::Tensor mean = empty(sizes, type, input.device());
  at::Tensor rstd = empty(sizes, type, input.device());
  if (out.numel() != 0) {
    launch<aclnnLayerNormGetWorkspaceSize>(input, normalized_shape, weight, bias, eps, out, mean, rstd);
  } else if (mean.numel() != 0) {  // rows of no elements
    mean.zero_();
    rstd.fill_(std::numeric_limits<double>::quiet_NaN());
  }
  return {out, mean, rstd};
}

using Grads = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

// Undefined where nobody asks for it.
at::Tensor grad_of(bool wanted, const at::Tensor& tensor) {
  return wanted && tensor.defined() ? empty(tensor.sizes(), tensor) : at::Tensor();
}

Grads zeroed(Grads grads) {
  for (at::Tensor* grad : {&std::get<0>(grads), &std::get<1>(grads), &std::get<2>(grads)}) {
    if (grad->defined()) grad->zero_();
  }
  return grads;
}

Grads layer_norm_backward(const at::Tensor& grad_out, const at::Tensor& input,
                          at::IntArrayRef normalized_shape, const at::Tensor& mean, const at::Tensor& rstd,
                          const OptionalTensor& weight, const OptionalTensor& bias,
                          std::array<bool, 3> mask) {
  const at::Tensor gamma = weight.value_or(at::Tensor());
  const at::Tensor beta = bias.value_or(at::Tensor());
  const Grads grads{grad_of(mask[0], input), grad_of(mask[1], gamma),
                    grad_of(mask[2], beta.defined() ? beta : gamma)};
  if (input.numel() == 0) return zeroed(grads);
  const auto& [grad_input, grad_weight, grad_bias] = grads;
  launch<aclnnLayerNormBackwardGetWorkspaceSize>(grad_out, input, normalized_shape, mean, rstd, gamma, beta,
                                                 mask, grad_input, grad_weight, grad_bias);
  return grads;
}

// group norm

std::tuple<at::Tensor, at::Tensor, at::Tensor> group_norm(const at::Tensor& input,
                                                          const OptionalTensor& weight,
                                                          const OptionalTensor& bias, int64_t n,
                                                          int64_t channels, int64_t pixels, int64_t groups,
                                                          double eps) {
  TORCH_CHECK(channels % groups == 0,
              "Expected number of channels in input to be divisible by num_groups, but got ",
              "input of shape ", input.sizes(), " and num_groups=", groups);
  const at::ScalarType type = input.scalar_type();
  at::Tensor out = empty(input.sizes(), input);
  at::Tensor mean = empty({n, groups}, type, input.device());
  at::Tensor rstd = empty({n, groups}, type, input.device());
  if (out.numel() != 0) {
    launch<aclnnGroupNormGetWorkspaceSize>(input.contiguous(), weight, bias, n, channels, pixels, groups, eps,
                                           out, mean, rstd);
  }
  return {out, mean, rstd};
}

Grads group_norm_backward(const at::Tensor& grad_out, const at::Tensor& input, const at::Tensor& mean,
                          const at::Tensor& rstd, const OptionalTensor& weight, int64_t n, int64_t channels,
                          int64_t pixels, int64_t groups, std::array<bool, 3> mask) {
  const auto affine = [&](bool wanted) { return wanted ? empty({channels}, input) : at::Tensor(); };
  const Grads grads{grad_of(mask[0], input), affine(mask[1]), affine(mask[2])};
  if (input.numel() == 0) return zeroed(grads);
  const auto& [grad_input, grad_weight, grad_bias] = grads;
  launch<aclnnGroupNormBackwardGetWorkspaceSize>(grad_out.contiguous(), input.contiguous(), mean, rstd,
                                                 weight, n, channels, pixels, groups, mask, grad_input,
                                                 grad_weight, grad_bias);
  return grads;
}

// batch norm

std::tuple<at::Tensor, at::Tensor, at::Tensor> batch_norm(
    const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias,
    const OptionalTensor& mean, const OptionalTensor& var, bool training, double momentum, double eps) {
  TORCH_CHECK(input.dim() >= 2, "batch_norm: expected a tensor of at least 2 dimensions, but got ",
              input.dim());
  const at::ScalarType type = accumulate_type(input.scalar_type());
  at::Tensor out = at::empty_like(input);
  at::Tensor save_mean = empty({training ? input.size(1) : 0}, type, input.device());
  at::Tensor save_invstd = empty({training ? input.size(1) : 0}, type, input.device());
  if (out.numel() != 0) {
    launch<aclnnBatchNormGetWorkspaceSize>(input, weight, bias, mean, var, training, momentum, eps, out,
                                           save_mean, save_invstd);
  }
  return {out, save_mean, save_invstd};
}

Grads batch_norm_backward(const at::Tensor& grad_out, const at::Tensor& input, const OptionalTensor& weight,
                          const OptionalTensor& running_mean, const OptionalTensor& running_var,
                          const OptionalTensor& save_mean, const OptionalTensor& save_invstd, bool training,
                          double eps, std::array<bool, 3> mask) {
  const at::Tensor gamma = weight.value_or(at::Tensor());
  const auto affine = [&](bool wanted) {
    if (!wanted) return at::Tensor();
    return empty({input.size(1)}, gamma.defined() ? gamma.scalar_type() : input.scalar_type(),
                 input.device());
  };
  const Grads grads{mask[0] ? at::empty_like(input) : at::Tensor(), affine(mask[1]), affine(mask[2])};
  if (input.numel() == 0) return zeroed(grads);
  const auto& [grad_input, grad_weight, grad_bias] = grads;
  launch<aclnnBatchNormBackwardGetWorkspaceSize>(grad_out, input, weight, running_mean, running_var,
                                                 save_mean, save_invstd, training, eps, mask, grad_input,
                                                 grad_weight, grad_bias);
  return grads;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<Softmax>(m, "_softmax", nullptr, "_softmax.out");
  bind<LogSoftmax>(m, "_log_softmax", nullptr, "_log_softmax.out");
  bind<SoftmaxBackward>(m, "_softmax_backward_data", nullptr, "_softmax_backward_data.out");
  bind<LogSoftmaxBackward>(m, "_log_softmax_backward_data", nullptr, "_log_softmax_backward_data.out");
  bind_kernel<&layer_norm>(m, "native_layer_norm");
  bind_kernel<&layer_norm_backward>(m, "native_layer_norm_backward");
  bind_kernel<&group_norm>(m, "native_group_norm");
  bind_kernel<&group_norm_backward>(m, "native_group_norm_backward");
  bind_kernel<&batch_norm>(m, "native_batch_norm");
  bind_kernel<&batch_norm_backward>(m, "native_batch_norm_backward");
}

}  // namespace npu
