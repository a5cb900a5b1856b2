// Optimizers and the scale of mixed precision. Moments and updates are computed in float or, for float64, in
// double.
#include <ATen/Dispatch.h>
#include <ATen/OpMathType.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <c10/util/irange.h>

#include <ATen/ops/add.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/item.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/sqrt.h>

#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"

using namespace softnpu;

namespace {

constexpr Rule StepOrFloat{kFloats | dtype_set(at::kLong)};
constexpr Rule Trackers{kFloats | kInts};

struct AdamW {
  double lr, beta1, beta2, weight_decay, eps;
  bool amsgrad, maximize;
};

constexpr int64_t kGrain = 16384;

// One step of AdamW on contiguous memory; `step` counts from 1.
template <class T, class G>
void adamw_loop(T* parameter, T* m, T* v, T* max_v, const G* grad, int64_t count, double step,
                const AdamW& a) {
  using W = at::opmath_type<T>;
  const W decay = static_cast<W>(1 - a.lr * a.weight_decay);
  const W beta1 = static_cast<W>(a.beta1);
  const W beta2 = static_cast<W>(a.beta2);
  const W step_size = static_cast<W>(a.lr / (1 - std::pow(a.beta1, step)));
  const W root = static_cast<W>(std::sqrt(1 - std::pow(a.beta2, step)));
  const W eps = static_cast<W>(a.eps);
  at::parallel_for(0, count, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const W g = a.maximize ? -static_cast<W>(grad[i]) : static_cast<W>(grad[i]);
      const W first = beta1 * static_cast<W>(m[i]) + (1 - beta1) * g;
      const W second = beta2 * static_cast<W>(v[i]) + (1 - beta2) * g * g;
      W denominator = second;
      if (a.amsgrad) {
        denominator = std::max(static_cast<W>(max_v[i]), second);
        max_v[i] = static_cast<T>(denominator);
      }
      m[i] = static_cast<T>(first);
      v[i] = static_cast<T>(second);
      parameter[i] = static_cast<T>(static_cast<W>(parameter[i]) * decay -
                                    step_size * first / (std::sqrt(denominator) / root + eps));
    }
  });
}

void check_adamw(In parameter, In m, In v, In grad, const at::Tensor* max_v, bool amsgrad) {
  for (const at::Tensor* state : {&m, &v}) {
    TORCH_CHECK(state->sizes() == parameter.sizes(), "the moments must have the shape of the parameter");
    TORCH_CHECK(state->scalar_type() == parameter.scalar_type(),
                "the moments must have the data type of the parameter");
  }
  TORCH_CHECK(grad.sizes() == parameter.sizes(), "grad must have the shape of the parameter");
  TORCH_CHECK(!amsgrad || (max_v != nullptr && max_v->sizes() == parameter.sizes() &&
                           max_v->scalar_type() == parameter.scalar_type()),
              "amsgrad needs a maximum like the parameter");
}

// Works on contiguous copies where the tensors are not contiguous.
void adamw(at::Tensor& parameter, at::Tensor& m, at::Tensor& v, at::Tensor* max_v, In grad, double step,
           const AdamW& a) {
  check_adamw(parameter, m, v, grad, max_v, a.amsgrad);
  if (checking()) return;
  const at::Tensor p = parameter.contiguous();
  const at::Tensor first = m.contiguous();
  const at::Tensor second = v.contiguous();
  const at::Tensor most = a.amsgrad ? max_v->contiguous() : at::Tensor();
  const at::Tensor gradient = grad.contiguous();
  AT_DISPATCH_FLOATING_TYPES_AND2(at::kHalf, at::kBFloat16, p.scalar_type(), "adamw", [&] {
    using T = scalar_t;
    T* maximum = a.amsgrad ? most.mutable_data_ptr<T>() : nullptr;
    AT_DISPATCH_FLOATING_TYPES_AND2(at::kHalf, at::kBFloat16, gradient.scalar_type(), "adamw", [&] {
      adamw_loop<T, scalar_t>(p.mutable_data_ptr<T>(), first.mutable_data_ptr<T>(),
                              second.mutable_data_ptr<T>(), maximum, gradient.const_data_ptr<scalar_t>(),
                              p.numel(), step, a);
    });
  });
  if (!p.is_same(parameter)) parameter.copy_(p);
  if (!first.is_same(m)) m.copy_(first);
  if (!second.is_same(v)) v.copy_(second);
  if (a.amsgrad && !most.is_same(*max_v)) max_v->copy_(most);
}

double number_in(In tensor) {
  TORCH_CHECK(tensor.numel() == 1, "a number must be one element");
  return checking() ? 1.0 : tensor.item().toDouble();
}

}  // namespace

