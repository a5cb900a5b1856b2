// Lists of tensors: each operator is its pointwise one over the lists. A scalar comes as a scalar, as a
// tensor of one element, or as a list with one scalar for each tensor.
#include <ATen/TensorOperators.h>
#include <c10/util/irange.h>

#include <ATen/ops/abs.h>
#include <ATen/ops/acos.h>
#include <ATen/ops/add.h>
#include <ATen/ops/addcdiv.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/asin.h>
#include <ATen/ops/atan.h>
#include <ATen/ops/ceil.h>
#include <ATen/ops/clamp_max.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/cosh.h>
#include <ATen/ops/div.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/erfc.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/frac.h>
#include <ATen/ops/item.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log10.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/log2.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/round.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sign.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/sinh.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/tan.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/trunc.h>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"

using namespace softnpu;

namespace {

constexpr Rule WithMode{kFloats | dtype_set(at::kChar)};

void same_length(size_t expected, size_t actual, const char* name) {
  TORCH_CHECK(expected == actual, name, " has ", actual, " entries but x has ", expected);
}

at::Scalar number_of(In tensor) {
  TORCH_CHECK(tensor.numel() == 1, "scalar must be one element");
  return checking() ? at::Scalar(1.0) : tensor.reshape({}).item();
}

at::Scalar number_at(In tensor, size_t i) {
  TORCH_CHECK(tensor.dim() == 1 && (checking() || static_cast<int64_t>(i) < tensor.numel()),
              "scalars must have an entry per tensor");
  return checking() ? at::Scalar(1.0) : tensor.select(0, static_cast<int64_t>(i)).item();
}

// A number that does not decide the dtype of the result.
at::Tensor wrapped(Number number) {
  at::Tensor tensor = at::scalar_tensor(number, at::TensorOptions().dtype(number.type()));
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

void round_off(InList x, int64_t mode, OutList out) {
  same_length(x.size(), out.size(), "out");
  for (const auto i : c10::irange(x.size())) {
    switch (mode) {
      case 2:
        at::floor_out(out[i], x[i]);
        break;
      case 3:
        at::ceil_out(out[i], x[i]);
        break;
      case 4:
        at::round_out(out[i], x[i]);
        break;
      case 5:
        at::trunc_out(out[i], x[i]);
        break;
      case 7:
        at::frac_out(out[i], x[i]);
        break;
      default:
        TORCH_CHECK(false, "roundMode is ", mode,
                    "; it must be 2 (floor), 3 (ceil), 4 (round), 5 (trunc) or 7 (frac)");
    }
  }
}

}  // namespace

#define FOREACH_UNARY(Name, name, Inputs)                                    \
  SOFT_OP(aclnnForeach##Name, Inputs.pointwise(), (InList x, OutList out), { \
    same_length(x.size(), out.size(), "out");                                \
    for (const auto i : c10::irange(x.size())) at::name##_out(out[i], x[i]); \
  })
FOREACH_UNARY(Abs, abs, Numeric)
FOREACH_UNARY(Acos, acos, Any)
FOREACH_UNARY(Asin, asin, Any)
FOREACH_UNARY(Atan, atan, Any)
FOREACH_UNARY(Cos, cos, Any)
FOREACH_UNARY(Cosh, cosh, Any)
FOREACH_UNARY(Erf, erf, Real)
FOREACH_UNARY(Erfc, erfc, Real)
FOREACH_UNARY(Exp, exp, Any)
FOREACH_UNARY(Expm1, expm1, Any)
FOREACH_UNARY(Log, log, Any)
FOREACH_UNARY(Log10, log10, Any)
FOREACH_UNARY(Log1p, log1p, Any)
FOREACH_UNARY(Log2, log2, Any)
FOREACH_UNARY(Neg, neg, Numeric)
FOREACH_UNARY(Reciprocal, reciprocal, Any)
FOREACH_UNARY(Sigmoid, sigmoid, Any)
FOREACH_UNARY(Sign, sign, Real)
FOREACH_UNARY(Sin, sin, Any)
FOREACH_UNARY(Sinh, sinh, Any)
FOREACH_UNARY(Sqrt, sqrt, Any)
FOREACH_UNARY(Tan, tan, Any)
FOREACH_UNARY(Tanh, tanh, Any)
#undef FOREACH_UNARY

