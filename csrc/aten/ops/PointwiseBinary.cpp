// Operators of two tensors: arithmetic, bits, extrema. Comparisons and logic are in PointwiseCompare.cpp.
#include "csrc/aten/ops/Pointwise.h"

#include <ATen/ScalarOps.h>
#include <ATen/ops/add_meta.h>
#include <ATen/ops/addcdiv_meta.h>
#include <ATen/ops/addcmul_meta.h>
#include <ATen/ops/atan2_meta.h>
#include <ATen/ops/bitwise_and_meta.h>
#include <ATen/ops/bitwise_left_shift.h>
#include <ATen/ops/bitwise_left_shift_meta.h>
#include <ATen/ops/bitwise_or_meta.h>
#include <ATen/ops/bitwise_right_shift.h>
#include <ATen/ops/bitwise_right_shift_meta.h>
#include <ATen/ops/bitwise_xor_meta.h>
#include <ATen/ops/clamp_max_meta.h>
#include <ATen/ops/clamp_meta.h>
#include <ATen/ops/clamp_min_meta.h>
#include <ATen/ops/div.h>
#include <ATen/ops/div_meta.h>
#include <ATen/ops/fmod_meta.h>
#include <ATen/ops/gcd_meta.h>
#include <ATen/ops/lerp_meta.h>
#include <ATen/ops/logaddexp2_meta.h>
#include <ATen/ops/logaddexp_meta.h>
#include <ATen/ops/maximum_meta.h>
#include <ATen/ops/minimum_meta.h>
#include <ATen/ops/mul_meta.h>
#include <ATen/ops/pow_meta.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/remainder_meta.h>
#include <ATen/ops/result_type.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/sub_meta.h>
#include <ATen/ops/xlogy_meta.h>