// `step` is the number of steps before this one.
SOFT_OP(aclnnApplyAdamWV2, StepOrFloat,
        (Out varRef, Out mRef, Out vRef, OptOut maxGradNormOptionalRef, In grad, In step, float lr,
         float beta1, float beta2, float weightDecay, float eps, bool amsgrad, bool maximize),
        {
          adamw(varRef, mRef, vRef, maxGradNormOptionalRef ? &maxGradNormOptionalRef.tensor : nullptr, grad,
                number_in(step) + 1, {lr, beta1, beta2, weightDecay, eps, amsgrad, maximize});
        })
SOFT_OP(aclnnApplyAdamW, Floating,
        (Out varRef, Out mRef, Out vRef, In beta1Power, In beta2Power, In lr, In weightDecay, In beta1,
         In beta2, In eps, In grad, OptIn maxGradNormOptional, bool amsgrad, bool maximize),
        {
          check_adamw(varRef, mRef, vRef, grad, nullptr, false);
          TORCH_CHECK(!amsgrad || maxGradNormOptional.has_value(), "amsgrad needs maxGradNormOptional");
          const double b1 = number_in(beta1), b2 = number_in(beta2);
          const double p1 = number_in(beta1Power) * b1, p2 = number_in(beta2Power) * b2;
          const double rate = number_in(lr), decay = number_in(weightDecay), epsilon = number_in(eps);
          if (checking()) return;
          const at::Tensor g = maximize ? at::neg(grad) : grad;
          mRef.mul_(b1).add_(g, 1 - b1);
          vRef.mul_(b2).addcmul_(g, g, 1 - b2);
          const at::Tensor second = amsgrad ? at::maximum(*maxGradNormOptional, vRef) : vRef;
          varRef.mul_(1 - rate * decay);
          varRef.addcdiv_(mRef, at::sqrt(second / (1 - p2)).add_(epsilon), -rate / (1 - p1));
        })

// Multiplies the gradients by invScale and sets foundInf where one of them is not finite.
SOFT_OP(aclnnForeachNonFiniteCheckAndUnscale, Floating, (OutList scaledGrads, Out foundInf, In invScale), {
  TORCH_CHECK(foundInf.numel() == 1 && invScale.numel() == 1, "foundInf and invScale must be one element");
  if (checking()) return;
  const double scale = invScale.item().toDouble();
  for (at::Tensor& grad : scaledGrads.tensors) {
    if (!at::isfinite(grad).all().item().toBool()) foundInf.fill_(1);
    if (scale != 1) grad.mul_(scale);
  }
})
SOFT_OP(aclnnAmpUpdateScale, Trackers,
        (In currentScale, In growthTracker, In foundInf, double growthFactor, double backoffFactor,
         int64_t growthInterval, Out updatedScale, Out updatedGrowthTracker),
        {
          TORCH_CHECK(currentScale.numel() == 1 && growthTracker.numel() == 1 && foundInf.numel() == 1,
                      "the scale and its trackers must be one element");
          if (checking()) return;
          double scale = currentScale.item().toDouble();
          int64_t grown = growthTracker.item().toLong();
          if (foundInf.item().toDouble() != 0) {
            scale *= backoffFactor;
            grown = 0;
          } else if (++grown == growthInterval) {
            const auto larger = static_cast<float>(scale * growthFactor);
            if (std::isfinite(larger)) scale = larger;
            grown = 0;
          }
          updatedScale.fill_(scale);
          updatedGrowthTracker.fill_(grown);
        })
SOFT_OP(aclnnFusedSgd, Floating,
        (OutList paramsRef, OutList gradsRef, OutList momentumBufferListOptionalRef, OptIn gradScaleOptional,
         float weightDecay, float momentum, float lr, float dampening, bool nesterov, bool maximize,
         bool isFirstStep),
        {
          const bool has_momentum = momentum != 0;
          TORCH_CHECK(gradsRef.size() == paramsRef.size() &&
                          (!has_momentum || momentumBufferListOptionalRef.size() == paramsRef.size()),
                      "the lists must be as long as paramsRef");
          if (checking()) return;
          for (const auto i : c10::irange(paramsRef.size())) {
            at::Tensor grad = gradsRef[i];
            if (gradScaleOptional.has_value()) {
              grad.div_(*gradScaleOptional);
            }
            if (maximize) grad = at::neg(grad);
            if (weightDecay != 0) grad = at::add(grad, paramsRef[i], weightDecay);
            if (has_momentum) {
              at::Tensor& buffer = momentumBufferListOptionalRef[i];
              if (isFirstStep) {
                buffer.copy_(grad);
              } else {
                buffer.mul_(momentum).add_(grad, 1 - dampening);
              }
              grad = nesterov ? at::add(grad, buffer, momentum) : buffer;
            }
            paramsRef[i].add_(grad, -lr);
          }
        })
