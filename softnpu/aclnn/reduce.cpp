// Reductions and scans.
#include <ATen/ops/bincount.h>
#include <ATen/ops/cummax.h>
#include <ATen/ops/cummin.h>
#include <ATen/ops/histc.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/max.h>
#include <ATen/ops/min.h>
#include <ATen/ops/nansum.h>
#include <ATen/ops/prod.h>
#include <ATen/ops/std.h>
#include <ATen/ops/var.h>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"

using namespace softnpu;

namespace {

// No dimensions mean all of them.
at::OptionalIntArrayRef all_if_empty(Ints dims) {
  return dims.empty() ? at::OptionalIntArrayRef() : dims;
}

}  // namespace

SOFT_OP(aclnnReduceSum, Any, (In self, Ints dims, bool keepDims, DType dtype, Out out),
        aten::sum_out(out, self, all_if_empty(dims), keepDims, dtype))
SOFT_OP(aclnnReduceNansum, Any, (In self, Ints dim, bool keepDim, DType dtype, Out out), {
  if (checking()) return (void)aten::sum_out(out, self, all_if_empty(dim), keepDim, dtype);
  at::nansum_out(out, self, all_if_empty(dim), keepDim, dtype);
})
SOFT_OP(aclnnMean, Any, (In self, Ints dim, bool keepDim, DType dtype, Out out),
        aten::mean_out(out, self, all_if_empty(dim), keepDim, dtype))
SOFT_OP(aclnnProd, Any, (In self, DType dtype, Out out), {
  if (checking()) return expect(out, {}, dtype);
  put(out, at::prod(self, dtype));
})
SOFT_OP(aclnnProdDim, Any, (In self, int64_t dim, bool keepDim, DType dtype, Out out),
        aten::prod_out(out, self, dim, keepDim, dtype))

SOFT_OP(aclnnAll, Any, (In self, Ints dim, bool keepdim, Out out),
        aten::all_out(out, self, all_if_empty(dim), keepdim))
SOFT_OP(aclnnAny, Any, (In self, Ints dim, bool keepdim, Out out),
        aten::any_out(out, self, all_if_empty(dim), keepdim))

SOFT_OP(aclnnMax, Real, (In self, Out out), {
  TORCH_CHECK(self.numel() > 0, "self is empty");
  if (checking()) return expect(out, {}, self.scalar_type());
  put(out, at::max(self));
})
SOFT_OP(aclnnMin, Real, (In self, Out out), {
  TORCH_CHECK(self.numel() > 0, "self is empty");
  if (checking()) return expect(out, {}, self.scalar_type());
  put(out, at::min(self));
})
SOFT_OP(aclnnAmax, Real, (In self, Ints dim, bool keepDim, Out out), aten::amax_out(out, self, dim, keepDim))
SOFT_OP(aclnnAmin, Real, (In self, Ints dim, bool keepDim, Out out), aten::amin_out(out, self, dim, keepDim))
SOFT_OP(aclnnAminmax, Real, (In self, Ints dim, bool keepDim, Out minOut, Out maxOut), {
  aten::amin_out(minOut, self, dim, keepDim);
  aten::amax_out(maxOut, self, dim, keepDim);
})
SOFT_OP(aclnnAminmaxDim, Real, (In self, int64_t dim, bool keepDim, Out minOut, Out maxOut),
        aten::aminmax_out(minOut, maxOut, self, dim, keepDim))
SOFT_OP(aclnnAminmaxAll, Real, (In self, Out minOut, Out maxOut),
        aten::aminmax_out(minOut, maxOut, self, std::nullopt, false))

// Indices are int64 in ATen; the ABI allows int32 as well.
SOFT_OP(aclnnMaxDim, Real, (In self, int64_t dim, bool keepdim, Out out, Out indices), {
  if (indices.scalar_type() == at::kLong) {
    aten::max_out(out, indices, self, dim, keepdim);
  } else {
    const auto [values, positions] = aten::max(self, dim, keepdim);
    put(out, values);
    put(indices, positions);
  }
})
SOFT_OP(aclnnMinDim, Real, (In self, int64_t dim, bool keepdim, Out out, Out indices), {
  if (indices.scalar_type() == at::kLong) {
    aten::min_out(out, indices, self, dim, keepdim);
  } else {
    const auto [values, positions] = aten::min(self, dim, keepdim);
    put(out, values);
    put(indices, positions);
  }
})
SOFT_OP(aclnnArgMax, Real, (In self, int64_t dim, bool keepdim, Out out),
        put(out, aten::argmax(self, dim, keepdim)))
SOFT_OP(aclnnArgMin, Real, (In self, int64_t dim, bool keepdim, Out out),
        put(out, aten::argmin(self, dim, keepdim)))