namespace npu {

at::Scalar number_of(const at::Tensor& cpu_scalar) {
  const void* data = cpu_scalar.const_data_ptr();
  switch (cpu_scalar.scalar_type()) {
    case at::kDouble:
      return *static_cast<const double*>(data);
    case at::kLong:
      return *static_cast<const int64_t*>(data);
    case at::kFloat:
      return *static_cast<const float*>(data);
    case at::kBool:
      return *static_cast<const bool*>(data);
    default:
      return cpu_scalar.item();
  }
}

at::Tensor on_device(const at::Tensor& cpu_scalar, at::ScalarType type) {
  at::Tensor tensor = empty({}, type, c10::Device(c10::kPrivateUse1, current_device()));
  launch<aclnnInplaceFillScalarGetWorkspaceSize>(tensor, number_of(cpu_scalar));
  return tensor;
}

at::ScalarType common_type(const at::Tensor& self, const at::Tensor& other) {
  return at::result_type(self, other);
}

namespace {

using namespace at::meta;

// self + alpha * other
struct Add : Row<structured_add_Tensor, 1> {
  static constexpr Fast kFast = Fast::kSame;
  static void run(const at::Tensor& self, const at::Tensor& other, const at::Scalar& alpha,
                  const at::Tensor& out) {
    if (C10_UNLIKELY(is_cpu_scalar(other))) {
      if (scalar_form_fits(self, other))
        return launch<aclnnAddsGetWorkspaceSize>(self, number_of(other), alpha, out);
      return launch<aclnnAddGetWorkspaceSize>(self, on_device(other, common_type(self, other)), alpha, out);
    }
    if (C10_UNLIKELY(is_cpu_scalar(self))) {
      if (scalar_form_fits(other, self))
        return launch<aclnnAddV3GetWorkspaceSize>(number_of(self), other, alpha, out);
      return launch<aclnnAddGetWorkspaceSize>(on_device(self, common_type(self, other)), other, alpha, out);
    }
    launch<aclnnAddGetWorkspaceSize>(self, other, alpha, out);
  }
};

// self - alpha * other; Rsubs(tensor, number) is number - alpha * tensor
struct Sub : Row<structured_sub_Tensor, 1> {
  static constexpr Fast kFast = Fast::kSame;
  static void run(const at::Tensor& self, const at::Tensor& other, const at::Scalar& alpha,
                  const at::Tensor& out) {
    if (C10_UNLIKELY(is_cpu_scalar(other))) {
      if (scalar_form_fits(self, other))
        return launch<aclnnSubsGetWorkspaceSize>(self, number_of(other), alpha, out);
      return launch<aclnnSubGetWorkspaceSize>(self, on_device(other, common_type(self, other)), alpha, out);
    }
    if (C10_UNLIKELY(is_cpu_scalar(self))) {
      if (scalar_form_fits(other, self))
        return launch<aclnnRsubsGetWorkspaceSize>(other, number_of(self), alpha, out);
      return launch<aclnnSubGetWorkspaceSize>(on_device(self, common_type(self, other)), other, alpha, out);
    }
    launch<aclnnSubGetWorkspaceSize>(self, other, alpha, out);
  }
};

// The third kind of division is a mode of DivMod.
struct DivMode : Row<structured_div_Tensor_mode, 1> {
  static constexpr Fast kFast = Fast::kFloating;
  static void run(const at::Tensor& self, const at::Tensor& other, std::optional<std::string_view> rounding,
                  const at::Tensor& out) {
    constexpr int kTrue = 0, kTrunc = 1, kFloor = 2;
    const int mode = !rounding ? kTrue : *rounding == "trunc" ? kTrunc : kFloor;
    if (is_cpu_scalar(other)) {
      if (scalar_form_fits(self, other))
        return launch<aclnnDivModsGetWorkspaceSize>(self, number_of(other), mode, out);
      return launch<aclnnDivModGetWorkspaceSize>(self, on_device(other, common_type(self, other)), mode, out);
    }
    if (is_cpu_scalar(self)) {
      return launch<aclnnDivModGetWorkspaceSize>(on_device(self, common_type(self, other)), other, mode, out);
    }
    if (is_bool_beside_number(self, other)) {
      const at::ScalarType type = common_type(self, other);
      return launch<aclnnDivModGetWorkspaceSize>(self.to(type), other.to(type), mode, out);
    }
    launch<aclnnDivModGetWorkspaceSize>(self, other, mode, out);
  }
};

// self + value * tensor1 (* or /) tensor2, where one of the tensors may be a CPU number
template <class MetaClass, auto kPhaseOne>
struct Addc : Row<MetaClass, 1> {
  static constexpr Fast kFast = Fast::kFloating;
  static void run(const at::Tensor& self, const at::Tensor& tensor1, const at::Tensor& tensor2,
                  const at::Scalar& value, const at::Tensor& out) {
    const auto moved = [&](const at::Tensor& operand) {
      return is_cpu_scalar(operand) ? on_device(operand, out.scalar_type()) : operand;
    };
    if (C10_UNLIKELY(is_cpu_scalar(self) || is_cpu_scalar(tensor1) || is_cpu_scalar(tensor2))) {
      launch<kPhaseOne>(moved(self), moved(tensor1), moved(tensor2), value, out);
    } else {
      launch<kPhaseOne>(self, tensor1, tensor2, value, out);
    }
  }
};

struct ClampTensor : Row<structured_clamp_Tensor, 1> {
  static void run(const at::Tensor& self, const std::optional<at::Tensor>& min,
                  const std::optional<at::Tensor>& max, const at::Tensor& out) {
    const bool has_min = min && min->defined(), has_max = max && max->defined();
    if (has_min && has_max) return launch<aclnnClampTensorGetWorkspaceSize>(self, min, max, out);
    if (has_min) return launch<aclnnClampMinTensorGetWorkspaceSize>(self, min, out);
    launch<aclnnClampMaxTensorGetWorkspaceSize>(self, max, out);
  }
};

at::Tensor rsub(const at::Tensor& self, const at::Tensor& other, const at::Scalar& alpha) {
  return at::sub(other, self, alpha);
}

at::Tensor floor_divide(const at::Tensor& self, const at::Tensor& other) {
  return at::div(self, other, "floor");
}
at::Tensor& floor_divide_(at::Tensor& self, const at::Tensor& other) {
  return self.div_(other, "floor");
}
at::Tensor& floor_divide_out(const at::Tensor& self, const at::Tensor& other, at::Tensor& out) {
  return at::div_out(out, self, other, "floor");
}

at::Tensor remainder_number(const at::Scalar& self, const at::Tensor& other) {
  return at::remainder(at::native::wrapped_scalar_tensor(self), other);
}

// The operators of << and >>, which upstream registers apart from the functions.
at::Tensor left_tensor(const at::Tensor& self, const at::Tensor& other) {
  return at::bitwise_left_shift(self, other);
}
at::Tensor left_number(const at::Tensor& self, const at::Scalar& other) {
  return at::bitwise_left_shift(self, other);
}
at::Tensor& left_tensor_(at::Tensor& self, const at::Tensor& other) {
  return self.bitwise_left_shift_(other);
}
at::Tensor& left_number_(at::Tensor& self, const at::Scalar& other) {
  return self.bitwise_left_shift_(other);
}
at::Tensor right_tensor(const at::Tensor& self, const at::Tensor& other) {
  return at::bitwise_right_shift(self, other);
}
at::Tensor right_number(const at::Tensor& self, const at::Scalar& other) {
  return at::bitwise_right_shift(self, other);
}
at::Tensor& right_tensor_(at::Tensor& self, const at::Tensor& other) {
  return self.bitwise_right_shift_(other);
}
at::Tensor& right_number_(at::Tensor& self, const at::Scalar& other) {
  return self.bitwise_right_shift_(other);
}

// BINARY(aten name, overload of functional and in-place, name of out, meta class, fast path, operators of
// CANN)
#define BINARY(name, overload, out, meta, fast, ...) \
  bind<Binary<meta, Fast::fast, __VA_ARGS__>>(m, name overload, name "_" overload, name "." out)
#define COLD_BINARY(name, out, meta, ...) \
  bind<Binary<meta, Fast::kNone, __VA_ARGS__>>(m, nullptr, nullptr, name "." out)
#define CANN(symbol) aclnn##symbol##GetWorkspaceSize

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<Add>(m, "add.Tensor", "add_.Tensor", "add.out");
  bind<Sub>(m, "sub.Tensor", "sub_.Tensor", "sub.out");
  bind<DivMode>(m, "div.Tensor_mode", "div_.Tensor_mode", "div.out_mode");
  m.impl("rsub.Tensor", TORCH_FN(rsub));
  m.impl("floor_divide", TORCH_FN(floor_divide));
  m.impl("floor_divide_.Tensor", TORCH_FN(floor_divide_));
  m.impl("floor_divide.out", TORCH_FN(floor_divide_out));

