// Gradients of activation functions, and the activations that upstream has no structured form for.
#include <ATen/ATen.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

NPU_OP(ThresholdBackward, structured_threshold_backward, 1, aclnnThresholdBackward);
NPU_OP(SigmoidBackward, structured_sigmoid_backward, 1, aclnnSigmoidBackward);
NPU_OP(TanhBackward, structured_tanh_backward, 1, aclnnTanhBackward);
NPU_OP(GeluBackward, structured_gelu_backward, 1, aclnnGeluBackwardV2);
NPU_OP(SiluBackward, structured_silu_backward, 1, aclnnSiluBackward);
NPU_OP(EluBackward, structured_elu_backward, 1, aclnnEluBackward);
NPU_OP(LeakyReluBackward, structured_leaky_relu_backward, 1, aclnnLeakyReluBackward);
NPU_OP(SoftplusBackward, structured_softplus_backward, 1, aclnnSoftplusBackward);
NPU_OP(SoftshrinkBackward, structured_softshrink_backward, 1, aclnnSoftshrinkBackward);
NPU_OP(HardshrinkBackward, structured_hardshrink_backward, 1, aclnnHardshrinkBackward);
NPU_OP(HardsigmoidBackward, structured_hardsigmoid_backward, 1, aclnnHardsigmoidBackward);

struct LogitBackward : Row<at::meta::structured_logit_backward, 1> {
  static void run(const at::Tensor& grad, const at::Tensor& self, std::optional<double> eps,
                  const at::Tensor& grad_input) {
    launch<aclnnLogitGradGetWorkspaceSize>(self, grad, eps.value_or(-1.0), grad_input);
  }
};

// A negative eps means none: then infinities and NaN come out where the argument leaves (0, 1).
at::Tensor& logit_out(const at::Tensor& self, std::optional<double> eps, at::Tensor& out) {
  const at::ScalarType type = at::isIntegralType(self.scalar_type(), true)
                                  ? c10::typeMetaToScalarType(at::get_default_dtype())
                                  : self.scalar_type();
  if (!out.is_same(self)) fit_out("logit", out, self.sizes(), type);
  TORCH_CHECK(out.scalar_type() == type, "result type ", type, " can't be cast to the desired output type ",
              out.scalar_type());
  if (out.numel() != 0) launch<aclnnLogitGetWorkspaceSize>(self.to(type), eps.value_or(-1.0), out);
  return out;
}

at::Tensor logit(const at::Tensor& self, std::optional<double> eps) {
  const bool integral = at::isIntegralType(self.scalar_type(), true);
  at::Tensor out =
      at::empty_like(self, integral ? self.options().dtype(at::get_default_dtype()) : self.options());
  return logit_out(self, eps, out);
}

at::Tensor& logit_(at::Tensor& self, std::optional<double> eps) {
  return logit_out(self, eps, self);
}

struct Glu : Row<at::meta::structured_glu, 1> {
  static void run(const at::Tensor& self, int64_t dim, const at::Tensor& out) {
    launch<aclnnGluGetWorkspaceSize>(self, dim, out);
  }
};

at::Tensor& glu_backward_out(const at::Tensor& grad, const at::Tensor& self, int64_t dim,
                             at::Tensor& grad_input) {
  TORCH_CHECK(self.dim() > 0, "glu does not support 0-dimensional tensors");
  fit_out("glu_backward", grad_input, self.sizes(), self.scalar_type());
  if (grad_input.numel() != 0) launch<aclnnGluBackwardGetWorkspaceSize>(grad, self, dim, grad_input);
  return grad_input;
}

at::Tensor glu_backward(const at::Tensor& grad, const at::Tensor& self, int64_t dim) {
  at::Tensor grad_input = at::empty_like(self);
  return glu_backward_out(grad, self, dim, grad_input);
}

// Functions of one tensor to one of its shape

