// Losses and their gradients. reduction: 0 none, 1 mean, 2 sum.
#include <ATen/ExpandUtils.h>
#include <ATen/TensorOperators.h>

#include <ATen/ops/_ctc_loss.h>
#include <ATen/ops/_ctc_loss_backward.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/binary_cross_entropy.h>
#include <ATen/ops/binary_cross_entropy_backward.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/kl_div.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/mse_loss_backward.h>
#include <ATen/ops/multilabel_margin_loss_forward.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/nll_loss2d_backward.h>
#include <ATen/ops/nll_loss2d_forward.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sign.h>
#include <ATen/ops/smooth_l1_loss_backward.h>
#include <ATen/ops/soft_margin_loss.h>
#include <ATen/ops/soft_margin_loss_backward.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <vector>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"

using namespace softnpu;

namespace {

void check_reduction(int64_t reduction) {
  TORCH_CHECK(reduction >= 0 && reduction <= 2, "reduction is ", reduction, "; it must be 0, 1 or 2");
}

// Shape of a loss over `self`, checked in both passes.
void check_loss(In self, int64_t reduction, In out) {
  check_reduction(reduction);
  TORCH_CHECK(reduction == 0 ? out.sizes() == self.sizes() : out.numel() == 1, "out has shape ", out.sizes(),
              " but the loss ", reduction == 0 ? "has the shape of self" : "is one element");
}

void check_scores(In self, In target) {
  TORCH_CHECK(c10::isFloatingType(self.scalar_type()), "self has data type ",
              at::toString(self.scalar_type()), "; it must be a floating type");
  TORCH_CHECK(c10::isIntegralType(target.scalar_type(), false), "target has data type ",
              at::toString(target.scalar_type()), "; it must be integers");
}

constexpr Rule Classes{kFloats | kInts};

}  // namespace

SOFT_OP(aclnnNLLLoss, Classes,
        (In self, In target, OptIn weight, int64_t reduction, int64_t ignoreIndex, Out out,
         Out totalWeightOut),
        {
          check_reduction(reduction);
          check_scores(self, target);
          aten::nll_loss_forward_out(out, totalWeightOut, self, target.to(at::kLong), present(weight),
                                     reduction, ignoreIndex);
        })
SOFT_OP(aclnnNLLLossBackward, Classes,
        (In gradOutput, In self, In target, OptIn weight, int64_t reduction, int64_t ignoreIndex,
         In totalWeight, Out out),
        {
          check_reduction(reduction);
          check_scores(self, target);
          aten::nll_loss_backward_out(out, gradOutput, self, target.to(at::kLong), present(weight), reduction,
                                      ignoreIndex, totalWeight);
        })
SOFT_OP(aclnnNLLLoss2d, Classes,
        (In self, In target, OptIn weight, int64_t reduction, int64_t ignoreIndex, Out out,
         Out totalWeightOut),
        {
          check_reduction(reduction);
          check_scores(self, target);
          TORCH_CHECK(self.dim() == 4 && target.dim() == 3, "self must have 4 dimensions and target 3");
          if (checking()) return;
          at::nll_loss2d_forward_out(out, totalWeightOut, self, target.to(at::kLong), present(weight),
                                     reduction, ignoreIndex);
        })
SOFT_OP(aclnnNLLLoss2dBackward, Classes,
        (In gradOutput, In self, In target, OptIn weight, int64_t reduction, int64_t ignoreIndex,
         In totalWeight, Out out),
        {
          check_reduction(reduction);
          check_scores(self, target);
          TORCH_CHECK(self.dim() == 4 && target.dim() == 3, "self must have 4 dimensions and target 3");
          if (checking()) return expect_like(out, self);
          at::nll_loss2d_backward_out(out, gradOutput, self, target.to(at::kLong), present(weight), reduction,
                                      ignoreIndex, totalWeight);
        })