SOFT_OP(aclnnVarCorrection, FloatingOrComplex,
        (In self, OptInts dim, int64_t correction, bool keepdim, Out out), {
          if (checking()) {
            aten::mean_out(out, self, dim, keepdim);
          } else {
            at::var_out(out, self, dim, at::Scalar(correction), keepdim);
          }
        })
SOFT_OP(aclnnStd, FloatingOrComplex, (In self, OptInts dim, int64_t correction, bool keepdim, Out out), {
  if (checking()) {
    aten::mean_out(out, self, dim, keepdim);
  } else {
    at::std_out(out, self, dim, at::Scalar(correction), keepdim);
  }
})
SOFT_OP(aclnnVarMean, Floating,
        (In self, OptInts dim, int64_t correction, bool keepdim, Out varOut, Out meanOut), {
          aten::mean_out(meanOut, self, dim, keepdim);
          if (checking()) {
            aten::mean_out(varOut, self, dim, keepdim);
          } else {
            at::var_out(varOut, self, dim, at::Scalar(correction), keepdim);
          }
        })
SOFT_OP(aclnnStdMeanCorrection, Floating,
        (In self, OptInts dim, int64_t correction, bool keepdim, Out stdOut, Out meanOut), {
          aten::mean_out(meanOut, self, dim, keepdim);
          if (checking()) {
            aten::mean_out(stdOut, self, dim, keepdim);
          } else {
            at::std_out(stdOut, self, dim, at::Scalar(correction), keepdim);
          }
        })

SOFT_OP(aclnnNorm, FloatingOrComplex, (In self, Number pScalar, Ints dim, bool keepdim, Out out),
        aten::norm_out(out, self, pScalar, dim, keepdim))
SOFT_OP(aclnnLinalgVectorNorm, FloatingOrComplex,
        (In self, Number ord, Ints dims, bool keepDims, DType dtype, Out out),
        aten::linalg_vector_norm_out(out, self, ord, all_if_empty(dims), keepDims, dtype))
SOFT_OP(aclnnLogSumExp, Any, (In self, Ints dim, bool keepDim, Out out), {
  if (checking()) return (void)aten::sum_out(out, self, dim, keepDim, out.scalar_type());
  at::logsumexp_out(out, self, dim, keepDim);
})

SOFT_OP(aclnnCumsum, Any, (In self, int64_t dim, DType dtype, Out out), {
  TORCH_CHECK(dtype != at::kBool, "dtype must not be Bool");
  aten::cumsum_out(out, self, dim, dtype);
})
SOFT_OP(aclnnCumprod, Any, (In input, Number dim, DType dtype, Out out), {
  TORCH_CHECK(dtype != at::kBool, "dtype must not be Bool");
  aten::cumprod_out(out, input, dim.toLong(), dtype);
})
SOFT_OP(aclnnCummax, Real, (In self, int64_t dim, Out valuesOut, Out indicesOut), {
  if (checking()) return (void)(expect_like(valuesOut, self), expect(indicesOut, self.sizes(), at::kLong));
  const auto [values, positions] = at::cummax(self, dim);
  put(valuesOut, values);
  put(indicesOut, positions);
})
SOFT_OP(aclnnCummin, Real, (In self, int64_t dim, Out valuesOut, Out indicesOut), {
  if (checking()) return (void)(expect_like(valuesOut, self), expect(indicesOut, self.sizes(), at::kLong));
  const auto [values, positions] = at::cummin(self, dim);
  put(valuesOut, values);
  put(indicesOut, positions);
})

SOFT_OP(aclnnBincount, Rule{kInts | kFloats}, (In self, OptIn weights, int64_t minlength, Out out), {
  TORCH_CHECK(self.dim() == 1 && c10::isIntegralType(self.scalar_type(), false),
              "self must be a vector of integers");
  if (checking()) return;
  const at::Tensor counts = at::bincount(self, present(weights), minlength);
  TORCH_CHECK(counts.numel() <= out.numel(), "a value of self is ", counts.numel() - 1, " but out has ",
              out.numel(), " elements");
  out.zero_();
  out.narrow(0, 0, counts.numel()).copy_(counts);
})
SOFT_OP(aclnnHistc, RealNumeric, (In self, int64_t bins, Number min, Number max, Out out), {
  TORCH_CHECK(bins > 0 && out.dim() == 1 && out.numel() == bins, "out must have ", bins, " elements");
  if (checking()) return;
  const bool computes = self.scalar_type() == at::kFloat || self.scalar_type() == at::kDouble;
  put(out, at::histc(computes ? self : self.to(at::kFloat), bins, min, max));
})
SOFT_OP(aclnnTrace, Any, (In self, Out out), {
  TORCH_CHECK(self.dim() == 2 && out.numel() == 1, "self must be a matrix and out one element");
  if (!checking()) out.copy_(self.diagonal().sum().reshape(out.sizes()));
})
