// Softmax and the normalisations.
#include <ATen/ExpandUtils.h>
#include <ATen/TensorOperators.h>

#include <ATen/ops/add.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/native_batch_norm_backward.h>
#include <ATen/ops/native_group_norm.h>
#include <ATen/ops/native_group_norm_backward.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/sum.h>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/threads.h"

using namespace softnpu;

namespace {

at::Tensor in_float(const at::Tensor& tensor) {
  const bool half = tensor.scalar_type() == at::kHalf || tensor.scalar_type() == at::kBFloat16;
  return half ? tensor.to(at::kFloat) : tensor;
}

void check_gamma(In x, In gamma) {
  TORCH_CHECK(gamma.dim() >= 1 && gamma.dim() <= x.dim() &&
                  x.sizes().slice(static_cast<size_t>(x.dim() - gamma.dim())) == gamma.sizes(),
              "gamma must have the last dimensions of x");
}

// ATen's kernels of the CPU read the parameters of a group normalisation as if they had no gaps.
std::optional<at::Tensor> dense(OptIn parameter) {
  const std::optional<at::Tensor> tensor = present(parameter);
  return tensor ? std::optional<at::Tensor>(tensor->contiguous()) : std::nullopt;
}

// x / sqrt(mean(x^2) + eps) over the last dimensions that gamma covers, in float; also 1 / sqrt(...).
std::pair<at::Tensor, at::Tensor> rms_normalise(In x, In gamma, double epsilon) {
  std::vector<int64_t> dims;
  for (int64_t i = x.dim() - gamma.dim(); i < x.dim(); ++i) dims.push_back(i);
  const at::Tensor wide = in_float(x);
  const at::Tensor rstd = at::rsqrt(at::mean(wide * wide, dims, true).add_(epsilon));
  return {wide * rstd, rstd};
}

// Statistics and affine parameters of batch normalisation are vectors over the channels.
void check_channels(In input, std::initializer_list<std::optional<at::Tensor>> vectors) {
  TORCH_CHECK(input.dim() >= 2, "input must have two dimensions or more");
  const at::ScalarType dtype = input.scalar_type();
  const at::ScalarType wide_dtype = dtype == at::kHalf || dtype == at::kBFloat16 ? at::kFloat : dtype;
  for (const auto& vector : vectors) {
    if (!vector.has_value()) continue;
    TORCH_CHECK(vector->dim() == 1 && vector->size(0) == input.size(1),
                "weight, bias and statistics must be vectors of ", input.size(1), " channels");
    TORCH_CHECK(vector->scalar_type() == dtype || vector->scalar_type() == wide_dtype,
                "weight, bias and statistics must be ", at::toString(dtype), " as input is, or float, not ",
                at::toString(vector->scalar_type()));
  }
}

// Statistics and affine parameters in the data type in which ATen wants them beside `input`: half types have
// theirs in float, wherever they are stored.
std::optional<at::Tensor> widened(const std::optional<at::Tensor>& vector) {
  return vector.has_value() ? std::optional<at::Tensor>(wide(*vector)) : std::nullopt;
}

// Where the channels lie side by side ATen's threads add up rows each for themselves.
bool adds_rows(In input) {
  return input.stride(1) == 1;
}

void check_normalised(In input, Ints shape, OptIn weight, OptIn bias) {
  const int64_t leading = input.dim() - static_cast<int64_t>(shape.size());
  TORCH_CHECK(leading >= 0 && input.sizes().slice(static_cast<size_t>(leading)) == shape, "input has shape ",
              input.sizes(), ", which does not end in normalizedShape ", shape);
  for (const auto& affine : {&weight, &bias})
    TORCH_CHECK(!affine->has_value() || (*affine)->sizes() == shape,
                "weight and bias must have normalizedShape");
}

void layer_norm(In input, Ints shape, OptIn weight, OptIn bias, double eps, Out out, OptOut mean,
                OptOut rstd) {
  check_normalised(input, shape, weight, bias);
  if (checking()) return expect_like(out, input);
  // Where dtypes differ ATen wants them alike, and hardware computes in float.
  auto cast = [&](OptIn tensor) {
    return tensor.has_value() ? std::optional<at::Tensor>(tensor->to(input.scalar_type())) : std::nullopt;
  };
  const auto [result, means, rstds] = at::native_layer_norm(input, shape, cast(weight), cast(bias), eps);
  put(out, result);
  put_flat(mean, means);
  put_flat(rstd, rstds);
}

}  // namespace

