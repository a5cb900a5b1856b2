// What a pointwise row may assume without asking upstream's iterator.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Scalar.h>
#include <c10/core/ScalarType.h>

namespace npu {

// What an iterator row computes for contiguous real inputs of one dtype and one shape.
enum class Fast {
  kNone,      // not worth it
  kSame,      // the inputs' dtype
  kFloating,  // the inputs' dtype if it is a floating-point one, otherwise ask the iterator
  kBool,      // bool
};

// A CPU tensor that an iterator row accepts beside npu ones.
inline bool is_cpu_scalar(const at::Tensor& tensor) {
  return tensor.dim() == 0 && tensor.is_cpu();
}

// Whether `type` with this CPU operand stays `type`, as type promotion goes by kinds of numbers. `ranked`:
// the operand has fewer dimensions or is a Python number, so that only its kind counts.
bool keeps_type(at::ScalarType type, at::ScalarType operand, bool ranked);

namespace detail {

// Upstream's iterator answers the general question in half a microsecond. The frequent one, contiguous
// operands of one real dtype, one shape and one device, with numbers that do not change the dtype, is
// answered here. Everything that could be an error, a promotion or a broadcast makes ok() false and goes to
// the iterator. Inlined, so that its members stay in registers.
class FastPath {
 public:
  C10_ALWAYS_INLINE void add(const at::Tensor& tensor) {
    if (!ok_) return;
    if (!tensor.is_privateuseone()) {
      ok_ = like_ != nullptr && is_cpu_scalar(tensor) &&
            keeps_type(type_, tensor.scalar_type(),
                       like_->dim() > 0 || tensor.unsafeGetTensorImpl()->is_wrapped_number());
    } else if (like_ == nullptr) {
      like_ = &tensor;
      type_ = tensor.scalar_type();
      ok_ = tensor.is_contiguous() && (c10::isFloatingType(type_) || c10::isIntegralType(type_, false));
    } else {
      ok_ = tensor.scalar_type() == type_ && tensor.is_contiguous() && same_sizes(tensor.sizes()) &&
            tensor.device() == like_->device();
    }
  }
  // An integer keeps every real dtype.
  C10_ALWAYS_INLINE void add(const at::Scalar& number) {
    if (!ok_ || (like_ != nullptr && number.isIntegral(/*includeBool=*/false))) return;
    ok_ = like_ != nullptr && !number.isBoolean() && keeps_type(type_, number.type(), true);
  }
  template <class Other>
  void add(const Other&) {}

  bool ok() const { return ok_ && like_ != nullptr; }
  const at::Tensor& like() const { return *like_; }
  at::ScalarType type() const { return type_; }

 private:
  // Few dimensions: a loop costs less than a call of memcmp.
  C10_ALWAYS_INLINE bool same_sizes(at::IntArrayRef sizes) const {
    const at::IntArrayRef wanted = like_->sizes();
    if (sizes.size() != wanted.size()) return false;
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i] != wanted[i]) return false;
    }
    return true;
  }

  const at::Tensor* like_ = nullptr;
  at::ScalarType type_ = at::ScalarType::Undefined;
  bool ok_ = true;
};

// No input shares part of the output's memory; all of it is fine.
class FastAlias {
 public:
  explicit FastAlias(const at::Tensor& self) : self_(self) {}
  void add(const at::Tensor& tensor) {
    if (tensor.is_alias_of(self_) && tensor.storage_offset() != self_.storage_offset()) ok_ = false;
  }
  template <class Other>
  void add(const Other&) {}
  bool ok() const { return ok_; }

 private:
  const at::Tensor& self_;
  bool ok_ = true;
};

}  // namespace detail
}  // namespace npu
