// Operators of one tensor: functions and activations. Backward passes are in Activation.cpp.
#include "csrc/aten/ops/Pointwise.h"

#include <limits>

#include <ATen/native/Activation.h>
#include <ATen/native/Resize.h>
#include <ATen/ops/acos_meta.h>
#include <ATen/ops/acosh_meta.h>
#include <ATen/ops/asin_meta.h>
#include <ATen/ops/asinh_meta.h>
#include <ATen/ops/atan_meta.h>
#include <ATen/ops/atanh_meta.h>
#include <ATen/ops/bitwise_not_meta.h>
#include <ATen/ops/ceil_meta.h>
#include <ATen/ops/cos_meta.h>
#include <ATen/ops/cosh_meta.h>
#include <ATen/ops/elu_meta.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/erf_meta.h>
#include <ATen/ops/erfc_meta.h>
#include <ATen/ops/erfinv_meta.h>
#include <ATen/ops/exp2_meta.h>
#include <ATen/ops/exp_meta.h>
#include <ATen/ops/expm1_meta.h>
#include <ATen/ops/floor_meta.h>
#include <ATen/ops/frac_meta.h>
#include <ATen/ops/gelu_meta.h>
#include <ATen/ops/hardshrink_meta.h>
#include <ATen/ops/hardsigmoid_meta.h>
#include <ATen/ops/leaky_relu_meta.h>
#include <ATen/ops/log10_meta.h>
#include <ATen/ops/log1p_meta.h>
#include <ATen/ops/log2_meta.h>
#include <ATen/ops/log_meta.h>
#include <ATen/ops/mish_meta.h>
#include <ATen/ops/neg_meta.h>
#include <ATen/ops/reciprocal_meta.h>
#include <ATen/ops/round_meta.h>
#include <ATen/ops/rsqrt_meta.h>
#include <ATen/ops/sgn_meta.h>
#include <ATen/ops/sigmoid_meta.h>
#include <ATen/ops/sign_meta.h>
#include <ATen/ops/silu_meta.h>
#include <ATen/ops/sin_meta.h>
#include <ATen/ops/sinc_meta.h>
#include <ATen/ops/sinh_meta.h>
#include <ATen/ops/softplus_meta.h>
#include <ATen/ops/softshrink_meta.h>
#include <ATen/ops/sqrt_meta.h>
#include <ATen/ops/tan_meta.h>
#include <ATen/ops/tanh_meta.h>
#include <ATen/ops/threshold_meta.h>
#include <ATen/ops/trunc_meta.h>

