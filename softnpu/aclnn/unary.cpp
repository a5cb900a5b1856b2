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
  at::abs_out(out, self);
})
SOFT_OP(aclnnAcos, Any.pointwise(), (In input, Out out), at::acos_out(out, input))
SOFT_OP(aclnnAcosh, Any.pointwise(), (In self, Out out), at::acosh_out(out, self))
SOFT_OP(aclnnAngleV2, Any.pointwise(), (In x, Out out), { at::angle_out(out, x); })
SOFT_OP(aclnnAsin, Any.pointwise(), (In self, Out out), at::asin_out(out, self))
SOFT_OP(aclnnAsinh, Any.pointwise(), (In input, Out out), at::asinh_out(out, input))
SOFT_OP(aclnnAtan, Any.pointwise(), (In input, Out out), at::atan_out(out, input))
SOFT_OP(aclnnAtanh, Any.pointwise(), (In input, Out out), at::atanh_out(out, input))
SOFT_OP(aclnnBitwiseNot, Integral.pointwise(), (In self, Out out), at::bitwise_not_out(out, self))
SOFT_OP(aclnnCeil, RealNumeric.pointwise(), (In self, Out out), at::ceil_out(out, self))
SOFT_OP(aclnnCos, Any.pointwise(), (In input, Out out), at::cos_out(out, input))
SOFT_OP(aclnnCosh, Any.pointwise(), (In self, Out out), at::cosh_out(out, self))
SOFT_OP(aclnnErf, Real.pointwise(), (In self, Out out), at::erf_out(out, self))
SOFT_OP(aclnnErfc, Real.pointwise(), (In self, Out out), at::erfc_out(out, self))
SOFT_OP(aclnnErfinv, Real.pointwise(), (In self, Out out), at::erfinv_out(out, self))
SOFT_OP(aclnnExp, Any.pointwise(), (In self, Out out), at::exp_out(out, self))
SOFT_OP(aclnnExp2, Any.pointwise(), (In self, Out out), at::exp2_out(out, self))
SOFT_OP(aclnnExpm1, Any.pointwise(), (In self, Out out), at::expm1_out(out, self))
SOFT_OP(aclnnFloor, RealNumeric.pointwise(), (In self, Out out), at::floor_out(out, self))
SOFT_OP(aclnnFrac, Floating.pointwise(), (In input, Out out), at::frac_out(out, input))
SOFT_OP(aclnnIsFinite, Any.pointwise(), (In self, Out out), { put(out, at::isfinite(self)); })
SOFT_OP(aclnnIsNegInf, Real.pointwise(), (In self, Out out), at::isneginf_out(out, self))
SOFT_OP(aclnnIsPosInf, Real.pointwise(), (In self, Out out), at::isposinf_out(out, self))
SOFT_OP(aclnnLog, Any.pointwise(), (In self, Out out), at::log_out(out, self))
SOFT_OP(aclnnLog10, Any.pointwise(), (In self, Out out), at::log10_out(out, self))
SOFT_OP(aclnnLog1p, Any.pointwise(), (In self, Out out), at::log1p_out(out, self))
SOFT_OP(aclnnLog2, Any.pointwise(), (In self, Out out), at::log2_out(out, self))
SOFT_OP(aclnnLogicalNot, Any.pointwise(), (In self, Out out), { at::logical_not_out(out, self); })
SOFT_OP(aclnnNanToNum, Real.pointwise(), (In self, float nan, float posinf, float neginf, Out out), {
  expect_same_dtype(out, self);
  at::nan_to_num_out(out, self, nan, posinf, neginf);
})
SOFT_OP(aclnnNeg, Numeric.raw_loop(raw::neg), (In self, Out out), at::neg_out(out, self))
SOFT_OP(aclnnReciprocal, Any.raw_loop(raw::reciprocal), (In self, Out out), at::reciprocal_out(out, self))
SOFT_OP(aclnnRound, RealNumeric.pointwise(), (In self, Out out), at::round_out(out, self))
SOFT_OP(aclnnRoundDecimals, Floating.pointwise(), (In self, int64_t decimals, Out out),
        at::round_out(out, self, decimals))