SOFT_OP(aclnnSoftmax, Floating, (In self, int64_t dim, Out out), {
  TORCH_CHECK(c10::isFloatingType(out.scalar_type()), "out must be a floating type");
  if (self.scalar_type() == out.scalar_type()) return (void)aten::_softmax_out(out, self, dim, false);
  put(out, aten::_softmax(self.to(out.scalar_type()), dim, false));
})
SOFT_OP(aclnnLogSoftmax, Floating, (In self, int64_t dim, Out out), {
  TORCH_CHECK(c10::isFloatingType(out.scalar_type()), "out must be a floating type");
  if (self.scalar_type() == out.scalar_type()) return (void)aten::_log_softmax_out(out, self, dim, false);
  put(out, aten::_log_softmax(self.to(out.scalar_type()), dim, false));
})
SOFT_OP(aclnnSoftmaxBackward, Floating, (In gradOutput, In output, int64_t dim, Out out), {
  if (gradOutput.scalar_type() == out.scalar_type() && output.scalar_type() == out.scalar_type())
    return (void)aten::_softmax_backward_data_out(out, gradOutput, output, dim, out.scalar_type());
  put(out, aten::_softmax_backward_data(gradOutput, output.to(gradOutput.scalar_type()), dim,
                                        gradOutput.scalar_type()));
})
SOFT_OP(aclnnLogSoftmaxBackward, Floating, (In gradOutput, In output, int64_t dim, Out out), {
  if (gradOutput.scalar_type() == out.scalar_type() && output.scalar_type() == out.scalar_type())
    return (void)aten::_log_softmax_backward_data_out(out, gradOutput, output, dim, out.scalar_type());
  put(out, aten::_log_softmax_backward_data(gradOutput, output.to(gradOutput.scalar_type()), dim,
                                            gradOutput.scalar_type()));
})

SOFT_OP(aclnnLayerNorm, Floating,
        (In input, Ints normalizedShape, OptIn weightOptional, OptIn biasOptional, double eps, Out out,
         OptOut meanOutOptional, OptOut rstdOutOptional),
        layer_norm(input, normalizedShape, weightOptional, biasOptional, eps, out, meanOutOptional,
                   rstdOutOptional))
SOFT_OP(aclnnFastLayerNorm, Floating,
        (In input, Ints normalizedShape, OptIn weightOptional, OptIn biasOptional, double eps, Out out,
         OptOut meanOutOptional, OptOut rstdOutOptional),
        layer_norm(input, normalizedShape, weightOptional, biasOptional, eps, out, meanOutOptional,
                   rstdOutOptional))
SOFT_OP(aclnnLayerNormBackward, Floating,
        (In gradOut, In input, Ints normalizedShape, In mean, In rstd, OptIn weightOptional,
         OptIn biasOptional, Bools outputMask, OptOut gradInputOut, OptOut gradWeightOut, OptOut gradBiasOut),
        {
          TORCH_CHECK(outputMask.size() == 3, "outputMask must have 3 entries");
          TORCH_CHECK(gradOut.sizes() == input.sizes(), "gradOut must have the shape of input");
          check_normalised(input, normalizedShape, weightOptional, biasOptional);
          if (checking()) return;
          const at::ScalarType dtype = input.scalar_type();
          auto cast = [&](OptIn tensor) {
            return tensor.has_value() ? std::optional<at::Tensor>(tensor->to(dtype)) : std::nullopt;
          };
          // Half inputs keep their statistics in float.
          auto backward = [&](std::array<bool, 3> mask) {
            return at::native_layer_norm_backward(gradOut.to(dtype), input, normalizedShape, mean.to(dtype),
                                                  rstd.to(dtype), cast(weightOptional), cast(biasOptional),
                                                  mask);
          };
          if (outputMask[0]) put(gradInputOut, std::get<0>(backward({true, false, false})));
          if (!outputMask[1] && !outputMask[2]) return;
          const OneThread sums_in_order;  // of the rows
          const auto [none, grad_weight, grad_bias] = backward({false, outputMask[1], outputMask[2]});
          if (outputMask[1]) put(gradWeightOut, grad_weight);
          if (outputMask[2]) put(gradBiasOut, grad_bias);
        })