  BINARY("mul", ".Tensor", "out", structured_mul_Tensor, kSame, CANN(Mul), CANN(Muls), CANN(Muls));
  BINARY("div", ".Tensor", "out", structured_div_Tensor, kFloating, CANN(Div), CANN(Divs));
  BINARY("remainder", ".Tensor", "Tensor_out", structured_remainder_Tensor, kSame,
         CANN(RemainderTensorTensor), CANN(RemainderTensorScalar), CANN(RemainderScalarTensor));
  BINARY("pow", ".Tensor_Tensor", "Tensor_Tensor_out", structured_pow_Tensor_Tensor, kFloating,
         CANN(PowTensorTensor), CANN(PowTensorScalar), CANN(PowScalarTensor));
  bind<Plain<structured_pow_Tensor_Scalar, CANN(PowTensorScalar), Fast::kFloating>>(
      m, "pow.Tensor_Scalar", "pow_.Scalar", "pow.Tensor_Scalar_out");
  bind<Plain<structured_pow_Scalar, CANN(PowScalarTensor)>>(m, nullptr, nullptr, "pow.Scalar_out");
  bind<Binary<structured_maximum, Fast::kSame, CANN(Maximum)>>(m, "maximum", nullptr, "maximum.out");
  bind<Binary<structured_minimum, Fast::kSame, CANN(Minimum)>>(m, "minimum", nullptr, "minimum.out");
  COLD_BINARY("fmod", "Tensor_out", structured_fmod_Tensor, CANN(FmodTensor), CANN(FmodScalar));
  COLD_BINARY("atan2", "out", structured_atan2, CANN(Atan2));
  COLD_BINARY("gcd", "out", structured_gcd, CANN(Gcd));
  COLD_BINARY("logaddexp", "out", structured_logaddexp, CANN(LogAddExp));
  COLD_BINARY("logaddexp2", "out", structured_logaddexp2, CANN(LogAddExp2));
  COLD_BINARY("xlogy", "OutTensor", structured_xlogy_Tensor, CANN(XLogYTensor), CANN(XLogYScalarOther),
              CANN(XLogYScalarSelf));