SOFT_OP(aclnnRsqrt, Any.pointwise(), (In self, Out out), at::rsqrt_out(out, self))
SOFT_OP(aclnnSigmoid, Any.pointwise(), (In self, Out out), at::sigmoid_out(out, self))
SOFT_OP(aclnnSign, Real.pointwise(), (In self, Out result), at::sign_out(result, self))
SOFT_OP(aclnnSignbit, Real.pointwise(), (In self, Out out), at::signbit_out(out, self))
SOFT_OP(aclnnSin, Any.pointwise(), (In self, Out out), at::sin_out(out, self))
SOFT_OP(aclnnSinc, Any.pointwise(), (In self, Out out), at::sinc_out(out, self))
SOFT_OP(aclnnSinh, Any.pointwise(), (In self, Out out), at::sinh_out(out, self))
SOFT_OP(aclnnSqrt, Any.pointwise(), (In self, Out out), at::sqrt_out(out, self))
SOFT_OP(aclnnTan, Any.pointwise(), (In self, Out out), at::tan_out(out, self))
SOFT_OP(aclnnTanh, Any.pointwise(), (In self, Out out), at::tanh_out(out, self))
SOFT_OP(aclnnTrunc, RealNumeric.pointwise(), (In self, Out out), at::trunc_out(out, self))

SOFT_OP(aclnnInplaceAcos, Any.pointwise(), (Out inputRef), at::acos_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceAcosh, Any.pointwise(), (Out selfRef), at::acosh_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceAsin, Any.pointwise(), (Out selfRef), at::asin_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceAsinh, Any.pointwise(), (Out inputRef), at::asinh_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceAtan, Any.pointwise(), (Out inputRef), at::atan_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceAtanh, Any.pointwise(), (Out inputRef), at::atanh_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceCeil, RealNumeric.pointwise(), (Out selfRef), at::ceil_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceCos, Any.pointwise(), (Out inputRef), at::cos_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceCosh, Any.pointwise(), (Out selfRef), at::cosh_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceErf, Real.pointwise(), (Out selfRef), at::erf_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceErfc, Real.pointwise(), (Out selfRef), at::erfc_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceErfinv, Real.pointwise(), (Out selfRef), at::erfinv_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceExp, Any.pointwise(), (Out selfRef), at::exp_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceExp2, Any.pointwise(), (Out selfRef), at::exp2_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceExpm1, Any.pointwise(), (Out selfRef), at::expm1_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceFloor, RealNumeric.pointwise(), (Out selfRef), at::floor_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceFrac, Floating.pointwise(), (Out inputRef), at::frac_out(inputRef, inputRef))
SOFT_OP(aclnnInplaceLog, Any.pointwise(), (Out selfRef), at::log_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceLog10, Any.pointwise(), (Out selfRef), at::log10_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceLog1p, Any.pointwise(), (Out selfRef), at::log1p_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceLog2, Any.pointwise(), (Out selfRef), at::log2_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceLogicalNot, Any.pointwise(), (Out selfRef), { at::logical_not_out(selfRef, selfRef); })
SOFT_OP(aclnnInplaceNanToNum, Real.pointwise(), (Out selfRef, float nan, float posinf, float neginf),
        { at::nan_to_num_out(selfRef, selfRef, nan, posinf, neginf); })
SOFT_OP(aclnnInplaceReciprocal, Any.raw_loop(raw::reciprocal), (Out selfRef),
        at::reciprocal_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceRoundDecimals, Floating.pointwise(), (Out selfRef, int64_t decimals),
        at::round_out(selfRef, selfRef, decimals))
SOFT_OP(aclnnInplaceRsqrt, Any.pointwise(), (Out selfRef), at::rsqrt_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceSigmoid, Any.pointwise(), (Out selfRef), at::sigmoid_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceSin, Any.pointwise(), (Out selfRef), at::sin_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceSinc, Any.pointwise(), (Out selfRef), at::sinc_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceSinh, Any.pointwise(), (Out selfRef), at::sinh_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceSqrt, Any.pointwise(), (Out self), at::sqrt_out(self, self))
SOFT_OP(aclnnInplaceTan, Any.pointwise(), (Out selfRef), at::tan_out(selfRef, selfRef))
SOFT_OP(aclnnInplaceTanh, Any.pointwise(), (Out selfRef), at::tanh_out(selfRef, selfRef))