SOFT_OP(aclnnRmsNorm, Floating, (In x, In gamma, double epsilon, Out yOut, Out rstdOut), {
  check_gamma(x, gamma);
  if (checking()) return expect_like(yOut, x);
  const auto [normal, rstd] = rms_normalise(x, gamma, epsilon);
  put(yOut, normal * in_float(gamma));
  put_flat(rstdOut, rstd);
})
SOFT_OP(aclnnGemmaRmsNorm, Floating, (In x, In gamma, double epsilon, Out yOut, Out rstdOut), {
  check_gamma(x, gamma);
  if (checking()) return expect_like(yOut, x);
  const auto [normal, rstd] = rms_normalise(x, gamma, epsilon);
  put(yOut, normal * (in_float(gamma) + 1));
  put_flat(rstdOut, rstd);
})
SOFT_OP(aclnnAddRmsNorm, Floating, (In x1, In x2, In gamma, double epsilon, Out yOut, Out rstdOut, Out xOut),
        {
          check_gamma(x1, gamma);
          if (checking()) return expect(yOut, at::infer_size(x1.sizes(), x2.sizes()), x1.scalar_type());
          const at::Tensor sum = at::add(x1, x2);
          const auto [normal, rstd] = rms_normalise(sum, gamma, epsilon);
          put(yOut, normal * in_float(gamma));
          put_flat(rstdOut, rstd);
          put(xOut, sum);
        })
SOFT_OP(aclnnRmsNormGrad, Floating, (In dy, In x, In rstd, In gamma, Out dxOut, Out dgammaOut), {
  check_gamma(x, gamma);
  TORCH_CHECK(dy.sizes() == x.sizes(), "dy must have the shape of x");
  TORCH_CHECK(dgammaOut.sizes() == gamma.sizes(), "dgammaOut must have the shape of gamma");
  if (checking()) return expect_like(dxOut, x);
  std::vector<int64_t> dims;
  for (int64_t i = x.dim() - gamma.dim(); i < x.dim(); ++i) dims.push_back(i);
  std::vector<int64_t> leading;
  for (int64_t i = 0; i < x.dim() - gamma.dim(); ++i) leading.push_back(i);
  std::vector<int64_t> kept = x.sizes().vec();
  for (const int64_t dim : dims) kept[static_cast<size_t>(dim)] = 1;
  const at::Tensor scale = rstd.reshape(kept);
  const at::Tensor normal = in_float(x) * scale;
  const at::Tensor grad = in_float(dy);
  const at::Tensor scaled = grad * in_float(gamma);
  put(dxOut, (scaled - normal * at::mean(scaled * normal, dims, true)) * scale);
  put(dgammaOut, leading.empty() ? grad * normal : at::sum(grad * normal, leading));
})

