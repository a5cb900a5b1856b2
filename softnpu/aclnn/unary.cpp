// Pointwise operators of one tensor, and their in-place forms.
#include <ATen/ops/abs.h>
#include <ATen/ops/acos.h>
#include <ATen/ops/acosh.h>
#include <ATen/ops/angle.h>
#include <ATen/ops/asin.h>
#include <ATen/ops/asinh.h>
#include <ATen/ops/atan.h>
#include <ATen/ops/atanh.h>
#include <ATen/ops/bitwise_not.h>
#include <ATen/ops/ceil.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/cosh.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/erfc.h>
#include <ATen/ops/erfinv.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/exp2.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/frac.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/isneginf.h>
#include <ATen/ops/isposinf.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log10.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/log2.h>
#include <ATen/ops/logical_not.h>
#include <ATen/ops/nan_to_num.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/round.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sign.h>
#include <ATen/ops/signbit.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/sinc.h>
#include <ATen/ops/sinh.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/tan.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/trunc.h>

#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/raw.h"

using namespace softnpu;

SOFT_OP(aclnnAbs, Numeric.raw_loop(raw::abs), (In self, Out out), {
  const at::ScalarType real = c10::toRealValueType(self.scalar_type());
  TORCH_CHECK(out.scalar_type() == real, "out must be ", at::toString(real));
  if (checking()) return expect(out, self.sizes(), real);
  at::abs_out(out, self);
})
SOFT_OP(aclnnAcos, Any, (In input, Out out), at::acos_out(out, input))
SOFT_OP(aclnnAcosh, Any, (In self, Out out), at::acosh_out(out, self))
SOFT_OP(aclnnAngleV2, Any, (In x, Out out), {
  const bool integral = c10::isIntegralType(x.scalar_type(), true);
  if (checking())
    return expect(out, x.sizes(), integral ? at::kFloat : c10::toRealValueType(x.scalar_type()));
  at::angle_out(out, x);
})
SOFT_OP(aclnnAsin, Any, (In self, Out out), at::asin_out(out, self))
SOFT_OP(aclnnAsinh, Any, (In input, Out out), at::asinh_out(out, input))
SOFT_OP(aclnnAtan, Any, (In input, Out out), at::atan_out(out, input))
SOFT_OP(aclnnAtanh, Any, (In input, Out out), at::atanh_out(out, input))
SOFT_OP(aclnnBitwiseNot, Integral, (In self, Out out), at::bitwise_not_out(out, self))
SOFT_OP(aclnnCeil, RealNumeric, (In self, Out out), at::ceil_out(out, self))
SOFT_OP(aclnnCos, Any, (In input, Out out), at::cos_out(out, input))
SOFT_OP(aclnnCosh, Any, (In self, Out out), at::cosh_out(out, self))
SOFT_OP(aclnnErf, Real, (In self, Out out), at::erf_out(out, self))
SOFT_OP(aclnnErfc, Real, (In self, Out out), at::erfc_out(out, self))
SOFT_OP(aclnnErfinv, Real, (In self, Out out), at::erfinv_out(out, self))
SOFT_OP(aclnnExp, Any, (In self, Out out), at::exp_out(out, self))
SOFT_OP(aclnnExp2, Any, (In self, Out out), at::exp2_out(out, self))
SOFT_OP(aclnnExpm1, Any, (In self, Out out), at::expm1_out(out, self))
SOFT_OP(aclnnFloor, RealNumeric, (In self, Out out), at::floor_out(out, self))
SOFT_OP(aclnnFrac, Floating, (In input, Out out), at::frac_out(out, input))
SOFT_OP(aclnnIsFinite, Any, (In self, Out out), {
  if (checking()) return expect(out, self.sizes(), at::kBool);
  put(out, at::isfinite(self));
})
SOFT_OP(aclnnIsNegInf, Real, (In self, Out out), at::isneginf_out(out, self))
SOFT_OP(aclnnIsPosInf, Real, (In self, Out out), at::isposinf_out(out, self))
SOFT_OP(aclnnLog, Any, (In self, Out out), at::log_out(out, self))
SOFT_OP(aclnnLog10, Any, (In self, Out out), at::log10_out(out, self))
SOFT_OP(aclnnLog1p, Any, (In self, Out out), at::log1p_out(out, self))
SOFT_OP(aclnnLog2, Any, (In self, Out out), at::log2_out(out, self))
SOFT_OP(aclnnLogicalNot, Any, (In self, Out out), {
  if (checking()) return expect(out, self.sizes(), at::kBool);
  at::logical_not_out(out, self);
})
SOFT_OP(aclnnNanToNum, Real, (In self, float nan, float posinf, float neginf, Out out), {
  expect_same_dtype(out, self);
  if (checking()) return expect_like(out, self);
  at::nan_to_num_out(out, self, nan, posinf, neginf);
})
SOFT_OP(aclnnNeg, Numeric.raw_loop(raw::neg), (In self, Out out), at::neg_out(out, self))
SOFT_OP(aclnnReciprocal, Any.raw_loop(raw::reciprocal), (In self, Out out), at::reciprocal_out(out, self))
SOFT_OP(aclnnRound, RealNumeric, (In self, Out out), at::round_out(out, self))
SOFT_OP(aclnnRoundDecimals, Floating, (In self, int64_t decimals, Out out),
        at::round_out(out, self, decimals))
