// Activations and their gradients.
#include <ATen/ExpandUtils.h>
#include <ATen/TensorOperators.h>
#include <c10/core/WrapDimMinimal.h>

#include <ATen/ops/add.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/elu_backward.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/glu_backward.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/hardshrink.h>
#include <ATen/ops/hardshrink_backward.h>
#include <ATen/ops/hardsigmoid.h>
#include <ATen/ops/hardsigmoid_backward.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/hardswish_backward.h>
#include <ATen/ops/hardtanh_backward.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/leaky_relu_backward.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/logit.h>
#include <ATen/ops/logit_backward.h>
#include <ATen/ops/mish.h>
#include <ATen/ops/mish_backward.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/prelu.h>
#include <ATen/ops/result_type.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sigmoid_backward.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/silu_backward.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/softplus_backward.h>
#include <ATen/ops/softshrink.h>
#include <ATen/ops/softshrink_backward.h>
#include <ATen/ops/tanh_backward.h>
#include <ATen/ops/threshold.h>
#include <ATen/ops/threshold_backward.h>
#include <ATen/ops/where.h>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/raw.h"

using namespace softnpu;

namespace {

std::string_view approximation(int64_t tanh) {
  TORCH_CHECK(tanh == 0 || tanh == 1, "approximate is ", tanh, "; it must be 0 (none) or 1 (tanh)");
  return tanh == 1 ? "tanh" : "none";
}

std::string_view approximation(Text name) {
  const std::string_view text = name == nullptr ? "none" : name;
  TORCH_CHECK(text == "none" || text == "tanh", "approximate is ", text, "; it must be none or tanh");
  return text;
}

// ATen's fast path writes nothing into a result with gaps between its elements.
void gelu_into(Out out, In x, std::string_view approximate) {
  if (out.is_contiguous()) {
    at::gelu_out(out, x, approximate);
  } else {
    put(out, at::gelu(x, approximate));
  }
}

}  // namespace

SOFT_OP(aclnnRelu, RealNumeric.raw_loop(raw::relu), (In self, Out out), at::clamp_min_out(out, self, 0))
SOFT_OP(aclnnInplaceRelu, RealNumeric.raw_loop(raw::relu), (Out selfRef),
        at::clamp_min_out(selfRef, selfRef, 0))
SOFT_OP(aclnnAddRelu, RealNumeric.pointwise(), (In self, In other, OptNumber alpha, Out out),
        at::clamp_min_out(out, at::add(self, other, alpha.value_or(1)), 0))
SOFT_OP(aclnnInplaceAddRelu, RealNumeric.pointwise(), (Out selfRef, In other, OptNumber alpha),
        at::clamp_min_out(selfRef, at::add(selfRef, other, alpha.value_or(1)), 0))
SOFT_OP(aclnnThreshold, RealNumeric.pointwise(), (In self, Number threshold, Number value, Out out),
        at::threshold_out(out, self, threshold, value))
SOFT_OP(aclnnInplaceThreshold, RealNumeric.pointwise(), (Out selfRef, Number threshold, Number value),
        at::threshold_out(selfRef, selfRef, threshold, value))
SOFT_OP(aclnnThresholdBackward, RealNumeric.pointwise(), (In gradOutput, In self, Number threshold, Out out),
        at::threshold_backward_out(out, gradOutput, self, threshold))
SOFT_OP(aclnnSigmoidBackward, FloatingOrComplex.pointwise(), (In gradOutput, In output, Out gradInput),
        at::sigmoid_backward_out(gradInput, gradOutput, output))
SOFT_OP(aclnnTanhBackward, FloatingOrComplex.pointwise(), (In gradOutput, In output, Out gradInput),
        at::tanh_backward_out(gradInput, gradOutput, output))
SOFT_OP(aclnnGelu, Floating.pointwise(), (In self, Out out), gelu_into(out, self, "none"))
SOFT_OP(aclnnGeluV2, Floating.pointwise(), (In x, int64_t approximate, Out y),
        gelu_into(y, x, approximation(approximate)))
SOFT_OP(aclnnGeluBackward, Floating.pointwise(), (In gradOutput, In self, Out gradInput),
        at::gelu_backward_out(gradInput, gradOutput, self, "none"))
SOFT_OP(aclnnGeluBackwardV2, Floating.pointwise(), (In gradOutput, In self, Text approximate, Out gradInput),
        at::gelu_backward_out(gradInput, gradOutput, self, approximation(approximate)))
SOFT_OP(aclnnSilu, FloatingOrComplex.pointwise(), (In self, Out out), at::silu_out(out, self))
SOFT_OP(aclnnSiluBackward, Floating.pointwise(), (In gradOutput, In self, Out gradInput),
        at::silu_backward_out(gradInput, gradOutput, self))
SOFT_OP(aclnnMish, Floating.pointwise(), (In self, Out out), at::mish_out(out, self))
SOFT_OP(aclnnInplaceMish, Floating.pointwise(), (Out selfRef), at::mish_out(selfRef, selfRef))
SOFT_OP(aclnnMishBackward, Floating.pointwise(), (In gradOutput, In self, Out gradInput),
        { put(gradInput, at::mish_backward(gradOutput, self)); })
