// The _foreach_* operators, as rows: each family is one template over the launch that it makes.
#include <ATen/ATen.h>
#include <ATen/NativeFunctions.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/ForeachFamilies.h"

namespace npu {
namespace {

using namespace foreach;  // NOLINT: this file is that namespace's table

// A row of a family: the C operator and the stem of upstream's slow path.
#define ROW(Name, Op, stem)                                                                            \
  struct Name {                                                                                        \
    static void run(const auto&... args) { launch<Op##GetWorkspaceSize>(args...); }                    \
    static Tensors slow(const auto&... args) { return native::foreach_tensor_##stem##_slow(args...); } \
    static void slow_(const auto&... args) { native::foreach_tensor_##stem##_slow_(args...); }         \
  }

ROW(Abs, aclnnForeachAbs, abs);
ROW(Acos, aclnnForeachAcos, acos);
ROW(Asin, aclnnForeachAsin, asin);
ROW(Atan, aclnnForeachAtan, atan);
ROW(Cos, aclnnForeachCos, cos);
ROW(Cosh, aclnnForeachCosh, cosh);
ROW(Erf, aclnnForeachErf, erf);
ROW(Erfc, aclnnForeachErfc, erfc);
ROW(Exp, aclnnForeachExp, exp);
ROW(Expm1, aclnnForeachExpm1, expm1);
ROW(Log, aclnnForeachLog, log);
ROW(Log10, aclnnForeachLog10, log10);
ROW(Log1p, aclnnForeachLog1p, log1p);
ROW(Log2, aclnnForeachLog2, log2);
ROW(Neg, aclnnForeachNeg, neg);
ROW(Reciprocal, aclnnForeachReciprocal, reciprocal);
ROW(Sigmoid, aclnnForeachSigmoid, sigmoid);
ROW(Sign, aclnnForeachSign, sign);
ROW(Sin, aclnnForeachSin, sin);
ROW(Sinh, aclnnForeachSinh, sinh);
ROW(Sqrt, aclnnForeachSqrt, sqrt);
ROW(Tan, aclnnForeachTan, tan);
ROW(Tanh, aclnnForeachTanh, tanh);

ROW(AddScalar, aclnnForeachAddScalarV2, add_scalar_kernel);
ROW(SubScalar, aclnnForeachSubScalarV2, sub_scalar_kernel);
ROW(MulScalar, aclnnForeachMulScalarV2, mul_scalar_kernel);
ROW(DivScalar, aclnnForeachDivScalarV2, div_scalar_kernel);
ROW(PowScalar, aclnnForeachPowScalarV2, pow_scalar_kernel);
ROW(MaximumScalar, aclnnForeachMaximumScalarV2, clamp_min_scalar_kernel);
ROW(MinimumScalar, aclnnForeachMinimumScalarV2, clamp_max_scalar_kernel);
ROW(ClampMinScalar, aclnnForeachMaximumScalarV2, clamp_min_scalar_kernel);
ROW(ClampMaxScalar, aclnnForeachMinimumScalarV2, clamp_max_scalar_kernel);

ROW(AddScalarList, aclnnForeachAddScalarList, add_scalarlist_kernel);
ROW(SubScalarList, aclnnForeachSubScalarList, sub_scalarlist_kernel);
ROW(MulScalarList, aclnnForeachMulScalarList, mul_scalarlist_kernel);
ROW(DivScalarList, aclnnForeachDivScalarList, div_scalarlist_kernel);
ROW(PowScalarList, aclnnForeachPowScalarList, pow_scalarlist_kernel);
ROW(MaximumScalarList, aclnnForeachMaximumScalarList, clamp_min_scalarlist_kernel);
ROW(MinimumScalarList, aclnnForeachMinimumScalarList, clamp_max_scalarlist_kernel);
ROW(ClampMinScalarList, aclnnForeachMaximumScalarList, clamp_min_scalarlist_kernel);
ROW(ClampMaxScalarList, aclnnForeachMinimumScalarList, clamp_max_scalarlist_kernel);

ROW(MulTensor, aclnnForeachMulScalar, mul_tensor_kernel);
ROW(DivTensor, aclnnForeachDivScalar, div_tensor_kernel);

ROW(AddList, aclnnForeachAddListV2, add_list_kernel);
ROW(SubList, aclnnForeachSubListV2, sub_list_kernel);
ROW(MulList, aclnnForeachMulList, mul_list_kernel);
ROW(DivList, aclnnForeachDivList, div_list_kernel);
ROW(PowList, aclnnForeachPowList, pow_list_kernel);
ROW(MaximumList, aclnnForeachMaximumList, clamp_min_list_kernel);
ROW(MinimumList, aclnnForeachMinimumList, clamp_max_list_kernel);
ROW(ClampMinList, aclnnForeachMaximumList, clamp_min_list_kernel);
ROW(ClampMaxList, aclnnForeachMinimumList, clamp_max_list_kernel);
ROW(LerpScalar, aclnnForeachLerpScalar, lerp_list_kernel);
#undef ROW

// Three slow paths of one operator (a value, a list of values, a tensor of values).
#define ROW(Name, Op, stem)                                                              \
  struct Name {                                                                          \
    static void run(const auto&... args) { launch<Op##GetWorkspaceSize>(args...); }      \
    static Tensors slow(TensorList a, TensorList b, TensorList c, const Scalar& value) { \
      return native::foreach_tensor_##stem##_scalar_slow(a, b, c, value);                \
    }                                                                                    \
    static Tensors slow(TensorList a, TensorList b, TensorList c, Scalars values) {      \
      return native::foreach_tensor_##stem##_scalarlist_slow(a, b, c, values);           \
    }                                                                                    \
    static void slow_(TensorList a, TensorList b, TensorList c, const Scalar& value) {   \
      native::foreach_tensor_##stem##_scalar_slow_(a, b, c, value);                      \
    }                                                                                    \
    static void slow_(TensorList a, TensorList b, TensorList c, Scalars values) {        \
      native::foreach_tensor_##stem##_scalarlist_slow_(a, b, c, values);                 \
    }                                                                                    \
  }

ROW(Addcmul, aclnnForeachAddcmulScalarV2, addcmul);
ROW(Addcdiv, aclnnForeachAddcdivScalarV2, addcdiv);
#undef ROW

// lerp.List: out = self + weight * (end - self), weights a list too.
struct LerpList {
  static void run(TensorList self, TensorList end, TensorList weight, TensorList out) {
    foreach
      ::in_runs(self.size(), 4, [&](size_t b, size_t n) {
        launch<aclnnForeachLerpListGetWorkspaceSize>(self.slice(b, n), end.slice(b, n), weight.slice(b, n),
                                                     out.slice(b, n));
      });
  }
  static Tensors call(TensorList self, TensorList end, TensorList weight) {
    native::check_foreach_api_restrictions(self, end, weight);
    if (!fast({self, end, weight})) return native::foreach_tensor_ternary_lerp_slow(self, end, weight);
    Tensors out = empty_like(self);
    run(self, end, weight, out);
    return out;
  }
  static void call_(TensorList self, TensorList end, TensorList weight) {
    native::check_foreach_api_restrictions(self, end, weight);
    if (!fast({self, end, weight})) return native::foreach_tensor_ternary_lerp_slow_(self, end, weight);
    run(self, end, weight, self);
  }
};

// add.Tensor carries an alpha that the kernel with a tensor operand lacks.
struct AddTensor {
  struct Row {
    static void run(const auto&... args) { launch<aclnnForeachAddScalarGetWorkspaceSize>(args...); }
  };
  static bool fits(TensorList self, const at::Tensor& other, const Scalar& alpha) {
    return alpha.equal(1) && WithTensor<Row>::fits(self, other);
  }
  static Tensors call(TensorList self, const at::Tensor& other, const Scalar& alpha) {
    native::check_foreach_api_restrictions(self);
    if (!fits(self, other, alpha)) return native::foreach_tensor_add_tensor_kernel_slow(self, other, alpha);
    Tensors out = empty_like(self);
    WithTensor<Row>::run(self, other, out);
    return out;
  }
  static void call_(TensorList self, const at::Tensor& other, const Scalar& alpha) {
    native::check_foreach_api_restrictions(self);
    if (!fits(self, other, alpha)) return native::foreach_tensor_add_tensor_kernel_slow_(self, other, alpha);
    WithTensor<Row>::run(self, other, self);
  }
};

// One 0-d result per tensor. The kernel knows the 1- and the 2-norm.
Tensors norm(TensorList self, const Scalar& ord, std::optional<at::ScalarType> type) {
  native::check_foreach_api_restrictions(self);
  const bool known =
      ord.isIntegral(false) || ord.isFloatingPoint() ? ord.equal(1.0) || ord.equal(2.0) : false;
  const bool empty =
      std::any_of(self.begin(), self.end(), [](const at::Tensor& t) { return t.numel() == 0; });
  if (!known || empty || (type && *type != self[0].scalar_type()) || !fast({self})) {
    return native::foreach_tensor_norm_slow(self, ord, type);
  }
  Tensors out;
  out.reserve(self.size());
  for (size_t i = 0; i < self.size(); ++i) out.push_back(npu::empty({}, self[0]));
  const TensorList results = out;
  foreach
    ::in_runs(self.size(), 2, [&](size_t b, size_t n) {
      launch<aclnnForeachNormGetWorkspaceSize>(self.slice(b, n), ord, results.slice(b, n));
    });
  return out;
}

void zero_(TensorList self) {
  native::check_foreach_api_restrictions(self);
  if (!fast({self})) return native::foreach_tensor_zero_slow_(self);
  foreach
    ::in_runs(self.size(), 1,
              [&](size_t b, size_t n) { launch<aclnnForeachZeroInplaceGetWorkspaceSize>(self.slice(b, n)); });
}

void copy_(TensorList self, TensorList source, bool non_blocking) {
  native::check_foreach_api_restrictions(self, source);
  if (!fast({self, source})) {
    return native::foreach_tensor_copy_list_kernel_slow_(self, source, non_blocking);
  }
  foreach
    ::in_runs(self.size(), 2, [&](size_t b, size_t n) {
      launch<aclnnForeachCopyGetWorkspaceSize>(source.slice(b, n), self.slice(b, n));
    });
}

template <class Family>
void bind_pair(torch::Library& m, const char* functional, const char* inplace) {
  bind_kernel<&Family::call>(m, functional);
  bind_kernel<&Family::call_>(m, inplace);
}

void bind_unary(torch::Library& m) {
  bind_pair<Unary<Abs>>(m, "_foreach_abs", "_foreach_abs_");
  bind_pair<Unary<Acos>>(m, "_foreach_acos", "_foreach_acos_");
  bind_pair<Unary<Asin>>(m, "_foreach_asin", "_foreach_asin_");
  bind_pair<Unary<Atan>>(m, "_foreach_atan", "_foreach_atan_");
  bind_pair<Unary<Cos>>(m, "_foreach_cos", "_foreach_cos_");
  bind_pair<Unary<Cosh>>(m, "_foreach_cosh", "_foreach_cosh_");
  bind_pair<Unary<Erf>>(m, "_foreach_erf", "_foreach_erf_");
  bind_pair<Unary<Erfc>>(m, "_foreach_erfc", "_foreach_erfc_");
  bind_pair<Unary<Exp>>(m, "_foreach_exp", "_foreach_exp_");
  bind_pair<Unary<Expm1>>(m, "_foreach_expm1", "_foreach_expm1_");
  bind_pair<Unary<Log>>(m, "_foreach_log", "_foreach_log_");
  bind_pair<Unary<Log10>>(m, "_foreach_log10", "_foreach_log10_");
  bind_pair<Unary<Log1p>>(m, "_foreach_log1p", "_foreach_log1p_");
  bind_pair<Unary<Log2>>(m, "_foreach_log2", "_foreach_log2_");
  bind_pair<Unary<Neg>>(m, "_foreach_neg", "_foreach_neg_");
  bind_pair<Unary<Reciprocal>>(m, "_foreach_reciprocal", "_foreach_reciprocal_");
  bind_pair<Unary<Sigmoid>>(m, "_foreach_sigmoid", "_foreach_sigmoid_");
  bind_pair<Unary<Sign>>(m, "_foreach_sign", "_foreach_sign_");
  bind_pair<Unary<Sin>>(m, "_foreach_sin", "_foreach_sin_");
  bind_pair<Unary<Sinh>>(m, "_foreach_sinh", "_foreach_sinh_");
  bind_pair<Unary<Sqrt>>(m, "_foreach_sqrt", "_foreach_sqrt_");
  bind_pair<Unary<Tan>>(m, "_foreach_tan", "_foreach_tan_");
  bind_pair<Unary<Tanh>>(m, "_foreach_tanh", "_foreach_tanh_");
}

void bind_scalar(torch::Library& m) {
  bind_pair<WithScalar<AddScalar>>(m, "_foreach_add.Scalar", "_foreach_add_.Scalar");
  bind_pair<WithScalar<SubScalar>>(m, "_foreach_sub.Scalar", "_foreach_sub_.Scalar");
  bind_pair<WithScalar<MulScalar>>(m, "_foreach_mul.Scalar", "_foreach_mul_.Scalar");
  bind_pair<WithScalar<DivScalar>>(m, "_foreach_div.Scalar", "_foreach_div_.Scalar");
  bind_pair<WithScalar<PowScalar>>(m, "_foreach_pow.Scalar", "_foreach_pow_.Scalar");
  bind_pair<WithScalar<MaximumScalar>>(m, "_foreach_maximum.Scalar", "_foreach_maximum_.Scalar");
  bind_pair<WithScalar<MinimumScalar>>(m, "_foreach_minimum.Scalar", "_foreach_minimum_.Scalar");
  bind_pair<WithScalar<ClampMinScalar>>(m, "_foreach_clamp_min.Scalar", "_foreach_clamp_min_.Scalar");
  bind_pair<WithScalar<ClampMaxScalar>>(m, "_foreach_clamp_max.Scalar", "_foreach_clamp_max_.Scalar");
  bind_pair<WithScalarList<AddScalarList>>(m, "_foreach_add.ScalarList", "_foreach_add_.ScalarList");
  bind_pair<WithScalarList<SubScalarList>>(m, "_foreach_sub.ScalarList", "_foreach_sub_.ScalarList");
  bind_pair<WithScalarList<MulScalarList>>(m, "_foreach_mul.ScalarList", "_foreach_mul_.ScalarList");
  bind_pair<WithScalarList<DivScalarList>>(m, "_foreach_div.ScalarList", "_foreach_div_.ScalarList");
  bind_pair<WithScalarList<PowScalarList>>(m, "_foreach_pow.ScalarList", "_foreach_pow_.ScalarList");
  bind_pair<WithScalarList<MaximumScalarList>>(m, "_foreach_maximum.ScalarList",
                                               "_foreach_maximum_.ScalarList");
  bind_pair<WithScalarList<MinimumScalarList>>(m, "_foreach_minimum.ScalarList",
                                               "_foreach_minimum_.ScalarList");
  bind_pair<WithScalarList<ClampMinScalarList>>(m, "_foreach_clamp_min.ScalarList",
                                                "_foreach_clamp_min_.ScalarList");
  bind_pair<WithScalarList<ClampMaxScalarList>>(m, "_foreach_clamp_max.ScalarList",
                                                "_foreach_clamp_max_.ScalarList");
}

void bind_tensors(torch::Library& m) {
  bind_pair<AddTensor>(m, "_foreach_add.Tensor", "_foreach_add_.Tensor");
  bind_pair<WithTensor<MulTensor>>(m, "_foreach_mul.Tensor", "_foreach_mul_.Tensor");
  bind_pair<WithTensor<DivTensor>>(m, "_foreach_div.Tensor", "_foreach_div_.Tensor");
  bind_pair<Binary<AddList, const Scalar&>>(m, "_foreach_add.List", "_foreach_add_.List");
  bind_pair<Binary<SubList, const Scalar&>>(m, "_foreach_sub.List", "_foreach_sub_.List");
  bind_pair<Binary<MulList>>(m, "_foreach_mul.List", "_foreach_mul_.List");
  bind_pair<Binary<DivList>>(m, "_foreach_div.List", "_foreach_div_.List");
  bind_pair<Binary<PowList>>(m, "_foreach_pow.List", "_foreach_pow_.List");
  bind_pair<Binary<MaximumList>>(m, "_foreach_maximum.List", "_foreach_maximum_.List");
  bind_pair<Binary<MinimumList>>(m, "_foreach_minimum.List", "_foreach_minimum_.List");
  bind_pair<Binary<ClampMinList>>(m, "_foreach_clamp_min.List", "_foreach_clamp_min_.List");
  bind_pair<Binary<ClampMaxList>>(m, "_foreach_clamp_max.List", "_foreach_clamp_max_.List");
  bind_pair<Binary<LerpScalar, const Scalar&>>(m, "_foreach_lerp.Scalar", "_foreach_lerp_.Scalar");
  bind_pair<LerpList>(m, "_foreach_lerp.List", "_foreach_lerp_.List");
  bind_kernel<&norm>(m, "_foreach_norm.Scalar");
  bind_kernel<&zero_>(m, "_foreach_zero_");
  bind_kernel<&copy_>(m, "_foreach_copy_");
}

template <class Family>
void bind_pointwise(torch::Library& m, std::array<const char*, 6> names) {
  bind_pair<Family>(m, names[0], names[1]);
  bind_kernel<&Family::list>(m, names[2]);
  bind_kernel<&Family::list_>(m, names[3]);
  bind_kernel<&Family::tensor>(m, names[4]);
  bind_kernel<&Family::tensor_>(m, names[5]);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_unary(m);
  bind_scalar(m);
  bind_tensors(m);
  bind_pointwise<Pointwise<Addcmul>>(
      m, {"_foreach_addcmul.Scalar", "_foreach_addcmul_.Scalar", "_foreach_addcmul.ScalarList",
          "_foreach_addcmul_.ScalarList", "_foreach_addcmul.Tensor", "_foreach_addcmul_.Tensor"});
  bind_pointwise<Pointwise<Addcdiv>>(
      m, {"_foreach_addcdiv.Scalar", "_foreach_addcdiv_.Scalar", "_foreach_addcdiv.ScalarList",
          "_foreach_addcdiv_.ScalarList", "_foreach_addcdiv.Tensor", "_foreach_addcdiv_.Tensor"});
}

}  // namespace npu