SOFT_OP(aclnnMseLoss, Floating, (In self, In target, int64_t reduction, Out out), {
  check_reduction(reduction);
  // Upstream's out form resizes on its way to a reduced result, which a view of device memory cannot.
  if (reduction == 0) {
    aten::mse_loss_out(out, self, target, reduction);
  } else {
    put_flat(out, aten::mse_loss(self, target, reduction));
  }
})
SOFT_OP(aclnnMseLossBackward, Floating, (In gradOutput, In self, In target, int64_t reduction, Out out), {
  check_reduction(reduction);
  if (checking()) return expect_like(out, self);
  at::mse_loss_backward_out(out, gradOutput, self, target, reduction);
})
SOFT_OP(aclnnL1Loss, RealNumeric, (In self, In target, int64_t reduction, Out out), {
  check_reduction(reduction);
  if (checking()) return check_loss(self, reduction, out);
  const at::Tensor error = at::abs(self - target);
  put_flat(out, reduction == 0 ? error : reduction == 1 ? at::mean(error) : at::sum(error));
})
SOFT_OP(aclnnL1LossBackward, Floating, (In gradOutput, In self, In target, int64_t reduction, Out gradInput),
        {
          check_reduction(reduction);
          const std::vector<int64_t> shape = at::infer_size(self.sizes(), target.sizes());
          (void)at::infer_size(shape, gradOutput.sizes());
          if (checking()) return expect(gradInput, shape, at::result_type(self, target));
          const at::Tensor grad = at::sign(self - target) * gradOutput;
          put(gradInput, reduction == 1 ? grad / static_cast<double>(grad.numel()) : grad);
        })
SOFT_OP(aclnnSmoothL1Loss, Floating, (In self, In target, int64_t reduction, float beta, Out result), {
  check_reduction(reduction);
  if (reduction == 0) {
    aten::smooth_l1_loss_out(result, self, target, reduction, beta);
  } else {
    put_flat(result, aten::smooth_l1_loss(self, target, reduction, beta));
  }
})
SOFT_OP(aclnnSmoothL1LossBackward, Floating,
        (In gradOut, In self, In target, int64_t reduction, float beta, Out gradInput), {
          check_reduction(reduction);
          if (checking()) return expect_like(gradInput, self);
          at::smooth_l1_loss_backward_out(gradInput, gradOut, self, target, reduction, beta);
        })
SOFT_OP(aclnnSoftMarginLoss, Floating, (In self, In target, int64_t reduction, Out out), {
  check_loss(self, reduction, out);
  if (!checking()) at::soft_margin_loss_out(out, self, target, reduction);
})
SOFT_OP(aclnnSoftMarginLossBackward, Floating,
        (In gradOutput, In self, In target, int64_t reduction, Out out), {
          check_reduction(reduction);
          if (checking()) return expect_like(out, self);
          at::soft_margin_loss_backward_out(out, gradOutput, self, target, reduction);
        })
SOFT_OP(aclnnBinaryCrossEntropy, Floating, (In self, In target, OptIn weight, int64_t reduction, Out out), {
  check_loss(self, reduction, out);
  TORCH_CHECK(target.sizes() == self.sizes(), "target must have the shape of self");
  if (checking()) return;
  put_flat(out, at::binary_cross_entropy(self, target, present(weight), reduction));
})
SOFT_OP(aclnnBinaryCrossEntropyBackward, Floating,
        (In gradOutput, In self, In target, OptIn weightOptional, int64_t reduction, Out out), {
          check_reduction(reduction);
          if (checking()) return expect_like(out, self);
          put(out, at::binary_cross_entropy_backward(gradOutput, self, target, present(weightOptional),
                                                     reduction));
        })
SOFT_OP(aclnnBinaryCrossEntropyWithLogits, Floating,
        (In self, In target, OptIn weightOptional, OptIn posWeightOptional, int64_t reduction, Out out), {
          check_loss(self, reduction, out);
          TORCH_CHECK(target.sizes() == self.sizes(), "target must have the shape of self");
          if (checking()) return;
          put_flat(out, at::binary_cross_entropy_with_logits(self, target, present(weightOptional),
                                                             present(posWeightOptional), reduction));
        })
SOFT_OP(aclnnBinaryCrossEntropyWithLogitsBackward, Floating,
        (In gradOutput, In self, In target, OptIn weightOptional, OptIn posWeightOptional, int64_t reduction,
         Out out),
        {
          check_reduction(reduction);
          if (checking()) return expect_like(out, self);
          const at::Tensor sigmoid = at::sigmoid(self);
          const std::optional<at::Tensor> positive = present(posWeightOptional);
          at::Tensor grad = positive.has_value()
                                ? (*positive * target + 1 - target) * sigmoid - *positive * target
                                : sigmoid - target;
          grad = grad * gradOutput;
          if (const auto weight = present(weightOptional)) grad = grad * *weight;
          put(out, reduction == 1 ? grad / static_cast<double>(self.numel()) : grad);
        })
