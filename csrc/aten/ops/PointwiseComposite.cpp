// Pointwise operators that CANN lacks and that a few of its others make up. Each row computes in the dtype of
// its result, which the meta function has found.
#include "csrc/aten/ops/Pointwise.h"
#include "csrc/aten/ops/Support.h"

#include <limits>

#include <ATen/TensorOperators.h>
#include <ATen/ops/copysign_meta.h>
#include <ATen/ops/fmax_meta.h>
#include <ATen/ops/fmin_meta.h>
#include <ATen/ops/heaviside_meta.h>
#include <ATen/ops/hypot_meta.h>
#include <ATen/ops/isin_meta.h>
#include <ATen/ops/isinf.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/signbit.h>
#include <ATen/ops/special_entr_meta.h>
#include <ATen/ops/special_xlog1py_meta.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

namespace npu {
namespace {

using namespace at::meta;

template <class MetaClass>
struct Composite : Row<MetaClass, 1> {
  static constexpr bool kComposite = true;
};

// An operand, which may be a number on the CPU, in the dtype of the computation.
at::Tensor operand(const at::Tensor& tensor, const at::Tensor& out) {
  return is_cpu_scalar(tensor) ? on_device(tensor, out.scalar_type()) : tensor.to(out.scalar_type());
}

struct Copysign : Composite<structured_copysign_Tensor> {
  static void run(const at::Tensor& self, const at::Tensor& other, const at::Tensor& out) {
    const at::Tensor size = operand(self, out).abs();
    out.copy_(at::where(at::signbit(operand(other, out)), -size, size));
  }
};

// The greater or smaller one, and the number where only one is.
template <class MetaClass, at::Tensor (*kChoose)(const at::Tensor&, const at::Tensor&)>
struct IgnoringNan : Composite<MetaClass> {
  static void run(const at::Tensor& self, const at::Tensor& other, const at::Tensor& out) {
    const at::Tensor a = operand(self, out), b = operand(other, out);
    if (!at::isFloatingType(out.scalar_type())) return void(out.copy_(kChoose(a, b)));
    out.copy_(at::where(at::isnan(a), b, at::where(at::isnan(b), a, kChoose(a, b))));
  }
};

// Scaled by the greater one, so that nothing overflows on the way; infinite where either is.
struct Hypot : Composite<structured_hypot> {
  static void run(const at::Tensor& self, const at::Tensor& other, const at::Tensor& out) {
    const at::Tensor a = operand(self, out).abs(), b = operand(other, out).abs();
    const at::Tensor greater = at::maximum(a, b);
    const at::Tensor ratio = at::minimum(a, b) / at::where(greater.eq(0), 1, greater);
    const at::Tensor length = greater * (ratio * ratio + 1).sqrt();
    const at::Tensor infinite = at::isinf(a).logical_or(at::isinf(b));
    out.copy_(length.masked_fill(infinite, std::numeric_limits<double>::infinity()));
  }
};

struct Heaviside : Composite<structured_heaviside> {
  static void run(const at::Tensor& self, const at::Tensor& values, const at::Tensor& out) {
    const at::Tensor x = operand(self, out);
    out.copy_(at::where(x.eq(0), operand(values, out), x.gt(0).to(out.scalar_type())));
  }
};

struct Xlog1py : Composite<structured_special_xlog1py> {
  static void run(const at::Tensor& self, const at::Tensor& other, const at::Tensor& out) {
    const at::Tensor x = operand(self, out), y = operand(other, out);
    const at::Tensor product = (x * at::log1p(y)).masked_fill(x.eq(0), 0);
    out.copy_(at::where(at::isnan(y), y, product));
  }
};

struct Entr : Composite<structured_special_entr> {
  static void run(const at::Tensor& self, const at::Tensor& out) {
    const at::Tensor x = operand(self, out);
    const at::Tensor outside = at::where(x.lt(0), -std::numeric_limits<double>::infinity(), x);  // keeps NaN
    out.copy_(at::where(x.gt(0), -x * x.log(), outside));
  }
};

// Membership. A few values are compared one by one, many are sorted and searched.
constexpr int64_t kFewValues = 16;

at::Tensor is_in(const at::Tensor& elements, const at::Tensor& values) {
  if (values.numel() == 0) return at::zeros_like(elements, elements.options().dtype(at::kBool));
  if (values.numel() <= kFewValues) return elements.unsqueeze(-1).eq(values.reshape({-1})).any(-1);
  const at::Tensor sorted = std::get<0>(values.reshape({-1}).sort());
  const at::Tensor flat = elements.reshape({-1});
  const at::Tensor found = at::searchsorted(sorted, flat).clamp_max_(sorted.numel() - 1);
  return sorted.index_select(0, found).eq(flat).reshape(elements.sizes());
}

struct IsIn : Composite<structured_isin_Tensor_Tensor> {
  static void run(const at::Tensor& elements, const at::Tensor& values, bool, bool invert,
                  const at::Tensor& out) {
    const at::ScalarType type = at::promote_types(elements.scalar_type(), values.scalar_type());
    const at::Tensor found = is_in(elements.to(type), values.to(type));
    out.copy_(invert ? found.logical_not() : found);
  }
};

// The meta function leaves the shape to the kernel, so this is none of the rows.
at::Tensor is_number_in(const at::Scalar& element, const at::Tensor& values, bool assume_unique,
                        bool invert) {
  at::Tensor out = empty({}, at::kBool, values.device());
  if (values.numel() == 0) return out.fill_(invert);
  launch<aclnnIsInScalarTensorGetWorkspaceSize>(element, values, assume_unique, invert, out);
  return out;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<Copysign>(m, nullptr, nullptr, "copysign.out");
  bind<IgnoringNan<structured_fmax, at::maximum>>(m, nullptr, nullptr, "fmax.out");
  bind<IgnoringNan<structured_fmin, at::minimum>>(m, nullptr, nullptr, "fmin.out");
  bind<Hypot>(m, nullptr, nullptr, "hypot.out");
  bind<Heaviside>(m, nullptr, nullptr, "heaviside.out");
  bind<Xlog1py>(m, nullptr, nullptr, "special_xlog1py.out");
  bind<Entr>(m, nullptr, nullptr, "special_entr.out");
  bind<IsIn>(m, nullptr, nullptr, "isin.Tensor_Tensor_out");
  bind_kernel<&is_number_in>(m, "isin.Scalar_Tensor");
  bind_kernel<&OutOf<&is_number_in>::call>(m, "isin.Scalar_Tensor_out");
  bind<Plain<structured_isin_Tensor_Scalar, aclnnIsInTensorScalarGetWorkspaceSize>>(m, nullptr, nullptr,
                                                                                    "isin.Tensor_Scalar_out");
}

}  // namespace
}  // namespace npu