SOFT_OP(aclnnRsqrt, Any, (In self, Out out), at::rsqrt_out(out, self))
SOFT_OP(aclnnSigmoid, Any, (In self, Out out), at::sigmoid_out(out, self))
SOFT_OP(aclnnSign, Real, (In self, Out result), at::sign_out(result, self))
SOFT_OP(aclnnSignbit, Real, (In self, Out out), at::signbit_out(out, self))
SOFT_OP(aclnnSin, Any, (In self, Out out), at::sin_out(out, self))
SOFT_OP(aclnnSinc, Any, (In self, Out out), at::sinc_out(out, self))
SOFT_OP(aclnnSinh, Any, (In self, Out out), at::sinh_out(out, self))
SOFT_OP(aclnnSqrt, Any, (In self, Out out), at::sqrt_out(out, self))
SOFT_OP(aclnnTan, Any, (In self, Out out), at::tan_out(out, self))
SOFT_OP(aclnnTanh, Any, (In self, Out out), at::tanh_out(out, self))
SOFT_OP(aclnnTrunc, RealNumeric, (In self, Out out), at::trunc_out(out, self))

SOFT_OP(aclnnInplaceAcos, Any, (Out inputRef), at::acos_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceAcosh, Any, (Out selfRef), at::acosh_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceAsin, Any, (Out selfRef), at::asin_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceAsinh, Any, (Out inputRef), at::asinh_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceAtan, Any, (Out inputRef), at::atan_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceAtanh, Any, (Out inputRef), at::atanh_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceCeil, RealNumeric, (Out selfRef), at::ceil_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceCos, Any, (Out inputRef), at::cos_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceCosh, Any, (Out selfRef), at::cosh_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceErf, Real, (Out selfRef), at::erf_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceErfc, Real, (Out selfRef), at::erfc_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceErfinv, Real, (Out selfRef), at::erfinv_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceExp, Any, (Out selfRef), at::exp_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceExp2, Any, (Out selfRef), at::exp2_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceExpm1, Any, (Out selfRef), at::expm1_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceFloor, RealNumeric, (Out selfRef), at::floor_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceFrac, Floating, (Out inputRef), at::frac_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceLog, Any, (Out selfRef), at::log_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceLog10, Any, (Out selfRef), at::log10_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceLog1p, Any, (Out selfRef), at::log1p_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceLog2, Any, (Out selfRef), at::log2_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceLogicalNot, Any, (Out selfRef), {
  if (!checking()) at::logical_not_out(selfRef, selfRef);
})
SOFT_OP(aclnnInplaceNanToNum, Real, (Out selfRef, float nan, float posinf, float neginf), {
  if (!checking()) at::nan_to_num_out(selfRef, selfRef, nan, posinf, neginf);
})
SOFT_OP(aclnnInplaceReciprocal, Any.raw_loop(raw::reciprocal), (Out selfRef),
        at::reciprocal_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceRoundDecimals, Floating, (Out selfRef, int64_t decimals),
        at::round_out(selfRef, selfRef, decimals))
SOFT_OP(aclnnInplaceRsqrt, Any, (Out selfRef), at::rsqrt_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceSigmoid, Any, (Out selfRef), at::sigmoid_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceSin, Any, (Out selfRef), at::sin_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceSinc, Any, (Out selfRef), at::sinc_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceSinh, Any, (Out selfRef), at::sinh_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceSqrt, Any, (Out self), at::sqrt_out(self, self))
SOFT_OP(aclnnInplaceTan, Any, (Out selfRef), at::tan_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceTanh, Any, (Out selfRef), at::tanh_out(selfRef, selfRef))