template <auto kOp>
at::Tensor& same_shape_out(const at::Tensor& self, at::Tensor& out) {
  if (!out.is_same(self)) fit_out("activation", out, self.sizes(), self.scalar_type());
  if (out.numel() != 0) launch<kOp>(self, out);
  return out;
}

template <auto kOp>
at::Tensor same_shape(const at::Tensor& self) {
  at::Tensor out = at::empty_like(self);
  return same_shape_out<kOp>(self, out);
}

template <auto kOp>
at::Tensor& same_shape_(at::Tensor& self) {
  return same_shape_out<kOp>(self, self);
}

template <auto kOp>
at::Tensor elementwise_backward(const at::Tensor& grad, const at::Tensor& self) {
  at::Tensor grad_input = at::empty_like(self);
  if (grad_input.numel() != 0) launch<kOp>(grad, self, grad_input);
  return grad_input;
}

// hardtanh: clamp with a gradient of its own

at::Tensor& hardtanh_out(const at::Tensor& self, const at::Scalar& min, const at::Scalar& max,
                         at::Tensor& out) {
  TORCH_CHECK(self.scalar_type() != at::kBool, "Bool inputs not supported for hardtanh");
  TORCH_CHECK(self.scalar_type() != at::kByte || (min.toDouble() >= 0 && max.toDouble() >= 0),
              "cannot do hardtanh on an unsigned type with negative limits");
  if (c10::isIntegralType(self.scalar_type(), false))  // the limits do not promote
    return at::clamp_out(out, self, at::Scalar(min.toLong()), at::Scalar(max.toLong()));
  return at::clamp_out(out, self, min, max);
}

at::Tensor hardtanh(const at::Tensor& self, const at::Scalar& min, const at::Scalar& max) {
  at::Tensor out = at::empty_like(self);
  return hardtanh_out(self, min, max, out);
}

at::Tensor& hardtanh_(at::Tensor& self, const at::Scalar& min, const at::Scalar& max) {
  return hardtanh_out(self, min, max, self);
}

at::Tensor& hardtanh_backward_out(const at::Tensor& grad, const at::Tensor& self, const at::Scalar& min,
                                  const at::Scalar& max, at::Tensor& grad_input) {
  fit_out("hardtanh_backward", grad_input, self.sizes(), self.scalar_type());
  if (grad_input.numel() != 0)
    launch<aclnnHardtanhBackwardGetWorkspaceSize>(grad, self, min, max, grad_input);
  return grad_input;
}

at::Tensor hardtanh_backward(const at::Tensor& grad, const at::Tensor& self, const at::Scalar& min,
                             const at::Scalar& max) {
  at::Tensor grad_input = at::empty_like(self);
  return hardtanh_backward_out(grad, self, min, max, grad_input);
}

// log_sigmoid: `buffer` is the forward pass's note to the backward pass

std::tuple<at::Tensor&, at::Tensor&> log_sigmoid_out(const at::Tensor& self, at::Tensor& out,
                                                     at::Tensor& buffer) {
  fit_out("log_sigmoid", out, self.sizes(), self.scalar_type());
  fit_out("log_sigmoid", buffer, self.sizes(), self.scalar_type());
  if (out.numel() != 0) launch<aclnnLogSigmoidForwardGetWorkspaceSize>(self, out, buffer);
  return {out, buffer};
}

std::tuple<at::Tensor, at::Tensor> log_sigmoid(const at::Tensor& self) {
  at::Tensor out = at::empty_like(self);
  at::Tensor buffer = at::empty_like(self);
  return log_sigmoid_out(self, out, buffer);
}

at::Tensor& log_sigmoid_backward_out(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& buffer,
                                     at::Tensor& grad_input) {
  fit_out("log_sigmoid_backward", grad_input, self.sizes(), self.scalar_type());
  if (grad_input.numel() != 0)
    launch<aclnnLogSigmoidBackwardGetWorkspaceSize>(grad, self, buffer, grad_input);
  return grad_input;
}

