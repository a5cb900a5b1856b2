// Comparisons, logic and bits.
#include <ATen/ExpandUtils.h>

#include <ATen/ops/bitwise_and.h>
#include <ATen/ops/bitwise_left_shift.h>
#include <ATen/ops/bitwise_or.h>
#include <ATen/ops/bitwise_right_shift.h>
#include <ATen/ops/bitwise_xor.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ge.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/isclose.h>
#include <ATen/ops/le.h>
#include <ATen/ops/logical_and.h>
#include <ATen/ops/logical_or.h>
#include <ATen/ops/logical_xor.h>
#include <ATen/ops/lt.h>
#include <ATen/ops/ne.h>

#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/raw.h"

using namespace softnpu;

#define COMPARISON(Name, name, Inputs)                                                          \
  SOFT_OP(aclnn##Name##Tensor, Inputs.raw_loop(raw::name), (In self, In other, Out out),        \
          at::name##_out(out, self, other))                                                     \
  SOFT_OP(aclnn##Name##Scalar, Inputs.raw_loop(raw::name##s), (In self, Number other, Out out), \
          at::name##_out(out, self, other))                                                     \
  SOFT_OP(aclnnInplace##Name##Tensor, Inputs.pointwise(), (Out selfRef, In other),              \
          at::name##_out(selfRef, selfRef, other))                                              \
  SOFT_OP(aclnnInplace##Name##Scalar, Inputs.pointwise(), (Out selfRef, Number other),          \
          at::name##_out(selfRef, selfRef, other))
COMPARISON(Eq, eq, Any)
COMPARISON(Ne, ne, Any)
COMPARISON(Lt, lt, Real)
COMPARISON(Le, le, Real)
COMPARISON(Gt, gt, Real)
COMPARISON(Ge, ge, Real)
#undef COMPARISON

SOFT_OP(aclnnLogicalAnd, Any.pointwise(), (In self, In other, Out out),
        { at::logical_and_out(out, self, other); })
SOFT_OP(aclnnLogicalOr, Any.pointwise(), (In self, In other, Out out),
        { at::logical_or_out(out, self, other); })
SOFT_OP(aclnnLogicalXor, Any.pointwise(), (In self, In other, Out out),
        { at::logical_xor_out(out, self, other); })
SOFT_OP(aclnnInplaceLogicalAnd, Any.pointwise(), (Out selfRef, In other),
        { at::logical_and_out(selfRef, selfRef, other); })
SOFT_OP(aclnnInplaceLogicalOr, Any.pointwise(), (Out selfRef, In other),
        { at::logical_or_out(selfRef, selfRef, other); })

SOFT_OP(aclnnBitwiseAndTensor, Integral.pointwise(), (In self, In other, Out out),
        at::bitwise_and_out(out, self, other))
SOFT_OP(aclnnBitwiseAndScalar, Integral.pointwise(), (In self, Number other, Out out), {
  expect_integral(other, self);
  at::bitwise_and_out(out, self, other);
})
SOFT_OP(aclnnBitwiseOrTensor, Integral.pointwise(), (In self, In other, Out out),
        at::bitwise_or_out(out, self, other))
SOFT_OP(aclnnBitwiseOrScalar, Integral.pointwise(), (In self, Number other, Out out), {
  expect_integral(other, self);
  at::bitwise_or_out(out, self, other);
})
SOFT_OP(aclnnBitwiseXorTensor, Integral.pointwise(), (In self, In other, Out out),
        at::bitwise_xor_out(out, self, other))
SOFT_OP(aclnnBitwiseXorScalar, Integral.pointwise(), (In self, Number other, Out out), {
  expect_integral(other, self);
  at::bitwise_xor_out(out, self, other);
})
SOFT_OP(aclnnInplaceBitwiseAndTensor, Integral.pointwise(), (Out selfRef, In other), {
  TORCH_CHECK(c10::isIntegralType(selfRef.scalar_type(), true), "selfRef must be integers or Bool");
  at::bitwise_and_out(selfRef, selfRef, other);
})
SOFT_OP(aclnnInplaceBitwiseAndScalar, Integral.pointwise(), (Out selfRef, Number other), {
  expect_integral(other, selfRef);
  at::bitwise_and_out(selfRef, selfRef, other);
})
SOFT_OP(aclnnInplaceBitwiseXorTensor, Integral.pointwise(), (Out selfRef, In other), {
  TORCH_CHECK(c10::isIntegralType(selfRef.scalar_type(), true), "selfRef must be integers or Bool");
  at::bitwise_xor_out(selfRef, selfRef, other);
})
SOFT_OP(aclnnInplaceBitwiseXorScalar, Integral.pointwise(), (Out selfRef, Number other), {
  expect_integral(other, selfRef);
  at::bitwise_xor_out(selfRef, selfRef, other);
})
SOFT_OP(aclnnLeftShift, Integral.pointwise(), (In self, In shiftBits, Out out),
        at::bitwise_left_shift_out(out, self, shiftBits))
SOFT_OP(aclnnLeftShifts, Integral.pointwise(), (In self, Number shiftBits, Out out), {
  expect_integral(shiftBits, self);
  at::bitwise_left_shift_out(out, self, shiftBits);
})
SOFT_OP(aclnnRightShift, Integral.pointwise(), (In input, In shiftBits, Out out),
        at::bitwise_right_shift_out(out, input, shiftBits))

SOFT_OP(aclnnEqual, Any, (In self, In other, Out out), {
  TORCH_CHECK(out.scalar_type() == at::kBool && out.numel() == 1, "out must be one Bool");
  if (checking()) return;
  out.fill_(self.sizes() == other.sizes() && at::equal(self, other.to(self.scalar_type())));
})
SOFT_OP(aclnnIsClose, Any.pointwise(), (In self, In other, double rtol, double atol, bool equalNan, Out out),
        { put(out, at::isclose(self, other, rtol, atol, equalNan)); })
SOFT_OP(aclnnIsInTensorScalar, Any, (In element, Number testElement, bool, bool invert, Out out), {
  if (checking()) return expect(out, element.sizes(), at::kBool);
  put(out, invert ? at::ne(element, testElement) : at::eq(element, testElement));
})
SOFT_OP(aclnnIsInScalarTensor, Any, (Number element, In testElements, bool, bool invert, Out out), {
  TORCH_CHECK(out.numel() == 1, "out must be one element");
  if (checking()) return;
  out.fill_(at::eq(testElements, element).any().item<bool>() != invert);
})