SOFT_OP(aclnnKlDiv, Floating, (In self, In target, int64_t reduction, bool logTarget, Out out), {
  check_reduction(reduction);
  if (checking()) return check_loss(self, reduction, out);
  put_flat(out, at::kl_div(self, target, reduction, logTarget));
})
SOFT_OP(aclnnKlDivBackward, Floating,
        (In gradOutput, In self, In target, int64_t reduction, bool logTarget, Out out), {
          check_reduction(reduction);
          if (checking()) return expect_like(out, self);
          const at::Tensor grad =
              gradOutput * (logTarget ? at::neg(at::exp(target))
                                      : at::neg(at::where(target > 0, target, at::zeros_like(target))));
          put(out, reduction == 1 ? grad / static_cast<double>(self.numel()) : grad);
        })

namespace {

void check_ctc(In log_probs, In targets, Ints input_lengths, Ints target_lengths, int64_t blank) {
  TORCH_CHECK(log_probs.dim() == 3, "logProbs must be (time, batch, classes), but is ", log_probs.sizes());
  const auto batch = static_cast<size_t>(log_probs.size(1));
  TORCH_CHECK(input_lengths.size() == batch && target_lengths.size() == batch,
              "there must be one length of input and of target for each of ", batch);
  TORCH_CHECK(targets.dim() == 1 || (targets.dim() == 2 && targets.size(0) == log_probs.size(1)),
              "targets must be (sum of lengths) or (batch, longest), but is ", targets.sizes());
  TORCH_CHECK(blank >= 0 && blank < log_probs.size(2), "blank must be a class, but is ", blank);
  for (const int64_t length : input_lengths)
    TORCH_CHECK(length >= 0 && length <= log_probs.size(0), "an input length of ", length,
                " is out of range");
  int64_t sum = 0;
  for (const int64_t length : target_lengths) {
    TORCH_CHECK(length >= 0 && (targets.dim() == 1 || length <= targets.size(1)), "a target length of ",
                length, " is out of range");
    sum += length;
  }
  TORCH_CHECK(targets.dim() == 2 || sum == targets.size(0), "the target lengths add up to ", sum,
              ", but there are ", targets.size(0), " targets");
}

std::vector<int64_t> alpha_shape(In log_probs, Ints target_lengths) {
  const int64_t longest = *std::max_element(target_lengths.begin(), target_lengths.end());
  return {log_probs.size(1), log_probs.size(0), 2 * longest + 1};
}

}  // namespace

SOFT_OP(aclnnCtcLoss, Floating,
        (In logProbs, Index targets, Ints inputLengths, Ints targetlengths, int64_t blank, bool zeroInfinity,
         Out negLogLikelihoodOut, Out logAlphaOut),
        {
          check_ctc(logProbs, targets, inputLengths, targetlengths, blank);
          if (checking()) {
            expect(negLogLikelihoodOut, {logProbs.size(1)}, logProbs.scalar_type());
            return expect(logAlphaOut, alpha_shape(logProbs, targetlengths), logProbs.scalar_type());
          }
          // ATen's kernel misreads targets with gaps between them.
          const auto [loss, alpha] =
              at::_ctc_loss(logProbs, targets.contiguous(), inputLengths, targetlengths, blank, zeroInfinity);
          put(negLogLikelihoodOut, loss);
          put(logAlphaOut, alpha);
        })
SOFT_OP(aclnnCtcLossBackward, Floating,
        (In gradOut, In logProbs, Index targets, Ints inputLengths, Ints targetLengths, In negLogLikelihood,
         In logAlpha, int64_t blank, bool zeroInfinity, Out out),
        {
          check_ctc(logProbs, targets, inputLengths, targetLengths, blank);
          TORCH_CHECK(logAlpha.sizes() == at::IntArrayRef(alpha_shape(logProbs, targetLengths)),
                      "logAlpha is not of this call");
          if (checking()) return expect_like(out, logProbs);
          put(out, at::_ctc_loss_backward(gradOut, logProbs, targets.contiguous(), inputLengths,
                                          targetLengths, negLogLikelihood, logAlpha, blank, zeroInfinity));
        })
SOFT_OP(aclnnMultilabelMarginLoss, Classes, (In self, In target, int64_t reduction, Out out, Out isTarget), {
  check_reduction(reduction);
  check_scores(self, target);
  TORCH_CHECK(self.dim() <= 2 && target.numel() == self.numel() && isTarget.numel() == self.numel(),
              "self must be a vector or a matrix, target and isTarget like it");
  TORCH_CHECK(out.numel() == (reduction == 0 && self.dim() == 2 ? self.size(0) : 1),
              "out must have one element for each sample, or one");
  if (checking()) return;
  const auto [loss, listed] = at::multilabel_margin_loss_forward(wide(self), target.to(at::kLong), reduction);
  put_flat(out, loss);
  put_flat(isTarget, listed);
})