namespace npu {
namespace {

using namespace at::meta;

struct Gelu : Row<structured_gelu, 1> {
  static void run(const at::Tensor& self, std::string_view approximate, const at::Tensor& out) {
    constexpr int64_t kErf = 0, kTanh = 1;
    const bool tanh = at::native::get_gelutype_enum(approximate) == at::native::GeluType::Tanh;
    launch<aclnnGeluV2GetWorkspaceSize>(self, tanh ? kTanh : kErf, out);
  }
};

// The sign of a complex number is another operator, which CANN lacks.
struct Sgn : Row<structured_sgn, 1> {
  static void run(const at::Tensor& self, const at::Tensor& out) {
    if (self.is_complex()) no_operator("the sign of a complex number");
    launch<aclnnSignGetWorkspaceSize>(self, out);
  }
};

at::Tensor relu(const at::Tensor& self) {
  TORCH_CHECK(self.scalar_type() != at::kBool, "Boolean inputs not supported for relu");
  at::Tensor out = self.is_contiguous() ? empty(self.sizes(), self) : at::empty_like(self);
  if (out.numel() != 0) launch<aclnnReluGetWorkspaceSize>(self, out);
  return out;
}

at::Tensor& relu_(at::Tensor& self) {
  TORCH_CHECK(self.scalar_type() != at::kBool, "Boolean inputs not supported for relu");
  at::assert_no_internal_overlap(self);
  if (self.numel() != 0) launch<aclnnReluGetWorkspaceSize>(self, self);
  return self;
}

// abs() of a complex tensor is real; the functional and in-place forms are composed upstream.
at::Tensor& abs_out(const at::Tensor& self, at::Tensor& out) {
  at::TensorIteratorConfig().check_all_same_dtype(false).add_output(out).add_const_input(self).build();
  const at::ScalarType type = c10::toRealValueType(self.scalar_type());
  TORCH_CHECK(c10::canCast(type, out.scalar_type()), "result type ", type,
              " can't be cast to the desired output type ", out.scalar_type());
  if (out.numel() != 0) launch<aclnnAbsGetWorkspaceSize>(self, out);
  return out;
}

at::Tensor& angle_out(const at::Tensor& self, at::Tensor& out) {
  at::native::resize_output(out, self.sizes());
  if (out.numel() != 0) launch<aclnnAngleV2GetWorkspaceSize>(self, out);
  return out;
}

at::Tensor angle(const at::Tensor& self) {
  at::ScalarType type = c10::toRealValueType(self.scalar_type());
  if (c10::isIntegralType(type, /*includeBool=*/true)) type = c10::get_default_dtype_as_scalartype();
  at::Tensor out = empty(self.sizes(), type, self.device());
  return angle_out(self, out);
}

// Copying a lazily conjugated tensor conjugates.
at::Tensor& conj_physical_out(const at::Tensor& self, at::Tensor& out) {
  at::TensorIterator::unary_op(out, self);  // resizes out and refuses another dtype
  return out.copy_(self.conj());
}

// Upstream's in-place form calls its own out function, past the dispatcher.
at::Tensor& conj_physical_(at::Tensor& self) {
  if (self.is_complex()) at::Tensor(at::view_as_real(self)).select(-1, 1).neg_();
  return self;
}

at::Tensor& nan_to_num_out(const at::Tensor& self, std::optional<double> nan, std::optional<double> posinf,
                           std::optional<double> neginf, at::Tensor& out) {
  TORCH_CHECK(self.scalar_type() == out.scalar_type(), "nan_to_num: dtype of out: ", out.scalar_type(),
              " should be same as input: ", self.scalar_type());
  at::TensorIterator::unary_op(out, self);
  if (out.numel() == 0) return out;
  if (c10::isIntegralType(self.scalar_type(), /*includeBool=*/true)) return out.copy_(self);
  double largest = std::numeric_limits<float>::max();
  if (self.scalar_type() == at::kHalf) largest = std::numeric_limits<c10::Half>::max();
  if (self.scalar_type() == at::kBFloat16) largest = std::numeric_limits<c10::BFloat16>::max();
  // The parameters are floats: the largest double does not fit.
  if (self.scalar_type() == at::kDouble && !(posinf && neginf)) no_operator("the limits of float64");
  launch<aclnnNanToNumGetWorkspaceSize>(self, nan.value_or(0), posinf.value_or(largest),
                                        neginf.value_or(-largest), out);
  return out;
}

#define CANN(symbol) aclnn##symbol##GetWorkspaceSize
#define UNARY(name, symbol, fast) \
  bind<Plain<structured_##name, CANN(symbol), Fast::fast>>(m, #name, #name "_", #name ".out")
#define COLD_UNARY(name, symbol) \
  bind<Plain<structured_##name, CANN(symbol)>>(m, nullptr, nullptr, #name ".out")

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  UNARY(ceil, Ceil, kFloating);
  UNARY(cos, Cos, kFloating);
  UNARY(erf, Erf, kFloating);
  UNARY(exp, Exp, kFloating);
  UNARY(floor, Floor, kFloating);
  UNARY(log, Log, kFloating);
  UNARY(neg, Neg, kSame);
  UNARY(reciprocal, Reciprocal, kFloating);
  UNARY(round, Round, kFloating);
  UNARY(rsqrt, Rsqrt, kFloating);
  UNARY(sigmoid, Sigmoid, kFloating);
  UNARY(silu, Silu, kFloating);
  UNARY(sin, Sin, kFloating);
  UNARY(sqrt, Sqrt, kFloating);
  UNARY(tanh, Tanh, kFloating);

  COLD_UNARY(acos, Acos);
  COLD_UNARY(acosh, Acosh);
  COLD_UNARY(asin, Asin);
  COLD_UNARY(asinh, Asinh);
  COLD_UNARY(atan, Atan);
  COLD_UNARY(atanh, Atanh);
  COLD_UNARY(bitwise_not, BitwiseNot);
  COLD_UNARY(cosh, Cosh);
  COLD_UNARY(erfc, Erfc);
  COLD_UNARY(erfinv, Erfinv);
  COLD_UNARY(exp2, Exp2);
  COLD_UNARY(expm1, Expm1);
  COLD_UNARY(frac, Frac);
  COLD_UNARY(log10, Log10);
  COLD_UNARY(log1p, Log1p);
  COLD_UNARY(log2, Log2);
  COLD_UNARY(sign, Sign);
  COLD_UNARY(sinc, Sinc);
  COLD_UNARY(sinh, Sinh);
  COLD_UNARY(tan, Tan);
  COLD_UNARY(trunc, Trunc);
  bind<Sgn>(m, nullptr, nullptr, "sgn.out");
  bind<Plain<structured_round_decimals, CANN(RoundDecimals)>>(m, nullptr, nullptr, "round.decimals_out");
  bind_kernel<&abs_out>(m, "abs.out");
  bind_kernel<&angle>(m, "angle");
  bind_kernel<&angle_out>(m, "angle.out");
  bind_kernel<&conj_physical_out>(m, "conj_physical.out");
  bind_kernel<&conj_physical_>(m, "conj_physical_");
  bind_kernel<&nan_to_num_out>(m, "nan_to_num.out");

  bind<Gelu>(m, "gelu", nullptr, "gelu.out");
  bind_kernel<&relu>(m, "relu");
  bind_kernel<&relu_>(m, "relu_");
  bind<Plain<structured_leaky_relu, CANN(LeakyRelu), Fast::kFloating>>(m, "leaky_relu", "leaky_relu_",
                                                                       "leaky_relu.out");
  COLD_UNARY(elu, Elu);
  COLD_UNARY(hardshrink, Hardshrink);
  COLD_UNARY(hardsigmoid, Hardsigmoid);
  COLD_UNARY(mish, Mish);
  COLD_UNARY(softplus, Softplus);
  COLD_UNARY(softshrink, Softshrink);
  COLD_UNARY(threshold, Threshold);
}

#undef COLD_UNARY
#undef UNARY
#undef CANN

}  // namespace
}  // namespace npu
