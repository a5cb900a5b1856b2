// The families of _foreach_* operators: one template each over the launch that a row makes.
#pragma once

#include <ATen/ATen.h>

#include "csrc/aten/ops/Foreach.h"

namespace npu::foreach {

using at::Scalar;
using at::TensorList;
using Tensors = std::vector<at::Tensor>;
using Scalars = at::ArrayRef<at::Scalar>;
namespace native = at::native;

// A family's template takes a row R with
//   R::run(...)      one launch over a run of at most kTensorsPerLaunch tensors, result lists last
//   R::slow(...)     upstream's functional slow path
//   R::slow_(...)    upstream's in-place slow path

// out = f(self)
template <class R>
struct Unary {
  static void run(TensorList self, TensorList out) {
    foreach
      ::in_runs(self.size(), 2, [&](size_t b, size_t n) { R::run(self.slice(b, n), out.slice(b, n)); });
  }
  static Tensors call(TensorList self) {
    native::check_foreach_api_restrictions(self);
    if (!fast({self})) return R::slow(self);
    Tensors out = empty_like(self);
    run(self, out);
    return out;
  }
  static void call_(TensorList self) {
    native::check_foreach_api_restrictions(self);
    if (!fast({self})) return R::slow_(self);
    run(self, self);
  }
};

// out = f(self, one scalar)
template <class R>
struct WithScalar {
  static void run(TensorList self, const Scalar& scalar, TensorList out) {
    foreach
      ::in_runs(self.size(), 2,
                [&](size_t b, size_t n) { R::run(self.slice(b, n), scalar, out.slice(b, n)); });
  }
  static Tensors call(TensorList self, const Scalar& scalar) {
    native::check_foreach_api_restrictions(self);
    if (!fast({self}, {scalar})) return R::slow(self, scalar);
    Tensors out = empty_like(self);
    run(self, scalar, out);
    return out;
  }
  static void call_(TensorList self, const Scalar& scalar) {
    native::check_foreach_api_restrictions(self);
    if (!fast({self}, {scalar})) return R::slow_(self, scalar);
    run(self, scalar, self);
  }
};

// out[i] = f(self[i], scalars[i])
template <class R>
struct WithScalarList {
  static void run(TensorList self, Scalars scalars, TensorList out) {
    foreach
      ::in_runs(self.size(), 2,
                [&](size_t b, size_t n) { R::run(self.slice(b, n), scalars.slice(b, n), out.slice(b, n)); });
  }
  static Tensors call(TensorList self, Scalars scalars) {
    native::check_foreach_api_restrictions(self, scalars);
    if (!fast({self}, scalars)) return R::slow(self, scalars);
    Tensors out = empty_like(self);
    run(self, scalars, out);
    return out;
  }
  static void call_(TensorList self, Scalars scalars) {
    native::check_foreach_api_restrictions(self, scalars);
    if (!fast({self}, scalars)) return R::slow_(self, scalars);
    run(self, scalars, self);
  }
};

// out = f(self, one 0-d tensor of the same dtype on the device)
template <class R>
struct WithTensor {
  static bool fits(TensorList self, const at::Tensor& other) {
    return other.dim() == 0 && other.device() == self[0].device() &&
           other.scalar_type() == self[0].scalar_type() && fast({self});
  }
  static void run(TensorList self, const at::Tensor& other, TensorList out) {
    foreach
      ::in_runs(self.size(), 2,
                [&](size_t b, size_t n) { R::run(self.slice(b, n), other, out.slice(b, n)); });
  }
  static Tensors call(TensorList self, const at::Tensor& other) {
    native::check_foreach_api_restrictions(self);
    if (!fits(self, other)) return R::slow(self, other);
    Tensors out = empty_like(self);
    run(self, other, out);
    return out;
  }
  static void call_(TensorList self, const at::Tensor& other) {
    native::check_foreach_api_restrictions(self);
    if (!fits(self, other)) return R::slow_(self, other);
    run(self, other, self);
  }
};

// out = f(self, other, extra...) where `extra` is nothing or a scalar that does not promote (alpha, weight)
template <class R, class... Extra>
struct Binary {
  static void run(TensorList self, TensorList other, Extra... extra, TensorList out) {
    foreach
      ::in_runs(self.size(), 3, [&](size_t b, size_t n) {
        R::run(self.slice(b, n), other.slice(b, n), extra..., out.slice(b, n));
      });
  }
  static Tensors call(TensorList self, TensorList other, Extra... extra) {
    native::check_foreach_api_restrictions(self, other);
    if (!fast({self, other}, promoting(extra...))) return R::slow(self, other, extra...);
    Tensors out = empty_like(self);
    run(self, other, extra..., out);
    return out;
  }
  static void call_(TensorList self, TensorList other, Extra... extra) {
    native::check_foreach_api_restrictions(self, other);
    if (!fast({self, other}, promoting(extra...))) return R::slow_(self, other, extra...);
    run(self, other, extra..., self);
  }

 private:
  static Scalars promoting() { return {}; }
  static Scalars promoting(const Scalar& scalar) { return scalar; }
};

// out = f(self, tensor1, tensor2, value): addcmul and addcdiv. A list of equal values is one value; a list of
// different ones would have to go to the device first, which costs more than the slow path.
template <class R>
struct Pointwise {
  static void run(TensorList self, TensorList t1, TensorList t2, const Scalar& value, TensorList out) {
    foreach
      ::in_runs(self.size(), 4, [&](size_t b, size_t n) {
        R::run(self.slice(b, n), t1.slice(b, n), t2.slice(b, n), value, out.slice(b, n));
      });
  }
  static Tensors call(TensorList self, TensorList t1, TensorList t2, const Scalar& value) {
    native::check_foreach_api_restrictions(self, t1, t2);
    if (!fast({self, t1, t2}, {value})) return R::slow(self, t1, t2, value);
    Tensors out = empty_like(self);
    run(self, t1, t2, value, out);
    return out;
  }
  static void call_(TensorList self, TensorList t1, TensorList t2, const Scalar& value) {
    native::check_foreach_api_restrictions(self, t1, t2);
    if (!fast({self, t1, t2}, {value})) return R::slow_(self, t1, t2, value);
    run(self, t1, t2, value, self);
  }
  static Tensors list(TensorList self, TensorList t1, TensorList t2, Scalars values) {
    native::check_foreach_api_restrictions(self, t1, t2, values);
    return all_equal(values) ? call(self, t1, t2, values[0]) : R::slow(self, t1, t2, values);
  }
  static void list_(TensorList self, TensorList t1, TensorList t2, Scalars values) {
    native::check_foreach_api_restrictions(self, t1, t2, values);
    foreach
      ::all_equal(values) ? call_(self, t1, t2, values[0]) : R::slow_(self, t1, t2, values);
  }
  static Tensors tensor(TensorList self, TensorList t1, TensorList t2, const at::Tensor& values) {
    return list(self, t1, t2, native::convert_tensor_to_scalar_list(values, static_cast<int64_t>(t1.size())));
  }
  static void tensor_(TensorList self, TensorList t1, TensorList t2, const at::Tensor& values) {
    list_(self, t1, t2, native::convert_tensor_to_scalar_list(values, static_cast<int64_t>(t1.size())));
  }
};

}  // namespace npu::foreach