SOFT_OP(aclnnBatchNorm, Floating,
        (In input, OptIn weight, OptIn bias, OptOut runningMean, OptOut runningVar, bool training,
         double momentum, double eps, Out output, OptOut saveMean, OptOut saveInvstd),
        {
          auto some = [](OptOut tensor) {
            return tensor && tensor.tensor.numel() > 0 ? std::optional<at::Tensor>(tensor.tensor)
                                                       : std::nullopt;
          };
          check_channels(input, {present(weight), present(bias), some(runningMean), some(runningVar)});
          if (checking()) return expect_like(output, input);
          const OneThread sums_in_order(adds_rows(input));
          const auto running_mean = widened(some(runningMean));
          const auto running_var = widened(some(runningVar));
          const auto [result, mean, invstd] =
              at::native_batch_norm(input, widened(present(weight)), widened(present(bias)), running_mean,
                                    running_var, training, momentum, eps);
          put(output, result);
          if (!training) return;
          if (running_mean && !running_mean->is_same(runningMean.tensor)) put(runningMean, *running_mean);
          if (running_var && !running_var->is_same(runningVar.tensor)) put(runningVar, *running_var);
          put_flat(saveMean, mean);
          put_flat(saveInvstd, invstd);
        })
SOFT_OP(aclnnBatchNormBackward, Floating,
        (In gradOut, In input, OptIn weight, OptIn runningMean, OptIn runningVar, OptIn saveMean,
         OptIn saveInvstd, bool training, double eps, Bools outputMask, OptOut gradInput, OptOut gradWeight,
         OptOut gradBias),
        {
          TORCH_CHECK(outputMask.size() == 3, "outputMask must have 3 entries");
          TORCH_CHECK(gradOut.sizes() == input.sizes(), "gradOut must have the shape of input");
          check_channels(input, {present(weight), present(runningMean), present(runningVar),
                                 present(saveMean), present(saveInvstd)});
          if (checking()) return;
          // ATen's way for strides that are not dense does not know half types beside float statistics.
          const at::MemoryFormat format = input.suggest_memory_format();
          const OneThread sums_in_order(adds_rows(input));
          const auto [grad_input, grad_weight, grad_bias] = at::native_batch_norm_backward(
              gradOut.contiguous(format), input.contiguous(format), widened(present(weight)),
              widened(present(runningMean)), widened(present(runningVar)), widened(present(saveMean)),
              widened(present(saveInvstd)), training, eps, {outputMask[0], outputMask[1], outputMask[2]});
          if (outputMask[0]) put(gradInput, grad_input);
          if (outputMask[1]) put_flat(gradWeight, grad_weight);
          if (outputMask[2]) put_flat(gradBias, grad_bias);
        })
SOFT_OP(aclnnGroupNorm, Floating,
        (In self, OptIn gamma, OptIn beta, int64_t N, int64_t C, int64_t HxW, int64_t group, double eps,
         Out out, Out meanOut, Out rstdOut),
        {
          TORCH_CHECK(N * C * HxW == self.numel() && group > 0 && C % group == 0,
                      "N * C * HxW must be the size of self and group must divide C");
          if (checking()) return expect_like(out, self);
          const auto [result, mean, rstd] =
              at::native_group_norm(self.contiguous(), dense(gamma), dense(beta), N, C, HxW, group, eps);
          put(out, result);
          put_flat(meanOut, mean);
          put_flat(rstdOut, rstd);
        })
SOFT_OP(aclnnGroupNormBackward, Floating,
        (In gradOut, In input, In mean, In rstd, OptIn gamma, int64_t N, int64_t C, int64_t HxW,
         int64_t group, Bools outputMask, OptOut gradInput, OptOut gradGammaOut, OptOut gradBetaOut),
        {
          TORCH_CHECK(outputMask.size() == 3, "outputMask must have 3 entries");
          TORCH_CHECK(N * C * HxW == input.numel() && group > 0 && C % group == 0,
                      "N * C * HxW must be the size of input and group must divide C");
          if (checking()) return;
          const auto [grad_input, grad_gamma, grad_beta] = at::native_group_norm_backward(
              gradOut.contiguous(), input.contiguous(), mean.reshape({N, group}).contiguous(),
              rstd.reshape({N, group}).contiguous(), dense(gamma), N, C, HxW, group,
              {outputMask[0], outputMask[1], outputMask[2]});
          if (outputMask[0]) put(gradInput, grad_input);
          if (outputMask[1]) put_flat(gradGammaOut, grad_gamma);
          if (outputMask[2]) put_flat(gradBetaOut, grad_beta);
        })
