// Order: sort, topk, median and what is found by searching.
#include <ATen/ops/_unique.h>
#include <ATen/ops/_unique2.h>
#include <ATen/ops/bucketize.h>
#include <ATen/ops/kthvalue.h>
#include <ATen/ops/median.h>
#include <ATen/ops/nanmedian.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/unique_consecutive.h>
#include <ATen/ops/unique_dim.h>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"

using namespace softnpu;

namespace {

// Positions are computed as int64 in the workspace, whatever integer type and layout the caller wants them
// in.
uint64_t positions_of_output(const Capture& call) {
  return static_cast<uint64_t>(call.view(1).numel) * sizeof(int64_t);
}

at::Tensor positions_like(const at::Tensor& values) {
  return workspace(at::kLong, values.numel()).view(values.sizes());
}

void check_sorter(In sequence, OptIn sorter) {
  const std::optional<at::Tensor> order = present(sorter);
  TORCH_CHECK(!order.has_value() || (order->scalar_type() == at::kLong && order->sizes() == sequence.sizes()),
              "sorter must be Long and have the shape of sortedSequence");
}

}  // namespace

SOFT_OP(aclnnSort, Real.scratch(&positions_of_output),
        (In self, bool stable, int64_t dim, bool descending, Out valuesOut, Out indicesOut), {
          TORCH_CHECK(valuesOut.sizes() == self.sizes(), "valuesOut must have the shape of self");
          at::Tensor positions = positions_like(valuesOut);
          aten::sort_out(valuesOut, positions, self, stable, dim, descending);
          put(indicesOut, positions);
        })
SOFT_OP(aclnnTopk, RealNumeric.scratch(&positions_of_output),
        (In self, int64_t k, int64_t dim, bool largest, bool sorted, Out valuesOut, Out indicesOut), {
          at::Tensor positions = positions_like(valuesOut);
          aten::topk_out(valuesOut, positions, self, k, dim, largest, sorted);
          put(indicesOut, positions);
        })
SOFT_OP(aclnnKthvalue, RealNumeric,
        (In self, int64_t k, int64_t dim, bool keepdim, Out valuesOut, Out indicesOut), {
          if (checking()) return (void)aten::amax_out(valuesOut, self, dim, keepdim);
          const auto [values, positions] = at::kthvalue(self, k, dim, keepdim);
          put(valuesOut, values);
          put(indicesOut, positions);
        })
SOFT_OP(aclnnMedian, RealNumeric, (In self, Out valuesOut), {
  TORCH_CHECK(valuesOut.numel() == 1, "valuesOut must be one element");
  if (!checking()) valuesOut.copy_(at::median(self).reshape(valuesOut.sizes()));
})
SOFT_OP(aclnnNanMedian, RealNumeric, (In self, Out out), {
  TORCH_CHECK(out.numel() == 1, "out must be one element");
  if (!checking()) out.copy_(at::nanmedian(self).reshape(out.sizes()));
})
SOFT_OP(aclnnMedianDim, RealNumeric, (In self, int64_t dim, bool keepDim, Out valuesOut, Out indicesOut), {
  if (checking()) return (void)aten::amax_out(valuesOut, self, dim, keepDim);
  const auto [values, positions] = at::median(self, dim, keepDim);
  put(valuesOut, values);
  put(indicesOut, positions);
})
SOFT_OP(aclnnNanMedianDim, RealNumeric, (In self, int64_t dim, bool keepDim, Out valuesOut, Out indicesOut), {
  if (checking()) return (void)aten::amax_out(valuesOut, self, dim, keepDim);
  const auto [values, positions] = at::nanmedian(self, dim, keepDim);
  put(valuesOut, values);
  put(indicesOut, positions);
})
SOFT_OP(aclnnSearchSorted, Real,
        (In sortedSequence, In self, bool outInt32, bool right, OptIn sorter, Out out), {
          TORCH_CHECK(out.sizes() == self.sizes(), "out must have the shape of self");
          TORCH_CHECK(sortedSequence.scalar_type() != at::kBool || self.scalar_type() != at::kBool,
                      "two Bool operands are not supported");
          check_sorter(sortedSequence, sorter);
          TORCH_CHECK(sortedSequence.dim() == 1 ||
                          (sortedSequence.dim() == self.dim() &&
                           sortedSequence.sizes().slice(0, static_cast<size_t>(self.dim() - 1)) ==
                               self.sizes().slice(0, static_cast<size_t>(self.dim() - 1))),
                      "sortedSequence must be a vector or have the leading dimensions of self");
          if (checking()) return;
          put(out, at::searchsorted(sortedSequence, self, outInt32, right, std::nullopt, present(sorter)));
        })