SOFT_OP(aclnnElu, Floating.pointwise(), (In self, Number alpha, Number scale, Number inputScale, Out out),
        at::elu_out(out, self, alpha, scale, inputScale))
SOFT_OP(aclnnInplaceElu, Floating.pointwise(), (Out selfRef, Number alpha, Number scale, Number inputScale),
        at::elu_out(selfRef, selfRef, alpha, scale, inputScale))
SOFT_OP(aclnnEluBackward, Floating.pointwise(),
        (In gradOutput, Number alpha, Number scale, Number inputScale, bool isResult, In selfOrResult,
         Out gradInput),
        at::elu_backward_out(gradInput, gradOutput, alpha, scale, inputScale, isResult, selfOrResult))
SOFT_OP(aclnnCelu, Floating.pointwise(), (In self, Number alpha, Out out),
        at::elu_out(out, self, alpha, 1, 1 / alpha.toDouble()))
SOFT_OP(aclnnInplaceCelu, Floating.pointwise(), (Out selfRef, Number alpha),
        at::elu_out(selfRef, selfRef, alpha, 1, 1 / alpha.toDouble()))
SOFT_OP(aclnnLeakyRelu, Floating.pointwise(), (In self, Number negativeSlope, Out out),
        at::leaky_relu_out(out, self, negativeSlope))
SOFT_OP(aclnnInplaceLeakyRelu, Floating.pointwise(), (Out selfRef, Number negativeSlope),
        at::leaky_relu_out(selfRef, selfRef, negativeSlope))
SOFT_OP(aclnnLeakyReluBackward, Floating.pointwise(),
        (In gradOutput, In self, Number negativeSlope, bool selfIsResult, Out out),
        at::leaky_relu_backward_out(out, gradOutput, self, negativeSlope, selfIsResult))
SOFT_OP(aclnnHardsigmoid, Floating.pointwise(), (In self, Out out), at::hardsigmoid_out(out, self))
SOFT_OP(aclnnInplaceHardsigmoid, Floating.pointwise(), (Out self), at::hardsigmoid_out(self, self))
SOFT_OP(aclnnHardsigmoidBackward, Floating.pointwise(), (In gradOutput, In self, Out out),
        at::hardsigmoid_backward_out(out, gradOutput, self))
SOFT_OP(aclnnHardswish, Floating.pointwise(), (In self, Out out), {
  expect_same_dtype(out, self);
  at::hardswish_out(out, self);
})
SOFT_OP(aclnnInplaceHardswish, Floating.pointwise(), (Out self), { self.copy_(at::hardswish(self)); })
SOFT_OP(aclnnHardswishBackward, Floating.pointwise(), (In gradOutput, In self, Out out),
        { put(out, at::hardswish_backward(gradOutput, self)); })
SOFT_OP(aclnnHardswishBackwardV2, Floating.pointwise(), (In gradOutput, In self, Out out),
        { put(out, at::hardswish_backward(gradOutput, self)); })
SOFT_OP(aclnnHardtanh, RealNumeric.pointwise(), (In self, Number clipValueMin, Number clipValueMax, Out out),
        at::clamp_out(out, self, clipValueMin, clipValueMax))
SOFT_OP(aclnnInplaceHardtanh, RealNumeric.pointwise(),
        (Out selfRef, Number clipValueMin, Number clipValueMax),
        at::clamp_out(selfRef, selfRef, clipValueMin, clipValueMax))
SOFT_OP(aclnnHardtanhBackward, Floating.pointwise(),
        (In gradOutput, In self, Number min, Number max, Out out),
        { at::hardtanh_backward_out(out, gradOutput, self, min, max); })
SOFT_OP(aclnnHardshrink, Floating.pointwise(), (In self, Number lambd, Out out),
        at::hardshrink_out(out, self, lambd))
SOFT_OP(aclnnHardshrinkBackward, Floating.pointwise(), (In gradOutput, In self, Number lambd, Out gradInput),
        at::hardshrink_backward_out(gradInput, gradOutput, self, lambd))
SOFT_OP(aclnnSoftshrink, Floating.pointwise(), (In self, Number lambd, Out out),
        at::softshrink_out(out, self, lambd))
SOFT_OP(aclnnSoftshrinkBackward, Floating.pointwise(), (In gradOutput, In self, Number lambda, Out gradInput),
        at::softshrink_backward_out(gradInput, gradOutput, self, lambda))
SOFT_OP(aclnnSoftplus, Floating.pointwise(), (In self, Number beta, Number threshold, Out out),
        at::softplus_out(out, self, beta, threshold))
SOFT_OP(aclnnSoftplusBackward, Floating.pointwise(),
        (In gradOutput, In self, Number beta, Number threshold, Out gradInput),
        at::softplus_backward_out(gradInput, gradOutput, self, beta, threshold))
