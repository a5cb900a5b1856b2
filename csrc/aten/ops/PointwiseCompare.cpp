// Comparisons, logic, tests of numbers, and filling.
#include "csrc/aten/ops/Pointwise.h"

#include <ATen/ops/eq_meta.h>
#include <ATen/ops/ge_meta.h>
#include <ATen/ops/gt_meta.h>
#include <ATen/ops/isneginf_meta.h>
#include <ATen/ops/isposinf_meta.h>
#include <ATen/ops/le_meta.h>
#include <ATen/ops/lt_meta.h>
#include <ATen/ops/ne.h>
#include <ATen/ops/ne_meta.h>
#include <ATen/ops/signbit_meta.h>

namespace npu {
namespace {

using namespace at::meta;

// logical_and and its like: any dtypes in, any dtype out
template <auto kPhaseOne>
at::Tensor& logical_out(const at::Tensor& self, const at::Tensor& other, at::Tensor& out) {
  at::TensorIterator::comparison_op(out, self, other);
  if (out.numel() == 0) return out;
  if (is_cpu_scalar(other)) {
    launch<kPhaseOne>(self, on_device(other, other.scalar_type()), out);
  } else if (is_cpu_scalar(self)) {
    launch<kPhaseOne>(on_device(self, self.scalar_type()), other, out);
  } else {
    launch<kPhaseOne>(self, other, out);
  }
  return out;
}

at::Tensor& logical_not_out(const at::Tensor& self, at::Tensor& out) {
  at::TensorIteratorConfig().check_all_same_dtype(false).add_output(out).add_const_input(self).build();
  if (out.numel() != 0) launch<aclnnLogicalNotGetWorkspaceSize>(self, out);
  return out;
}

at::Tensor isnan(const at::Tensor& self) {
  return at::ne(self, self);
}

at::Tensor& fill_scalar(at::Tensor& self, const at::Scalar& value) {
  if (self.numel() != 0) launch<aclnnInplaceFillScalarGetWorkspaceSize>(self, value);
  return self;
}

at::Tensor& fill_tensor(at::Tensor& self, const at::Tensor& value) {
  TORCH_CHECK(value.dim() == 0, "fill_ only supports 0-dimension value tensor but got tensor with ",
              value.dim(), " dimensions.");
  if (self.numel() == 0) return self;
  if (is_cpu_scalar(value)) return fill_scalar(self, number_of(value));
  launch<aclnnInplaceFillTensorGetWorkspaceSize>(self, value);
  return self;
}

at::Tensor& zero_(at::Tensor& self) {
  if (self.numel() != 0) launch<aclnnInplaceZeroGetWorkspaceSize>(self);
  return self;
}

#define CANN(symbol) aclnn##symbol##GetWorkspaceSize
// COMPARE(aten name, operator of CANN, the operator with its sides exchanged)
#define COMPARE(name, symbol, mirror)                                                                     \
  bind<Binary<structured_##name##_Tensor, Fast::kBool, CANN(symbol##Tensor), CANN(symbol##Scalar),        \
              CANN(mirror##Scalar)>>(m, #name ".Tensor", nullptr, #name ".Tensor_out");                   \
  bind<Plain<structured_##name##_Scalar, CANN(symbol##Scalar), Fast::kBool>>(m, #name ".Scalar", nullptr, \
                                                                             #name ".Scalar_out")

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  COMPARE(eq, Eq, Eq);
  COMPARE(ne, Ne, Ne);
  COMPARE(lt, Lt, Gt);
  COMPARE(le, Le, Ge);
  COMPARE(gt, Gt, Lt);
  COMPARE(ge, Ge, Le);

  bind<Plain<structured_signbit, CANN(Signbit)>>(m, nullptr, nullptr, "signbit.out");
  bind<Plain<structured_isposinf, CANN(IsPosInf)>>(m, nullptr, nullptr, "isposinf.out");
  bind<Plain<structured_isneginf, CANN(IsNegInf)>>(m, nullptr, nullptr, "isneginf.out");
  m.impl("isnan", TORCH_FN(isnan));
  bind_kernel<&logical_out<CANN(LogicalAnd)>>(m, "logical_and.out");
  bind_kernel<&logical_out<CANN(LogicalOr)>>(m, "logical_or.out");
  bind_kernel<&logical_out<CANN(LogicalXor)>>(m, "logical_xor.out");
  bind_kernel<&logical_not_out>(m, "logical_not.out");

  bind_kernel<&fill_scalar>(m, "fill_.Scalar");
  bind_kernel<&fill_tensor>(m, "fill_.Tensor");
  bind_kernel<&zero_>(m, "zero_");
}

#undef COMPARE
#undef CANN

}  // namespace
}  // namespace npu
