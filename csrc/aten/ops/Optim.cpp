// Fused optimizer steps and the two operators of GradScaler.
#include <ATen/ATen.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Foreach.h"

namespace npu {
namespace {

using at::TensorList;
using OptionalTensor = std::optional<at::Tensor>;

// CANN's optimizer kernels take no flag that suppresses a step, so a scaler's found_inf is read on the host:
// one wait per fused step under GradScaler.
bool suppressed(const OptionalTensor& found_inf) {
  return found_inf.has_value() && found_inf->defined() && found_inf->item<double>() != 0;
}

// As upstream's fused kernels do, the gradients themselves are unscaled.
void unscale(TensorList grads, const OptionalTensor& grad_scale) {
  if (grad_scale.has_value() && grad_scale->defined())
    at::_foreach_div_(grads, grad_scale->to(grads[0].options()));
}

void check_lists(const char* op, TensorList params, at::ArrayRef<TensorList> others) {
  for (const TensorList& list : others) {
    TORCH_CHECK(list.size() == params.size(), op, ": expected ", params.size(),
                " tensors in every list, but one has ", list.size(), ".");
  }
  for (const at::Tensor& param : params) {
    TORCH_CHECK_NOT_IMPLEMENTED(foreach::kernel_dtype(param.scalar_type()), op,
                                ": the fused step on npu takes float32, float16 and bfloat16, but got ",
                                param.scalar_type(), " on ", param.device(), "; use fused=False.");
  }
}

struct Adam {
  double lr;
  double beta1;
  double beta2;
  double weight_decay;
  double eps;
  bool amsgrad;
  bool maximize;
};

// The kernel counts from the step before this one and decays weights as AdamW does.
void adamw_step(TensorList params, TensorList grads, TensorList exp_avgs, TensorList exp_avg_sqs,
                TensorList max_sqs, TensorList steps, const Adam& a) {
  const std::vector<at::Tensor> previous = at::_foreach_sub(steps, 1);
  for (size_t i = 0; i < params.size(); ++i) {
    const OptionalTensor max_sq = a.amsgrad ? OptionalTensor(max_sqs[i]) : std::nullopt;
    if (params[i].numel() == 0) continue;
    launch<aclnnApplyAdamWV2GetWorkspaceSize>(
        params[i], exp_avgs[i], exp_avg_sqs[i], max_sq, grads[i], previous[i], static_cast<float>(a.lr),
        static_cast<float>(a.beta1), static_cast<float>(a.beta2), static_cast<float>(a.weight_decay),
        static_cast<float>(a.eps), a.amsgrad, a.maximize);
  }
}

void fused_adamw_(TensorList params, TensorList grads, TensorList exp_avgs, TensorList exp_avg_sqs,
                  TensorList max_sqs, TensorList steps, double lr, double beta1, double beta2,
                  double weight_decay, double eps, bool amsgrad, bool maximize,
                  const OptionalTensor& grad_scale, const OptionalTensor& found_inf) {
  check_lists("_fused_adamw_", params, {grads, exp_avgs, exp_avg_sqs, steps});
  if (amsgrad) check_lists("_fused_adamw_", params, {max_sqs});
  if (params.empty() || suppressed(found_inf)) return;
  unscale(grads, grad_scale);
  adamw_step(params, grads, exp_avgs, exp_avg_sqs, max_sqs, steps,
             {lr, beta1, beta2, weight_decay, eps, amsgrad, maximize});
}

// Adam is AdamW without decay on a gradient that carries the decay.
void fused_adam_(TensorList params, TensorList grads, TensorList exp_avgs, TensorList exp_avg_sqs,
                 TensorList max_sqs, TensorList steps, double lr, double beta1, double beta2,
                 double weight_decay, double eps, bool amsgrad, bool maximize,
                 const OptionalTensor& grad_scale, const OptionalTensor& found_inf) {
  check_lists("_fused_adam_", params, {grads, exp_avgs, exp_avg_sqs, steps});
  if (amsgrad) check_lists("_fused_adam_", params, {max_sqs});
  if (params.empty() || suppressed(found_inf)) return;
  unscale(grads, grad_scale);
  const Adam adam{lr, beta1, beta2, 0, eps, amsgrad, maximize};
  if (weight_decay == 0) return adamw_step(params, grads, exp_avgs, exp_avg_sqs, max_sqs, steps, adam);
  // Maximising negates the gradient first, the decay is added after it: so it enters with the opposite sign
  // here.
  const std::vector<at::Tensor> decayed =
      at::_foreach_add(grads, params, maximize ? -weight_decay : weight_decay);
  adamw_step(params, decayed, exp_avgs, exp_avg_sqs, max_sqs, steps, adam);
}

void plain_sgd(TensorList params, TensorList grads, double weight_decay, double lr, bool maximize) {
  const double sign = maximize ? -1 : 1;
  if (weight_decay == 0) return at::_foreach_add_(params, grads, -lr * sign);
  const std::vector<at::Tensor> decayed = at::_foreach_add(grads, params, sign * weight_decay);
  at::_foreach_add_(params, decayed, -lr * sign);
}

void fused_sgd_(TensorList params, TensorList grads, TensorList momentum_buffers, double weight_decay,
                double momentum, double lr, double dampening, bool nesterov, bool maximize,
                bool is_first_step, const OptionalTensor& grad_scale, const OptionalTensor& found_inf) {
  check_lists("_fused_sgd_", params, {grads});
  if (!momentum_buffers.empty()) check_lists("_fused_sgd_", params, {momentum_buffers});
  if (params.empty() || suppressed(found_inf)) return;
  unscale(grads, grad_scale);
  if (momentum_buffers.empty()) return plain_sgd(params, grads, weight_decay, lr, maximize);
  foreach
    ::in_runs(params.size(), 3, [&](size_t b, size_t n) {
      launch<aclnnFusedSgdGetWorkspaceSize>(
          params.slice(b, n), grads.slice(b, n), momentum_buffers.slice(b, n), std::nullopt,
          static_cast<float>(weight_decay), static_cast<float>(momentum), static_cast<float>(lr),
          static_cast<float>(dampening), nesterov, maximize, is_first_step);
    });
}

// CANN has no fused Adagrad: a composition over the lists. The rate decays with the steps before this one.
void fused_adagrad_(TensorList params, TensorList grads, TensorList state_sums, TensorList steps, double lr,
                    double lr_decay, double weight_decay, double eps, bool maximize,
                    const OptionalTensor& grad_scale, const OptionalTensor& found_inf) {
  check_lists("_fused_adagrad_", params, {grads, state_sums, steps});
  if (params.empty() || suppressed(found_inf)) return;
  unscale(grads, grad_scale);
  std::vector<at::Tensor> ascent = maximize ? at::_foreach_neg(grads) : grads.vec();
  if (weight_decay != 0) ascent = at::_foreach_add(ascent, params, weight_decay);
  at::_foreach_addcmul_(state_sums, ascent, ascent, 1);
  std::vector<at::Tensor> scale = at::_foreach_sqrt(state_sums);
  at::_foreach_add_(scale, eps);
  std::vector<at::Tensor> update = at::_foreach_div(ascent, scale);
  if (lr_decay != 0) {
    std::vector<at::Tensor> decay = at::_foreach_sub(steps, 1);
    at::_foreach_mul_(decay, lr_decay);
    at::_foreach_add_(decay, 1);
    for (size_t i = 0; i < update.size(); ++i) update[i].div_(decay[i]);
  }
  at::_foreach_add_(params, update, -lr);
}

// A learning rate in a tensor is read on the host: the kernels take numbers.
void fused_adamw_tensor_lr(TensorList params, TensorList grads, TensorList exp_avgs, TensorList exp_avg_sqs,
                           TensorList max_sqs, TensorList steps, const at::Tensor& lr, double beta1,
                           double beta2, double weight_decay, double eps, bool amsgrad, bool maximize,
                           const OptionalTensor& grad_scale, const OptionalTensor& found_inf) {
  fused_adamw_(params, grads, exp_avgs, exp_avg_sqs, max_sqs, steps, lr.item<double>(), beta1, beta2,
               weight_decay, eps, amsgrad, maximize, grad_scale, found_inf);
}

void fused_adam_tensor_lr(TensorList params, TensorList grads, TensorList exp_avgs, TensorList exp_avg_sqs,
                          TensorList max_sqs, TensorList steps, const at::Tensor& lr, double beta1,
                          double beta2, double weight_decay, double eps, bool amsgrad, bool maximize,
                          const OptionalTensor& grad_scale, const OptionalTensor& found_inf) {
  fused_adam_(params, grads, exp_avgs, exp_avg_sqs, max_sqs, steps, lr.item<double>(), beta1, beta2,
              weight_decay, eps, amsgrad, maximize, grad_scale, found_inf);
}

void fused_sgd_tensor_lr(TensorList params, TensorList grads, TensorList momentum_buffers,
                         double weight_decay, double momentum, const at::Tensor& lr, double dampening,
                         bool nesterov, bool maximize, bool is_first_step, const OptionalTensor& grad_scale,
                         const OptionalTensor& found_inf) {
  fused_sgd_(params, grads, momentum_buffers, weight_decay, momentum, lr.item<double>(), dampening, nesterov,
             maximize, is_first_step, grad_scale, found_inf);
}

void fused_adagrad_tensor_lr(TensorList params, TensorList grads, TensorList state_sums, TensorList steps,
                             const at::Tensor& lr, double lr_decay, double weight_decay, double eps,
                             bool maximize, const OptionalTensor& grad_scale,
                             const OptionalTensor& found_inf) {
  fused_adagrad_(params, grads, state_sums, steps, lr.item<double>(), lr_decay, weight_decay, eps, maximize,
                 grad_scale, found_inf);
}

// GradScaler

void check_flag(const char* op, const char* what, const at::Tensor& tensor, at::ScalarType type) {
  TORCH_CHECK(tensor.numel() == 1, op, ": ", what, " must be a 1-element tensor.");
  TORCH_CHECK(tensor.scalar_type() == type, op, ": ", what, " must be a ", type, " tensor, but got ",
              tensor.scalar_type(), " on ", tensor.device(), ".");
}

void unscale_and_check(TensorList grads, at::Tensor& found_inf, const at::Tensor& inv_scale) {
  constexpr const char* kName = "_amp_foreach_non_finite_check_and_unscale_";
  if (grads.empty()) return;
  check_flag(kName, "inv_scale", inv_scale, at::kFloat);
  check_flag(kName, "found_inf", found_inf, at::kFloat);
  // One launch per run of one dtype; the kernel only ever raises the flag.
  for (size_t begin = 0; begin < grads.size();) {
    size_t end = begin + 1;
    while (end < grads.size() && end - begin < foreach::kTensorsPerLaunch &&
           grads[end].scalar_type() == grads[begin].scalar_type()) {
      ++end;
    }
    launch<aclnnForeachNonFiniteCheckAndUnscaleGetWorkspaceSize>(grads.slice(begin, end - begin), found_inf,
                                                                 inv_scale);
    begin = end;
  }
}

at::Tensor& update_scale(at::Tensor& scale, at::Tensor& growth_tracker, const at::Tensor& found_inf,
                         double growth_factor, double backoff_factor, int64_t growth_interval) {
  constexpr const char* kName = "_amp_update_scale_";
  check_flag(kName, "growth_tracker", growth_tracker, at::kInt);
  check_flag(kName, "current_scale", scale, at::kFloat);
  check_flag(kName, "found_inf", found_inf, at::kFloat);
  launch<aclnnAmpUpdateScaleGetWorkspaceSize>(scale, growth_tracker, found_inf, growth_factor, backoff_factor,
                                              growth_interval, scale, growth_tracker);
  return scale;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_kernel<&fused_adamw_>(m, "_fused_adamw_");
  bind_kernel<&fused_adamw_tensor_lr>(m, "_fused_adamw_.tensor_lr");
  bind_kernel<&fused_adam_>(m, "_fused_adam_");
  bind_kernel<&fused_adam_tensor_lr>(m, "_fused_adam_.tensor_lr");
  bind_kernel<&fused_sgd_>(m, "_fused_sgd_");
  bind_kernel<&fused_sgd_tensor_lr>(m, "_fused_sgd_.tensor_lr");
  bind_composite<&fused_adagrad_>(m, "_fused_adagrad_");
  bind_composite<&fused_adagrad_tensor_lr>(m, "_fused_adagrad_.tensor_lr");
  bind_kernel<&unscale_and_check>(m, "_amp_foreach_non_finite_check_and_unscale_");
  bind_kernel<&update_scale>(m, "_amp_update_scale_");
}

}  // namespace npu
