// Pointwise operators of two tensors or of a tensor and a number. Dtypes promote as ATen's do.
#include <ATen/ops/add.h>
#include <ATen/ops/addcdiv.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/atan2.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/clamp_max.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/div.h>
#include <ATen/ops/fmod.h>
#include <ATen/ops/gcd.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/logaddexp.h>
#include <ATen/ops/logaddexp2.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/result_type.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/xlogy.h>

#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/raw.h"

using namespace softnpu;

namespace {

// Rounding of aclnnDivMod: 0 none, 1 towards zero, 2 down.
std::optional<std::string_view> rounding(int mode) {
  TORCH_CHECK(mode >= 0 && mode <= 2, "mode is ", mode, "; it must be 0 (none), 1 (trunc) or 2 (floor)");
  if (mode == 0) return std::nullopt;
  return mode == 1 ? "trunc" : "floor";
}

// A number as an operand that does not decide the dtype.
at::Tensor wrapped(Number number) {
  at::Tensor tensor = at::scalar_tensor(number, at::TensorOptions().dtype(number.type()));
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

// a + alpha b and a - alpha b. ATen looks at the dtype of the output; what counts is what is computed in.
void add_into(Out out, In a, In b, Number alpha) {
  TORCH_CHECK(!alpha.isFloatingPoint() || !c10::isIntegralType(at::result_type(a, b), true),
              "integers need an integral alpha");
  at::add_out(out, a, b, alpha);
}

void sub_into(Out out, In a, In b, Number alpha) {
  TORCH_CHECK(!alpha.isFloatingPoint() || !c10::isIntegralType(at::result_type(a, b), true),
              "integers need an integral alpha");
  at::sub_out(out, a, b, alpha);
}

void pow_into(Out out, In base, In exponent) {
  TORCH_CHECK(at::result_type(base, exponent) != at::kBool, "two Bool operands are not supported");
  at::pow_out(out, base, exponent);
}

}  // namespace

SOFT_OP(aclnnAdd, Any.raw_loop(raw::add), (In self, In other, Number alpha, Out out),
        add_into(out, self, other, alpha))
SOFT_OP(aclnnAdds, Any.raw_loop(raw::adds), (In self, Number other, Number alpha, Out out),
        add_into(out, self, wrapped(other), alpha))
SOFT_OP(aclnnAddV3, Any.pointwise(), (Number self, In other, Number alpha, Out out),
        add_into(out, wrapped(self), other, alpha))
SOFT_OP(aclnnInplaceAdd, Any.raw_loop(raw::add), (Out selfRef, In other, Number alpha),
        add_into(selfRef, selfRef, other, alpha))
SOFT_OP(aclnnInplaceAdds, Any.raw_loop(raw::adds), (Out selfRef, Number other, Number alpha),
        add_into(selfRef, selfRef, wrapped(other), alpha))

SOFT_OP(aclnnSub, Numeric.raw_loop(raw::sub), (In self, In other, Number alpha, Out out),
        sub_into(out, self, other, alpha))
SOFT_OP(aclnnSubs, Numeric.raw_loop(raw::subs), (In self, Number other, Number alpha, Out out),
        sub_into(out, self, wrapped(other), alpha))
SOFT_OP(aclnnInplaceSub, Numeric.raw_loop(raw::sub), (Out selfRef, In other, Number alpha),
        sub_into(selfRef, selfRef, other, alpha))
SOFT_OP(aclnnInplaceSubs, Numeric.raw_loop(raw::subs), (Out selfRef, Number other, Number alpha),
        sub_into(selfRef, selfRef, wrapped(other), alpha))
SOFT_OP(aclnnRsub, Numeric.pointwise(), (In self, In other, Number alpha, Out out),
        sub_into(out, other, self, alpha))
SOFT_OP(aclnnRsubs, Numeric.pointwise(), (In self, Number other, Number alpha, Out out),
        sub_into(out, wrapped(other), self, alpha))

SOFT_OP(aclnnMul, Any.raw_loop(raw::mul), (In self, In other, Out out), at::mul_out(out, self, other))
SOFT_OP(aclnnMuls, Any.raw_loop(raw::muls), (In self, Number other, Out out),
        at::mul_out(out, self, wrapped(other)))
SOFT_OP(aclnnInplaceMul, Any.raw_loop(raw::mul), (Out selfRef, In other),
        at::mul_out(selfRef, selfRef, other))
SOFT_OP(aclnnInplaceMuls, Any.raw_loop(raw::muls), (Out selfRef, Number other),
        at::mul_out(selfRef, selfRef, wrapped(other)))

SOFT_OP(aclnnDiv, Any.raw_loop(raw::div), (In self, In other, Out out), at::div_out(out, self, other))
SOFT_OP(aclnnDivs, Any.raw_loop(raw::divs), (In self, Number other, Out out),
        at::div_out(out, self, wrapped(other)))
SOFT_OP(aclnnInplaceDiv, Any.raw_loop(raw::div), (Out selfRef, In other),
        at::div_out(selfRef, selfRef, other))
SOFT_OP(aclnnInplaceDivs, Any.raw_loop(raw::divs), (Out selfRef, Number other),
        at::div_out(selfRef, selfRef, wrapped(other)))
SOFT_OP(aclnnDivMod, Real.pointwise(), (In self, In other, int mode, Out out),
        at::div_out(out, self, other, rounding(mode)))
SOFT_OP(aclnnDivMods, Real.pointwise(), (In self, Number other, int mode, Out out),
        at::div_out(out, self, wrapped(other), rounding(mode)))
SOFT_OP(aclnnInplaceDivMod, Real.pointwise(), (Out selfRef, In other, int mode),
        at::div_out(selfRef, selfRef, other, rounding(mode)))
SOFT_OP(aclnnInplaceDivMods, Real.pointwise(), (Out selfRef, Number other, int mode),
        at::div_out(selfRef, selfRef, wrapped(other), rounding(mode)))
SOFT_OP(aclnnFloorDivide, Real.pointwise(), (In self, In other, Out out),
        at::div_out(out, self, other, "floor"))
SOFT_OP(aclnnFloorDivides, Real.pointwise(), (In self, Number other, Out out),
        at::div_out(out, self, wrapped(other), "floor"))
SOFT_OP(aclnnInplaceFloorDivide, Real.pointwise(), (Out selfRef, In other),
        at::div_out(selfRef, selfRef, other, "floor"))
SOFT_OP(aclnnInplaceFloorDivides, Real.pointwise(), (Out selfRef, Number other),
        at::div_out(selfRef, selfRef, wrapped(other), "floor"))

SOFT_OP(aclnnRemainderTensorTensor, Real.pointwise(), (In self, In other, Out out),
        at::remainder_out(out, self, other))
SOFT_OP(aclnnRemainderTensorScalar, Real.pointwise(), (In self, Number other, Out out),
        at::remainder_out(out, self, wrapped(other)))
SOFT_OP(aclnnRemainderScalarTensor, Real.pointwise(), (Number self, In other, Out out),
        at::remainder_out(out, wrapped(self), other))
SOFT_OP(aclnnInplaceRemainderTensorTensor, Real.pointwise(), (Out selfRef, In other),
        at::remainder_out(selfRef, selfRef, other))
SOFT_OP(aclnnInplaceRemainderTensorScalar, Real.pointwise(), (Out selfRef, Number other),
        at::remainder_out(selfRef, selfRef, wrapped(other)))
SOFT_OP(aclnnFmodTensor, Real.pointwise(), (In self, In other, Out out), at::fmod_out(out, self, other))
SOFT_OP(aclnnFmodScalar, Real.pointwise(), (In self, Number other, Out out),
        at::fmod_out(out, self, wrapped(other)))
SOFT_OP(aclnnInplaceFmodTensor, Real.pointwise(), (Out selfRef, In other),
        at::fmod_out(selfRef, selfRef, other))
SOFT_OP(aclnnInplaceFmodScalar, Real.pointwise(), (Out selfRef, Number other),
        at::fmod_out(selfRef, selfRef, wrapped(other)))
SOFT_OP(aclnnGcd, Rule{kInts}.pointwise(), (In self, In other, Out out), at::gcd_out(out, self, other))

SOFT_OP(aclnnMaximum, Real.raw_loop(raw::maximum), (In self, In other, Out out),
        at::maximum_out(out, self, other))
SOFT_OP(aclnnMinimum, Real.raw_loop(raw::minimum), (In self, In other, Out out),
        at::minimum_out(out, self, other))
SOFT_OP(aclnnAtan2, Real.pointwise(), (In self, In other, Out out), at::atan2_out(out, self, other))
SOFT_OP(aclnnInplaceAtan2, Real.pointwise(), (Out selfRef, In other), at::atan2_out(selfRef, selfRef, other))
SOFT_OP(aclnnLogAddExp, FloatingOrComplex.pointwise(), (In self, In other, Out out),
        at::logaddexp_out(out, self, other))
SOFT_OP(aclnnLogAddExp2, Floating.pointwise(), (In self, In other, Out out),
        at::logaddexp2_out(out, self, other))
SOFT_OP(aclnnXLogYTensor, Real.pointwise(), (In self, In other, Out out), at::xlogy_out(out, self, other))
SOFT_OP(aclnnXLogYScalarSelf, Real.pointwise(), (Number self, In other, Out out),
        at::xlogy_out(out, wrapped(self), other))
SOFT_OP(aclnnXLogYScalarOther, Real.pointwise(), (In self, Number other, Out out),
        at::xlogy_out(out, self, wrapped(other)))
SOFT_OP(aclnnInplaceXLogYScalarOther, Real.pointwise(), (Out selfRef, Number other),
        at::xlogy_out(selfRef, selfRef, wrapped(other)))

SOFT_OP(aclnnPowTensorTensor, Any.pointwise(), (In self, In exponent, Out out), pow_into(out, self, exponent))
SOFT_OP(aclnnPowTensorScalar, Any.pointwise(), (In self, Number exponent, Out out),
        at::pow_out(out, self, exponent))
SOFT_OP(aclnnPowScalarTensor, Any.pointwise(), (Number self, In exponent, Out out),
        at::pow_out(out, self, exponent))
SOFT_OP(aclnnInplacePowTensorTensor, Any.pointwise(), (Out self, In exponent), pow_into(self, self, exponent))
SOFT_OP(aclnnInplacePowTensorScalar, Any.pointwise(), (Out self, Number exponent),
        at::pow_out(self, self, exponent))

SOFT_OP(aclnnLerp, FloatingOrComplex.pointwise(), (In self, In end, In weight, Out out),
        at::lerp_out(out, self, end, weight))
SOFT_OP(aclnnLerps, FloatingOrComplex.pointwise(), (In self, In end, Number weight, Out out),
        at::lerp_out(out, self, end, weight))
SOFT_OP(aclnnInplaceLerp, FloatingOrComplex.pointwise(), (Out selfRef, In end, In weight),
        at::lerp_out(selfRef, selfRef, end, weight))
SOFT_OP(aclnnInplaceLerps, FloatingOrComplex.pointwise(), (Out selfRef, In end, Number weight),
        at::lerp_out(selfRef, selfRef, end, weight))
SOFT_OP(aclnnAddcmul, Numeric.pointwise(), (In self, In tensor1, In tensor2, Number value, Out out),
        at::addcmul_out(out, self, tensor1, tensor2, value))
SOFT_OP(aclnnInplaceAddcmul, Numeric.pointwise(), (Out selfRef, In tensor1, In tensor2, Number value),
        at::addcmul_out(selfRef, selfRef, tensor1, tensor2, value))
SOFT_OP(aclnnAddcdiv, FloatingOrComplex.pointwise(), (In self, In tensor1, In tensor2, Number value, Out out),
        at::addcdiv_out(out, self, tensor1, tensor2, value))
SOFT_OP(aclnnInplaceAddcdiv, FloatingOrComplex.pointwise(),
        (Out selfRef, In tensor1, In tensor2, Number value),
        at::addcdiv_out(selfRef, selfRef, tensor1, tensor2, value))

SOFT_OP(aclnnClamp, Real.pointwise(), (In self, OptNumber clipValueMin, OptNumber clipValueMax, Out out),
        at::clamp_out(out, self, clipValueMin, clipValueMax))
SOFT_OP(aclnnClampTensor, Real.pointwise(), (In self, OptIn clipValueMin, OptIn clipValueMax, Out out),
        at::clamp_out(out, self, clipValueMin, clipValueMax))
SOFT_OP(aclnnClampMax, Real.pointwise(), (In self, Number clipValueMax, Out out),
        at::clamp_max_out(out, self, clipValueMax))
SOFT_OP(aclnnClampMaxTensor, Real.pointwise(), (In self, In max, Out out), at::clamp_max_out(out, self, max))
SOFT_OP(aclnnClampMin, Real.pointwise(), (In self, Number clipValueMin, Out out),
        at::clamp_min_out(out, self, clipValueMin))
SOFT_OP(aclnnClampMinTensor, Real.pointwise(), (In self, In clipValueMin, Out out),
        at::clamp_min_out(out, self, clipValueMin))
SOFT_OP(aclnnInplaceClampMax, Real.pointwise(), (Out selfRef, Number clipValueMax),
        at::clamp_max_out(selfRef, selfRef, clipValueMax))
SOFT_OP(aclnnInplaceClampMaxTensor, Real.pointwise(), (Out selfRef, In max),
        at::clamp_max_out(selfRef, selfRef, max))
SOFT_OP(aclnnInplaceClampMinTensor, Real.pointwise(), (Out selfRef, In clipValueMin),
        at::clamp_min_out(selfRef, selfRef, clipValueMin))
