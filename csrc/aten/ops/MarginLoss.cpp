// Margin losses of several classes. CANN has the forward of the multi-label one; the rest are compositions.
#include <ATen/TensorOperators.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/cumprod.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

// Scores as (samples, classes), whether or not the user has a batch.
at::Tensor as_batch(const at::Tensor& self) {
  return self.dim() > 1 ? self : self.reshape({1, self.dim() == 0 ? 1 : self.size(0)});
}

at::Tensor& reduce_into(const at::Tensor& losses, int64_t reduction, at::Tensor& out) {
  if (reduction == at::Reduction::None) return out.copy_(losses.reshape(out.sizes()));
  const at::Tensor sum = losses.sum();  // of no samples, the mean is 0 as on the CPU
  return out.copy_(reduction == at::Reduction::Mean ? sum / std::max<int64_t>(losses.numel(), 1) : sum);
}

// The gradient of the loss of each sample, as a column.
at::Tensor grad_of_samples(const at::Tensor& grad, int64_t reduction, int64_t samples) {
  if (reduction == at::Reduction::None) return grad.reshape({samples, 1});
  const at::Tensor one = grad.reshape({1, 1});
  return reduction == at::Reduction::Mean ? one / samples : one;
}

// sum over j != target of max(0, margin - x[target] + x[j]) ** p / classes

struct MultiMargin {
  at::Tensor scores;
  at::Tensor target;  // a column
  at::Tensor excess;  // max(0, margin - x[target] + x[j]), and 0 for the target itself
  at::Tensor factor;  // weight of the target's class by the number of classes, where there is a weight
  bool squared;

  MultiMargin(const at::Tensor& self, const at::Tensor& targets, const at::Scalar& p,
              const at::Scalar& margin, const OptionalTensor& weight) {
    const double power = p.toDouble();
    TORCH_CHECK(power == 1 || power == 2, "only p == 1 and p == 2 supported");
    TORCH_CHECK(
        self.dim() <= 2 && (self.dim() == 0 || self.size(-1) > 0),
        "Expected non-empty vector or matrix with optional 0-dim batch size, but got: ", self.sizes());
    scores = as_batch(self);
    TORCH_CHECK(targets.dim() <= 1 && targets.numel() == scores.size(0),
                "inconsistent target size, expected ", scores.size(0), " but got ", targets.sizes());
    TORCH_CHECK(targets.scalar_type() == at::kLong, "multi_margin_loss: expected a target of int64 but got ",
                targets.scalar_type(), " on ", self.device(), ".");
    target = targets.reshape({-1, 1});
    squared = power == 2;
    excess = (scores - scores.gather(1, target) + margin).clamp_min(0).scatter(1, target, at::Scalar(0));
    if (weight.has_value() && weight->defined()) {
      TORCH_CHECK(weight->dim() <= 1 && weight->numel() == scores.size(1),
                  "inconsistent weight size, expected ", scores.size(1), " but got ", weight->sizes());
      factor = weight->reshape({-1}).index_select(0, target.squeeze(1)).unsqueeze(1) / scores.size(1);
    }
  }

  at::Tensor weighted(const at::Tensor& values) const {
    return factor.defined() ? values * factor : values / scores.size(1);
  }
};

at::Tensor& multi_margin_out(const at::Tensor& self, const at::Tensor& target, const at::Scalar& p,
                             const at::Scalar& margin, const OptionalTensor& weight, int64_t reduction,
                             at::Tensor& out) {
  const MultiMargin loss(self, target, p, margin, weight);
  fit_out("multi_margin_loss", out, reduction == at::Reduction::None ? target.sizes() : at::IntArrayRef(),
          self.scalar_type());
  const at::Tensor terms = loss.squared ? loss.excess * loss.excess : loss.excess;
  return reduce_into(loss.weighted(terms).sum(1), reduction, out);
}

at::Tensor multi_margin(const at::Tensor& self, const at::Tensor& target, const at::Scalar& p,
                        const at::Scalar& margin, const OptionalTensor& weight, int64_t reduction) {
  at::Tensor out = empty({0}, self);
  return multi_margin_out(self, target, p, margin, weight, reduction, out);
}

at::Tensor& multi_margin_backward_out(const at::Tensor& grad, const at::Tensor& self,
                                      const at::Tensor& target, const at::Scalar& p, const at::Scalar& margin,
                                      const OptionalTensor& weight, int64_t reduction,
                                      at::Tensor& grad_input) {
  const MultiMargin loss(self, target, p, margin, weight);
  fit_out("multi_margin_loss_backward", grad_input, self.sizes(), self.scalar_type());
  const at::Tensor slopes = loss.squared ? loss.excess * 2 : loss.excess.gt(0).to(self.scalar_type());
  const at::Tensor others = loss.weighted(slopes) * grad_of_samples(grad, reduction, loss.scores.size(0));
  return grad_input.copy_(others.scatter(1, loss.target, -others.sum(1, true)).reshape(self.sizes()));
}