SOFT_OP(aclnnLogSigmoid, Floating.pointwise(), (In self, Out out), { put(out, at::log_sigmoid(self)); })
// The buffer belongs to the kernel: its backward computes from self.
SOFT_OP(aclnnLogSigmoidForward, Floating, (In self, Out out, Out buffer), {
  if (checking()) return expect_like(out, self);
  put(out, at::log_sigmoid(self));
  buffer.zero_();
})
SOFT_OP(aclnnLogSigmoidBackward, Floating, (In gradOutput, In self, OptIn buffer, Out gradInput), {
  if (checking())
    return expect(gradInput, at::infer_size(gradOutput.sizes(), self.sizes()),
                  at::result_type(gradOutput, self));
  (void)buffer;
  put(gradInput, at::sigmoid(at::neg(self)).mul_(gradOutput));
})
SOFT_OP(aclnnGlu, Floating, (In self, int64_t dim, Out out), aten::glu_out(out, self, dim))
SOFT_OP(aclnnGluBackward, Floating, (In gradOut, In self, int64_t dim, Out out), {
  expect_same_dtype(gradOut, self);
  expect_same_dtype(out, self);
  std::vector<int64_t> half = self.sizes().vec();
  half[static_cast<size_t>(c10::maybe_wrap_dim(dim, self.dim()))] /= 2;
  TORCH_CHECK(gradOut.sizes() == half, "gradOut must have shape ", at::IntArrayRef(half));
  if (checking()) return expect_like(out, self);
  at::glu_backward_out(out, gradOut, self, dim);
})
SOFT_OP(aclnnSwiGlu, Floating, (In x, int64_t dim, Out out), {
  TORCH_CHECK(x.size(dim) % 2 == 0, "the size of x along dim must be even");
  std::vector<int64_t> half = x.sizes().vec();
  half[static_cast<size_t>(c10::maybe_wrap_dim(dim, x.dim()))] /= 2;
  if (checking()) return expect(out, half, x.scalar_type());
  const std::vector<at::Tensor> halves = x.chunk(2, dim);
  put(out, at::silu(halves[0]).mul_(halves[1]));
})
SOFT_OP(aclnnSwiGluGrad, Floating, (In yGrad, In x, int64_t dim, Out out), {
  std::vector<int64_t> half = x.sizes().vec();
  half[static_cast<size_t>(c10::maybe_wrap_dim(dim, x.dim()))] /= 2;
  TORCH_CHECK(yGrad.sizes() == half, "yGrad must have shape ", at::IntArrayRef(half));
  if (checking()) return expect_like(out, x);
  const std::vector<at::Tensor> halves = x.chunk(2, dim);
  put(out, at::cat({at::silu_backward(yGrad * halves[1], halves[0]), yGrad * at::silu(halves[0])}, dim));
})
SOFT_OP(aclnnFastGelu, Floating.pointwise(), (In self, Out out),
        put(out, at::sigmoid(self * 1.702).mul_(self)))
SOFT_OP(aclnnFastGeluBackward, Floating.pointwise(), (In gradOutput, In self, Out gradInput), {
  const at::Tensor gate = at::sigmoid(self * 1.702);
  put(gradInput, gradOutput * (gate + self * 1.702 * gate * (1 - gate)));
})
SOFT_OP(aclnnPrelu, Floating, (In self, In weight, Out out), {
  expect_same_dtype(self, weight);
  const int64_t channels = self.dim() >= 2 ? self.size(1) : 1;
  TORCH_CHECK(weight.numel() == 1 || weight.numel() == channels, "weight must have one element or ",
              channels);
  if (checking()) return expect_like(out, self);
  put(out, at::prelu(self, weight));
})
SOFT_OP(aclnnPreluBackward, Floating, (In gradOutput, In self, In weight, Out gradInput, Out gradWeight), {
  expect_same_dtype(self, weight);
  const int64_t channels = self.dim() >= 2 ? self.size(1) : 1;
  TORCH_CHECK(weight.numel() == 1 || weight.numel() == channels, "weight must have one element or ",
              channels);
  TORCH_CHECK(gradWeight.numel() == weight.numel(), "gradWeight must have the size of weight");
  if (checking()) return expect_like(gradInput, self);
  std::vector<int64_t> shape(static_cast<size_t>(self.dim()), 1);
  if (weight.numel() > 1) shape[1] = weight.numel();
  const at::Tensor positive = at::gt(self, 0);
  put(gradInput, at::where(positive, gradOutput, weight.reshape(shape) * gradOutput));
  const at::Tensor terms = (self * gradOutput).masked_fill(positive, 0);
  put_flat(gradWeight, at::sum_to(terms, shape));
})
SOFT_OP(aclnnLogit, Floating.pointwise(), (In input, double eps, Out out),
        { at::logit_out(out, input, eps < 0 ? std::nullopt : std::optional<double>(eps)); })
SOFT_OP(aclnnLogitGrad, Floating.pointwise(), (In x, In dy, double eps, Out out),
        at::logit_backward_out(out, dy, x, eps < 0 ? std::nullopt : std::optional<double>(eps)))