  BINARY("bitwise_and", ".Tensor", "Tensor_out", structured_bitwise_and_Tensor, kSame, CANN(BitwiseAndTensor),
         CANN(BitwiseAndScalar), CANN(BitwiseAndScalar));
  BINARY("bitwise_or", ".Tensor", "Tensor_out", structured_bitwise_or_Tensor, kSame, CANN(BitwiseOrTensor),
         CANN(BitwiseOrScalar), CANN(BitwiseOrScalar));
  BINARY("bitwise_xor", ".Tensor", "Tensor_out", structured_bitwise_xor_Tensor, kSame, CANN(BitwiseXorTensor),
         CANN(BitwiseXorScalar), CANN(BitwiseXorScalar));
  COLD_BINARY("bitwise_left_shift", "Tensor_out", structured_bitwise_left_shift_Tensor, CANN(LeftShift),
              CANN(LeftShifts));
  COLD_BINARY("bitwise_right_shift", "Tensor_out", structured_bitwise_right_shift_Tensor, CANN(RightShift));

  m.impl("remainder.Scalar_Tensor", TORCH_FN(remainder_number));
  m.impl("__lshift__.Tensor", TORCH_FN(left_tensor));
  m.impl("__lshift__.Scalar", TORCH_FN(left_number));
  m.impl("__ilshift__.Tensor", TORCH_FN(left_tensor_));
  m.impl("__ilshift__.Scalar", TORCH_FN(left_number_));
  m.impl("__rshift__.Tensor", TORCH_FN(right_tensor));
  m.impl("__rshift__.Scalar", TORCH_FN(right_number));
  m.impl("__irshift__.Tensor", TORCH_FN(right_tensor_));
  m.impl("__irshift__.Scalar", TORCH_FN(right_number_));

  bind<Addc<structured_addcmul, CANN(Addcmul)>>(m, "addcmul", "addcmul_", "addcmul.out");
  bind<Addc<structured_addcdiv, CANN(Addcdiv)>>(m, "addcdiv", "addcdiv_", "addcdiv.out");
  bind<Plain<structured_lerp_Scalar, CANN(Lerps), Fast::kFloating>>(m, "lerp.Scalar", "lerp_.Scalar",
                                                                    "lerp.Scalar_out");
  bind<Plain<structured_lerp_Tensor, CANN(Lerp)>>(m, nullptr, nullptr, "lerp.Tensor_out");
  bind<Plain<structured_clamp, CANN(Clamp)>>(m, "clamp", "clamp_", "clamp.out");
  bind<Plain<structured_clamp_min, CANN(ClampMin), Fast::kFloating>>(m, "clamp_min", "clamp_min_",
                                                                     "clamp_min.out");
  bind<Plain<structured_clamp_max, CANN(ClampMax), Fast::kFloating>>(m, "clamp_max", "clamp_max_",
                                                                     "clamp_max.out");
  bind<ClampTensor>(m, nullptr, nullptr, "clamp.Tensor_out");
  COLD_BINARY("clamp_min", "Tensor_out", structured_clamp_min_Tensor, CANN(ClampMinTensor));
  COLD_BINARY("clamp_max", "Tensor_out", structured_clamp_max_Tensor, CANN(ClampMaxTensor));
}

#undef CANN
#undef COLD_BINARY
#undef BINARY

}  // namespace
}  // namespace npu
