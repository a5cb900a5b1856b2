// Row templates of the pointwise operators. A row names the meta class, the operator of CANN and what the
// fast path may assume; see Structured.h.
#pragma once

#include <cstddef>

#include "csrc/aten/Structured.h"

namespace npu {

// The value of a CPU tensor with one element.
at::Scalar number_of(const at::Tensor& cpu_scalar);

// A CPU 0-d operand as a tensor of the dtype that it takes in this operation, for operators without a scalar
// form.
at::Tensor on_device(const at::Tensor& cpu_scalar, at::ScalarType type);

// The dtype in which upstream's iterator computes these operands.
at::ScalarType common_type(const at::Tensor& self, const at::Tensor& other);

// Whether an aclScalar of this CPU operand leads CANN to the dtype that ATen promotes to: always for Python
// numbers, otherwise where only the kind of number counts.
inline bool scalar_form_fits(const at::Tensor& tensor, const at::Tensor& cpu_scalar) {
  return cpu_scalar.unsafeGetTensorImpl()->is_wrapped_number() ||
         keeps_type(tensor.scalar_type(), cpu_scalar.scalar_type(), tensor.dim() > 0);
}

// Arithmetic operators of CANN refuse a bool operand beside a number; ATen promotes it.
inline bool is_bool_beside_number(const at::Tensor& self, const at::Tensor& other) {
  const at::ScalarType left = self.scalar_type(), right = other.scalar_type();
  return left != right && (left == at::kBool || right == at::kBool);
}

// Arguments in ATen's order, then the output. No CPU operands.
template <class MetaClass, auto kPhaseOne, Fast kFastPath = Fast::kNone>
struct Plain : Row<MetaClass, 1> {
  static constexpr Fast kFast = kFastPath;
  template <class... Args>
  static void run(const Args&... args) {
    launch<kPhaseOne>(args...);
  }
};

// op(self, other): `kTensor` for two tensors, `kScalar` for (tensor, number). Of a number on the left
// `kReverse` is the operator, either (number, tensor) or, for an operator with a mirror image (a < b is b >
// a), (tensor, number). nullptr where CANN has no such form: the number becomes a tensor then.
template <class MetaClass, Fast kFastPath, auto kTensor, auto kScalar = nullptr, auto kReverse = nullptr>
struct Binary : Row<MetaClass, 1> {
  static constexpr Fast kFast = kFastPath;

  static void run(const at::Tensor& self, const at::Tensor& other, const at::Tensor& out) {
    if (C10_UNLIKELY(is_cpu_scalar(other))) return right_number(self, other, out);
    if (C10_UNLIKELY(is_cpu_scalar(self))) return left_number(self, other, out);
    if (C10_UNLIKELY(is_bool_beside_number(self, other))) return promoted(self, other, out);
    launch<kTensor>(self, other, out);
  }

 private:
  static void promoted(const at::Tensor& self, const at::Tensor& other, const at::Tensor& out) {
    const at::ScalarType type = common_type(self, other);
    launch<kTensor>(self.to(type), other.to(type), out);
  }

  static void right_number(const at::Tensor& self, const at::Tensor& other, const at::Tensor& out) {
    if constexpr (!std::is_same_v<decltype(kScalar), std::nullptr_t>) {
      if (scalar_form_fits(self, other)) return launch<kScalar>(self, number_of(other), out);
    }
    launch<kTensor>(self, on_device(other, common_type(self, other)), out);
  }

  static void left_number(const at::Tensor& self, const at::Tensor& other, const at::Tensor& out) {
    if constexpr (!std::is_same_v<decltype(kReverse), std::nullptr_t>) {
      using First = typename detail::Prototype<decltype(kReverse)>::template Param<0>;
      if (scalar_form_fits(other, self)) {
        if constexpr (std::is_same_v<First, const aclScalar*>) {
          return launch<kReverse>(number_of(self), other, out);
        } else {
          return launch<kReverse>(other, number_of(self), out);
        }
      }
    }
    launch<kTensor>(on_device(self, common_type(self, other)), other, out);
  }
};

}  // namespace npu