at::Tensor log_sigmoid_backward(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& buffer) {
  at::Tensor grad_input = at::empty_like(self);
  return log_sigmoid_backward_out(grad, self, buffer, grad_input);
}

// prelu arrives with its weight already shaped like the channels

at::Tensor prelu(const at::Tensor& self, const at::Tensor& weight) {
  return at::where(self.gt(0), self, self.mul(weight));
}

std::tuple<at::Tensor, at::Tensor> prelu_backward(const at::Tensor& grad, const at::Tensor& self,
                                                  const at::Tensor& weight) {
  const at::Tensor positive = self.gt(0);
  return {at::where(positive, grad, grad.mul(weight)),
          at::where(positive, at::zeros({}, grad.options()), grad.mul(self))};
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<ThresholdBackward>(m, "threshold_backward", nullptr, "threshold_backward.grad_input");
  bind<SigmoidBackward>(m, "sigmoid_backward", nullptr, "sigmoid_backward.grad_input");
  bind<TanhBackward>(m, "tanh_backward", nullptr, "tanh_backward.grad_input");
  bind<GeluBackward>(m, "gelu_backward", nullptr, "gelu_backward.grad_input");
  bind<SiluBackward>(m, "silu_backward", nullptr, "silu_backward.grad_input");
  bind<EluBackward>(m, nullptr, nullptr, "elu_backward.grad_input");
  bind<LeakyReluBackward>(m, nullptr, nullptr, "leaky_relu_backward.grad_input");
  bind<SoftplusBackward>(m, nullptr, nullptr, "softplus_backward.grad_input");
  bind<SoftshrinkBackward>(m, nullptr, nullptr, "softshrink_backward.grad_input");
  bind<HardshrinkBackward>(m, nullptr, nullptr, "hardshrink_backward.grad_input");
  bind<HardsigmoidBackward>(m, nullptr, nullptr, "hardsigmoid_backward.grad_input");
  bind<LogitBackward>(m, nullptr, nullptr, "logit_backward.grad_input");
  bind_kernel<&logit>(m, "logit");
  bind_kernel<&logit_>(m, "logit_");
  bind_kernel<&logit_out>(m, "logit.out");
  bind<Glu>(m, nullptr, nullptr, "glu.out");
  bind_kernel<&glu_backward>(m, "glu_backward");
  bind_kernel<&glu_backward_out>(m, "glu_backward.grad_input");
  bind_kernel<&same_shape<&aclnnHardswishGetWorkspaceSize>>(m, "hardswish");
  bind_kernel<&same_shape_<&aclnnHardswishGetWorkspaceSize>>(m, "hardswish_");
  bind_kernel<&same_shape_out<&aclnnHardswishGetWorkspaceSize>>(m, "hardswish.out");
  bind_kernel<&elementwise_backward<&aclnnHardswishBackwardGetWorkspaceSize>>(m, "hardswish_backward");
  bind_kernel<&elementwise_backward<&aclnnMishBackwardGetWorkspaceSize>>(m, "mish_backward");
  bind_kernel<&hardtanh>(m, "hardtanh");
  bind_kernel<&hardtanh_>(m, "hardtanh_");
  bind_kernel<&hardtanh_out>(m, "hardtanh.out");
  bind_kernel<&hardtanh_backward>(m, "hardtanh_backward");
  bind_kernel<&hardtanh_backward_out>(m, "hardtanh_backward.grad_input");
  bind_kernel<&log_sigmoid>(m, "log_sigmoid_forward");
  bind_kernel<&log_sigmoid_out>(m, "log_sigmoid_forward.output");
  bind_kernel<&log_sigmoid_backward>(m, "log_sigmoid_backward");
  bind_kernel<&log_sigmoid_backward_out>(m, "log_sigmoid_backward.grad_input");
  bind_kernel<&prelu>(m, "_prelu_kernel");
  bind_kernel<&prelu_backward>(m, "_prelu_kernel_backward");
}

}  // namespace npu