SOFT_OP(aclnnSearchSorteds, Real,
        (In sortedSequence, Number self, bool outInt32, bool right, OptIn sorter, Out out), {
          TORCH_CHECK(out.numel() == 1 && sortedSequence.dim() == 1,
                      "sortedSequence must be a vector, out one element");
          TORCH_CHECK(sortedSequence.scalar_type() != at::kBool || !self.isBoolean(),
                      "two Bool operands are not supported");
          TORCH_CHECK(!self.isComplex(), "self must not be complex");
          check_sorter(sortedSequence, sorter);
          if (checking()) return;
          put_flat(out,
                   at::searchsorted(sortedSequence, self, outInt32, right, std::nullopt, present(sorter)));
        })
SOFT_OP(aclnnBucketize, RealNumeric, (In self, In boundaries, bool outInt32, bool right, Out out), {
  TORCH_CHECK(out.sizes() == self.sizes(), "out must have the shape of self");
  TORCH_CHECK(boundaries.dim() == 1, "boundaries must be a vector");
  if (!checking()) put(out, at::bucketize(self, boundaries, outInt32, right));
})

// The shapes are data: told through the descriptors of the outputs.
SOFT_OP(aclnnUnique, Real, (In self, bool sorted, bool returnInverse, Reported valueOut, Reported inverseOut),
        {
          if (checking()) return;
          const auto [values, inverse] = at::_unique(self, sorted, returnInverse);
          valueOut.report(values);
          if (returnInverse) inverseOut.report(inverse);
        })
SOFT_OP(aclnnUnique2, Real,
        (In self, bool sorted, bool returnInverse, bool returnCounts, Reported valueOut, Reported inverseOut,
         Reported countsOut),
        {
          if (checking()) return;
          const auto [values, inverse, counts] = at::_unique2(self, sorted, returnInverse, returnCounts);
          valueOut.report(values);
          if (returnInverse) inverseOut.report(inverse);
          if (returnCounts) countsOut.report(counts);
        })
SOFT_OP(aclnnUniqueDim, Real,
        (In self, bool sorted, bool returnInverse, int64_t dim, Reported valueOut, Reported inverseOut,
         Reported countsOut),
        {
          if (checking()) return;
          const auto [values, inverse, counts] = at::unique_dim(self, dim, sorted, returnInverse, true);
          valueOut.report(values);
          if (returnInverse) inverseOut.report(inverse);
          countsOut.report(counts);
        })
SOFT_OP(aclnnUniqueConsecutive, Real,
        (In self, bool returnInverse, bool returnCounts, int64_t dim, Reported valueOut, Reported inverseOut,
         Reported countsOut),
        {
          if (checking()) return;
          // A dimension beyond the rank means the flattened tensor.
          const std::optional<int64_t> along = dim >= self.dim() ? std::nullopt : std::optional<int64_t>(dim);
          const auto [values, inverse, counts] =
              at::unique_consecutive(self, returnInverse, returnCounts, along);
          valueOut.report(values);
          if (returnInverse) inverseOut.report(inverse);
          if (returnCounts) countsOut.report(counts);
        })