// Five spellings of x op y: list, tensor scalar, scalar, scalar list. `op` writes out[i] from x[i] and a
// tensor.
#define FOREACH_SCALARS(Name, op, Inputs)                                                                 \
  SOFT_OP(aclnnForeach##Name##Scalar, Inputs.pointwise(), (InList x, In scalar, OutList out), {           \
    same_length(x.size(), out.size(), "out");                                                             \
    const at::Tensor number = wrapped(number_of(scalar));                                                 \
    for (const auto i : c10::irange(x.size())) at::op##_out(out[i], x[i], number);                        \
  })                                                                                                      \
  SOFT_OP(aclnnForeach##Name##ScalarV2, Inputs.pointwise(), (InList x, Number scalar, OutList out), {     \
    same_length(x.size(), out.size(), "out");                                                             \
    const at::Tensor number = wrapped(scalar);                                                            \
    for (const auto i : c10::irange(x.size())) at::op##_out(out[i], x[i], number);                        \
  })                                                                                                      \
  SOFT_OP(aclnnForeach##Name##ScalarList, Inputs.pointwise(), (InList x, Numbers scalars, OutList out), { \
    same_length(x.size(), out.size(), "out");                                                             \
    same_length(x.size(), scalars.size(), "scalars");                                                     \
    for (const auto i : c10::irange(x.size())) at::op##_out(out[i], x[i], wrapped(scalars[i]));           \
  })
FOREACH_SCALARS(Add, add, Any)
FOREACH_SCALARS(Sub, sub, Numeric)
FOREACH_SCALARS(Mul, mul, Any)
FOREACH_SCALARS(Div, div, Any)
#undef FOREACH_SCALARS

// The same where ATen's operator takes the number itself, and refuses one that the dtype cannot hold.
#define FOREACH_NUMBERS(Name, op, Inputs)                                                                 \
  SOFT_OP(aclnnForeach##Name##Scalar, Inputs.pointwise(), (InList x, In scalar, OutList out), {           \
    same_length(x.size(), out.size(), "out");                                                             \
    const at::Scalar number = number_of(scalar);                                                          \
    for (const auto i : c10::irange(x.size())) at::op##_out(out[i], x[i], number);                        \
  })                                                                                                      \
  SOFT_OP(aclnnForeach##Name##ScalarV2, Inputs.pointwise(), (InList x, Number scalar, OutList out), {     \
    same_length(x.size(), out.size(), "out");                                                             \
    for (const auto i : c10::irange(x.size())) at::op##_out(out[i], x[i], scalar);                        \
  })                                                                                                      \
  SOFT_OP(aclnnForeach##Name##ScalarList, Inputs.pointwise(), (InList x, Numbers scalars, OutList out), { \
    same_length(x.size(), out.size(), "out");                                                             \
    same_length(x.size(), scalars.size(), "scalars");                                                     \
    for (const auto i : c10::irange(x.size())) at::op##_out(out[i], x[i], scalars[i]);                    \
  })
FOREACH_NUMBERS(Maximum, clamp_min, Real)
FOREACH_NUMBERS(Minimum, clamp_max, Real)
FOREACH_NUMBERS(Pow, pow, Any)
#undef FOREACH_NUMBERS

#define FOREACH_LIST(Name, op, Inputs)                                                         \
  SOFT_OP(aclnnForeach##Name##List, Inputs.pointwise(), (InList x1, InList x2, OutList out), { \
    same_length(x1.size(), x2.size(), "x2");                                                   \
    same_length(x1.size(), out.size(), "out");                                                 \
    for (const auto i : c10::irange(x1.size())) at::op##_out(out[i], x1[i], x2[i]);            \
  })
FOREACH_LIST(Mul, mul, Any)
FOREACH_LIST(Div, div, Any)
FOREACH_LIST(Maximum, maximum, Real)
FOREACH_LIST(Minimum, minimum, Real)
FOREACH_LIST(Pow, pow, Any)
#undef FOREACH_LIST

#define FOREACH_ALPHA(Name, op, Inputs)                                                                      \
  SOFT_OP(aclnnForeach##Name##List, Inputs.pointwise(), (InList x1, InList x2, In alpha, OutList out), {     \
    same_length(x1.size(), x2.size(), "x2");                                                                 \
    same_length(x1.size(), out.size(), "out");                                                               \
    for (const auto i : c10::irange(x1.size())) at::op##_out(out[i], x1[i], x2[i], number_of(alpha));        \
  })                                                                                                         \
  SOFT_OP(aclnnForeach##Name##ListV2, Inputs.pointwise(), (InList x1, InList x2, Number alpha, OutList out), \
          {                                                                                                  \
            same_length(x1.size(), x2.size(), "x2");                                                         \
            same_length(x1.size(), out.size(), "out");                                                       \
            for (const auto i : c10::irange(x1.size())) at::op##_out(out[i], x1[i], x2[i], alpha);           \
          })