at::Tensor multi_margin_backward(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& target,
                                 const at::Scalar& p, const at::Scalar& margin, const OptionalTensor& weight,
                                 int64_t reduction) {
  at::Tensor grad_input = empty(self.sizes(), self);
  return multi_margin_backward_out(grad, self, target, p, margin, weight, reduction, grad_input);
}

// sum over the targets j before the first -1 and the classes i that are none of max(0, 1 - x[j] + x[i]) /
// classes

void check_multilabel(const at::Tensor& self, const at::Tensor& target) {
  TORCH_CHECK(self.dim() <= 2 && (self.dim() == 0 || self.size(-1) > 0),
              "Expected non-empty vector or matrix with optional 0-dim batch size, but got: ", self.sizes());
  TORCH_CHECK(target.sizes() == self.sizes() || (self.dim() == 0 && target.numel() == 1) ||
                  (target.dim() == 0 && self.numel() == 1),
              "inconsistent target size: ", target.sizes(), " for input of size: ", self.sizes());
}

std::tuple<at::Tensor&, at::Tensor&> multilabel_margin_out(const at::Tensor& self, const at::Tensor& target,
                                                           int64_t reduction, at::Tensor& out,
                                                           at::Tensor& is_target) {
  check_multilabel(self, target);
  const bool keeps = reduction == at::Reduction::None && self.dim() > 1;
  fit_out("multilabel_margin_loss", out, keeps ? self.sizes().slice(0, 1) : at::IntArrayRef(),
          self.scalar_type());
  fit_out("multilabel_margin_loss", is_target, target.sizes(), self.scalar_type());
  launch<aclnnMultilabelMarginLossGetWorkspaceSize>(self, target, reduction, out, is_target);
  return {out, is_target};
}

std::tuple<at::Tensor, at::Tensor> multilabel_margin(const at::Tensor& self, const at::Tensor& target,
                                                     int64_t reduction) {
  at::Tensor out = empty({0}, self);
  at::Tensor is_target = empty({0}, self);
  return multilabel_margin_out(self, target, reduction, out, is_target);
}

at::Tensor& multilabel_margin_backward_out(const at::Tensor& grad, const at::Tensor& self,
                                           const at::Tensor& target, int64_t reduction,
                                           const at::Tensor& is_target, at::Tensor& grad_input) {
  check_multilabel(self, target);
  TORCH_CHECK(is_target.numel() == self.numel(), "inconsistent is_target size: ", is_target.sizes());
  fit_out("multilabel_margin_loss_backward", grad_input, self.sizes(), self.scalar_type());
  const at::Tensor scores = as_batch(self);
  const at::Tensor targets = target.reshape(scores.sizes());
  const at::Tensor listed = targets.ge(0).to(at::kInt).cumprod(1).to(at::kBool);  // up to the first -1
  const at::Tensor places = targets.clamp_min(0);
  const at::Tensor others = is_target.reshape(scores.sizes()).eq(0);
  // (samples, targets, classes): the pairs that are closer than the margin
  const at::Tensor closer = (scores.unsqueeze(1) - scores.gather(1, places).unsqueeze(2) + 1)
                                .gt(0)
                                .logical_and_(listed.unsqueeze(2))
                                .logical_and_(others.unsqueeze(1))
                                .to(self.scalar_type());
  const at::Tensor slopes = closer.sum(1).scatter_add(1, places, -closer.sum(2));
  const at::Tensor scale = grad_of_samples(grad, reduction, scores.size(0)) / scores.size(1);
  return grad_input.copy_((slopes * scale).reshape(self.sizes()));
}

at::Tensor multilabel_margin_backward(const at::Tensor& grad, const at::Tensor& self,
                                      const at::Tensor& target, int64_t reduction,
                                      const at::Tensor& is_target) {
  at::Tensor grad_input = empty(self.sizes(), self);
  return multilabel_margin_backward_out(grad, self, target, reduction, is_target, grad_input);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_composite<&multi_margin>(m, "multi_margin_loss");
  bind_composite<&multi_margin_out>(m, "multi_margin_loss.out");
  bind_composite<&multi_margin_backward>(m, "multi_margin_loss_backward");
  bind_composite<&multi_margin_backward_out>(m, "multi_margin_loss_backward.grad_input");
  bind_kernel<&multilabel_margin>(m, "multilabel_margin_loss_forward");
  bind_kernel<&multilabel_margin_out>(m, "multilabel_margin_loss_forward.output");
  bind_composite<&multilabel_margin_backward>(m, "multilabel_margin_loss_backward");
  bind_composite<&multilabel_margin_backward_out>(m, "multilabel_margin_loss_backward.grad_input");
}

}  // namespace npu
