// Tensors made from numbers, copies and casts.
#include <ATen/ExpandUtils.h>

#include <ATen/ops/complex.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/logspace.h>
#include <ATen/ops/polar.h>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/raw.h"

using namespace softnpu;

SOFT_OP(aclnnInplaceCopy, Stored.raw_loop(raw::copy), (Out selfRef, In src), selfRef.copy_(src))
SOFT_OP(aclnnCast, Stored.pointwise(), (In self, DType dtype, Out out), {
  TORCH_CHECK(out.scalar_type() == dtype, "dtype is ", at::toString(dtype), " but out has ",
              at::toString(out.scalar_type()));
  put(out, self);
})
SOFT_OP(aclnnNpuFormatCast, Stored.pointwise(), (In srcTensor, Out dstTensor), put(dstTensor, srcTensor))
SOFT_OP(aclnnInplaceFillScalar, Stored.raw_loop(raw::fill), (Out selfRef, Number value), selfRef.fill_(value))
SOFT_OP(aclnnInplaceFillTensor, Stored.pointwise(), (Out selfRef, In value), selfRef.fill_(value))
SOFT_OP(aclnnInplaceZero, Stored.raw_loop(raw::zero), (Out selfRef), selfRef.zero_())
SOFT_OP(aclnnInplaceOne, Stored.raw_loop(raw::one), (Out selfRef), selfRef.fill_(1))
SOFT_OP(aclnnInplaceFillDiagonal, Any, (Out selfRef, Number fillValue, bool wrap), {
  TORCH_CHECK(selfRef.dim() >= 2, "selfRef must have two dimensions or more");
  for (int64_t i = 1; i < selfRef.dim(); ++i)
    TORCH_CHECK(selfRef.dim() == 2 || selfRef.size(i) == selfRef.size(0),
                "more than two dimensions must be equal");
  expect_fits(fillValue, selfRef);
  if (!checking()) selfRef.fill_diagonal_(fillValue, wrap);
})

SOFT_OP(aclnnArange, RealNumeric, (Number start, Number end, Number step, Out out),
        aten::arange_out(out, start, end, step))
SOFT_OP(aclnnRange, RealNumeric, (Number start, Number end, Number step, Out out),
        aten::range_out(out, start, end, step))
SOFT_OP(aclnnLinspace, Numeric, (Number start, Number end, int64_t steps, Out out), {
  TORCH_CHECK(out.dim() == 1 && out.numel() == steps, "out must have ", steps, " elements");
  if (!checking()) at::linspace_out(out, start, end, steps);
})
SOFT_OP(aclnnLogSpace, Numeric, (Number start, Number end, int64_t steps, double base, Out result), {
  TORCH_CHECK(result.dim() == 1 && result.numel() == steps, "result must have ", steps, " elements");
  if (!checking()) at::logspace_out(result, start, end, steps, base);
})
SOFT_OP(aclnnEye, Any, (int64_t n, int64_t m, Out out), {
  TORCH_CHECK(out.dim() == 2 && out.size(0) == n && out.size(1) == m, "out must have shape [", n, ", ", m,
              "]");
  if (!checking()) at::eye_out(out, n, m);
})
SOFT_OP(aclnnTril, Any, (In self, int64_t diagonal, Out out), aten::tril_out(out, self, diagonal))
SOFT_OP(aclnnTriu, Any, (In self, int64_t diagonal, Out out), aten::triu_out(out, self, diagonal))
SOFT_OP(aclnnInplaceTril, Any, (Out selfRef, int64_t diagonal), aten::tril_out(selfRef, selfRef, diagonal))
SOFT_OP(aclnnInplaceTriu, Any, (Out selfRef, int64_t diagonal), aten::triu_out(selfRef, selfRef, diagonal))
SOFT_OP(aclnnComplex, Rule{dtype_set(at::kFloat, at::kDouble, at::kHalf)}.pointwise(),
        (In real, In imag, Out out), {
          expect_same_dtype(real, imag);
          at::complex_out(out, real, imag);
        })
SOFT_OP(aclnnPolar, Rule{dtype_set(at::kFloat, at::kDouble)}.pointwise(), (In input, In angle, Out out), {
  expect_same_dtype(input, angle);
  at::polar_out(out, input, angle);
})