FOREACH_ALPHA(Add, add, Any)
FOREACH_ALPHA(Sub, sub, Numeric)
#undef FOREACH_ALPHA

#define FOREACH_POINTWISE(Name, op, Inputs)                                                                \
  SOFT_OP(aclnnForeach##Name##Scalar, Inputs.pointwise(),                                                  \
          (InList x1, InList x2, InList x3, In scalar, OutList out), {                                     \
            same_length(x1.size(), out.size(), "out");                                                     \
            same_length(x1.size(), x2.size(), "x2");                                                       \
            same_length(x1.size(), x3.size(), "x3");                                                       \
            const at::Scalar number = number_of(scalar);                                                   \
            for (const auto i : c10::irange(x1.size())) at::op##_out(out[i], x1[i], x2[i], x3[i], number); \
          })                                                                                               \
  SOFT_OP(aclnnForeach##Name##ScalarV2, Inputs.pointwise(),                                                \
          (InList x1, InList x2, InList x3, Number scalar, OutList out), {                                 \
            same_length(x1.size(), out.size(), "out");                                                     \
            same_length(x1.size(), x2.size(), "x2");                                                       \
            same_length(x1.size(), x3.size(), "x3");                                                       \
            for (const auto i : c10::irange(x1.size())) at::op##_out(out[i], x1[i], x2[i], x3[i], scalar); \
          })                                                                                               \
  SOFT_OP(aclnnForeach##Name##ScalarList, Inputs.pointwise(),                                              \
          (InList x1, InList x2, InList x3, In scalars, OutList out), {                                    \
            same_length(x1.size(), out.size(), "out");                                                     \
            same_length(x1.size(), x2.size(), "x2");                                                       \
            same_length(x1.size(), x3.size(), "x3");                                                       \
            for (const auto i : c10::irange(x1.size()))                                                    \
              at::op##_out(out[i], x1[i], x2[i], x3[i], number_at(scalars, i));                            \
          })
FOREACH_POINTWISE(Addcmul, addcmul, Numeric)
FOREACH_POINTWISE(Addcdiv, addcdiv, FloatingOrComplex)
#undef FOREACH_POINTWISE

SOFT_OP(aclnnForeachPowScalarAndTensor, Any.pointwise(), (Number scalar, InList x, OutList out), {
  same_length(x.size(), out.size(), "out");
  for (const auto i : c10::irange(x.size())) at::pow_out(out[i], scalar, x[i]);
})
SOFT_OP(aclnnForeachLerpScalar, FloatingOrComplex.pointwise(),
        (InList x1, InList x2, Number weight, OutList out), {
          same_length(x1.size(), x2.size(), "x2");
          same_length(x1.size(), out.size(), "out");
          for (const auto i : c10::irange(x1.size())) at::lerp_out(out[i], x1[i], x2[i], weight);
        })
SOFT_OP(aclnnForeachLerpList, FloatingOrComplex.pointwise(),
        (InList x1, InList x2, InList weight, OutList out), {
          same_length(x1.size(), x2.size(), "x2");
          same_length(x1.size(), weight.size(), "weight");
          same_length(x1.size(), out.size(), "out");
          for (const auto i : c10::irange(x1.size())) at::lerp_out(out[i], x1[i], x2[i], weight[i]);
        })
SOFT_OP(aclnnForeachCopy, Stored.pointwise(), (InList x, OutList out), {
  same_length(x.size(), out.size(), "out");
  for (const auto i : c10::irange(x.size())) put(out[i], x[i]);
})
SOFT_OP(aclnnForeachZeroInplace, Stored.pointwise(), (OutList x), {
  for (at::Tensor& tensor : x.tensors) tensor.zero_();
})
SOFT_OP(aclnnForeachNorm, FloatingOrComplex, (InList x, Number scalar, OutList out), {
  same_length(x.size(), out.size(), "out");
  for (const auto i : c10::irange(x.size()))
    put_flat(out[i], aten::linalg_vector_norm(x[i], scalar, std::nullopt, false, std::nullopt));
})
SOFT_OP(aclnnForeachRoundOffNumberV2, Floating.pointwise(), (InList x, Number roundMode, OutList out),
        round_off(x, roundMode.toLong(), out))
SOFT_OP(aclnnForeachRoundOffNumber, WithMode.pointwise(), (InList x, In roundMode, OutList out), {
  TORCH_CHECK(roundMode.numel() == 1, "roundMode must be one element");
  round_off(x, checking() ? 4 : roundMode.item().toLong(), out);
})
