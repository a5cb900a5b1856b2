// Operators of torch_npu that join a few of torch's: RMS norm, SwiGLU, rotary position encoding.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/WrapDimMinimal.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/OwnOperator.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Two = std::tuple<at::Tensor, at::Tensor>;

// y = x / sqrt(mean(x^2) + epsilon) * gamma over the dimensions of gamma (Zhang and Sennrich, Root Mean
// Square Layer Normalization, 2019); rstd is in float32.
Two rms_norm(const at::Tensor& input, const at::Tensor& gamma, double epsilon) {
  const int64_t rank = input.dim() - gamma.dim();
  TORCH_CHECK(gamma.dim() > 0 && rank >= 0 && input.sizes().slice(rank) == gamma.sizes(),
              "npu_rms_norm: gamma must have the last sizes of the input, ", input.sizes(), ", but has ",
              gamma.sizes(), " on ", input.device(), ".");
  at::DimVector sizes(input.sizes());
  for (int64_t i = rank; i < input.dim(); ++i) sizes[i] = 1;
  at::Tensor out = empty(input.sizes(), input), rstd = empty(sizes, at::kFloat, input.device());
  if (out.numel() != 0) launch<aclnnRmsNormGetWorkspaceSize>(input, gamma, epsilon, out, rstd);
  return {out, rstd};
}

Two rms_norm_backward(const at::Tensor& dy, const at::Tensor& input, const at::Tensor& gamma,
                      const at::Tensor& rstd) {
  at::Tensor dx = empty(input.sizes(), input), dgamma = empty(gamma.sizes(), at::kFloat, gamma.device());
  if (dx.numel() == 0) return {dx, at::zeros_like(gamma)};
  launch<aclnnRmsNormGradGetWorkspaceSize>(dy, input, rstd, gamma, dx, dgamma);
  return {dx, dgamma.to(gamma.scalar_type())};
}

// silu(a) * b for the two halves of the input (Shazeer, GLU Variants Improve Transformer, 2020).
at::Tensor swiglu(const at::Tensor& input, int64_t dim) {
  dim = at::maybe_wrap_dim(dim, input.dim());
  TORCH_CHECK(input.dim() > 0 && input.size(dim) % 2 == 0, "npu_swiglu: dimension ", dim,
              " of the input must have an even size, but the sizes are ", input.sizes(), " on ",
              input.device(), ".");
  at::DimVector sizes(input.sizes());
  sizes[dim] /= 2;
  at::Tensor out = empty(sizes, input);
  if (out.numel() != 0) launch<aclnnSwiGluGetWorkspaceSize>(input, dim, out);
  return out;
}

at::Tensor swiglu_backward(const at::Tensor& grad, const at::Tensor& input, int64_t dim) {
  at::Tensor out = empty(input.sizes(), input);
  if (out.numel() != 0)
    launch<aclnnSwiGluGradGetWorkspaceSize>(grad, input, at::maybe_wrap_dim(dim, input.dim()), out);
  return out;
}

// x * r1 + rotated(x) * r2: halves or pairs of the last dimension are turned by 90 degrees (Su et al.,
// RoFormer, 2021).
at::Tensor rotary_mul(const at::Tensor& input, const at::Tensor& r1, const at::Tensor& r2,
                      std::string_view mode, const std::optional<at::Tensor>& rotate) {
  TORCH_CHECK(mode == "half" || mode == "interleave",
              "npu_rotary_mul: rotary_mode must be half or interleave, but is ", mode, ".");
  TORCH_CHECK_NOT_IMPLEMENTED(!rotate.has_value() || !rotate->defined(),
                              "npu_rotary_mul: a matrix for rotate is not offered yet.");
  TORCH_CHECK(input.dim() > 0 && input.size(-1) % 2 == 0,
              "npu_rotary_mul: the last size of the input must be even, but the sizes are ", input.sizes(),
              " on ", input.device(), ".");
  const bool halves = mode == "half";
  const at::Tensor pairs =
      halves ? input.unflatten(-1, {2, input.size(-1) / 2}) : input.unflatten(-1, {input.size(-1) / 2, 2});
  const int64_t dim = halves ? -2 : -1;
  const at::Tensor first = pairs.select(dim, 0), second = pairs.select(dim, 1);
  const at::Tensor turned = at::stack({-second, first}, dim).flatten(-2);
  return input * r1 + turned * r2;
}

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static variable_list forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& gamma,
                               double epsilon) {
    const at::AutoDispatchBelowAutograd below;
    const auto [out, rstd] =
        own_operator<decltype(npu::rms_norm)>("npu::npu_rms_norm").call(input, gamma, epsilon);
    context->save_for_backward({input, gamma, rstd});
    context->mark_non_differentiable({rstd});
    return {out, rstd};
  }
  static variable_list backward(AutogradContext* context, variable_list grads) {
    const variable_list t = context->get_saved_variables();
    const auto [dx, dgamma] = own_operator<decltype(npu::rms_norm_backward)>("npu::npu_rms_norm_backward")
                                  .call(grads[0], t[0], t[1], t[2]);
    return {dx, dgamma, at::Tensor()};
  }
};

struct SwiGlu : torch::autograd::Function<SwiGlu> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, int64_t dim) {
    const at::AutoDispatchBelowAutograd below;
    context->save_for_backward({input});
    context->saved_data["dim"] = dim;
    return own_operator<decltype(npu::swiglu)>("npu::npu_swiglu").call(input, dim);
  }
  static variable_list backward(AutogradContext* context, variable_list grads) {
    const at::Tensor dx =
        own_operator<decltype(npu::swiglu_backward)>("npu::npu_swiglu_backward")
            .call(grads[0], context->get_saved_variables()[0], context->saved_data["dim"].toInt());
    return {dx, at::Tensor()};
  }
};

Two rms_norm_with_gradient(const at::Tensor& input, const at::Tensor& gamma, double epsilon) {
  const variable_list out = RmsNorm::apply(input, gamma, epsilon);
  return {out[0], out[1]};
}

at::Tensor swiglu_with_gradient(const at::Tensor& input, int64_t dim) {
  return SwiGlu::apply(input, dim);
}

TORCH_LIBRARY_FRAGMENT(npu, m) {
  m.def("npu_rms_norm(Tensor input, Tensor gamma, float epsilon=1e-06) -> (Tensor, Tensor)");
  m.def("npu_rms_norm_backward(Tensor dy, Tensor input, Tensor gamma, Tensor rstd) -> (Tensor, Tensor)");
  m.def("npu_swiglu(Tensor input, int dim=-1) -> Tensor");
  m.def("npu_swiglu_backward(Tensor grad_output, Tensor input, int dim=-1) -> Tensor");
  m.def(
      "npu_rotary_mul(Tensor input, Tensor r1, Tensor r2, str rotary_mode='half', Tensor? rotate=None) -> "
      "Tensor",
      &rotary_mul);
}

TORCH_LIBRARY_IMPL(npu, PrivateUse1, m) {
  bind_kernel<&rms_norm>(m, "npu::npu_rms_norm");
  bind_kernel<&rms_norm_backward>(m, "npu::npu_rms_norm_backward");
  bind_kernel<&swiglu>(m, "npu::npu_swiglu");
  bind_kernel<&swiglu_backward>(m, "npu::npu_swiglu_backward");
}

TORCH_LIBRARY_IMPL(npu, AutogradPrivateUse1, m) {
  m.impl("npu_rms_norm", TORCH_FN(rms_norm_with_gradient));
  m.impl("npu_swiglu", TORCH_FN(swiglu_with_gradient));
}

}  // namespace
}  // namespace npu
