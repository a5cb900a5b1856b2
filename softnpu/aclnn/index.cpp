// Selecting, placing and joining.
#include <ATen/ExpandUtils.h>
#include <ATen/TensorOperators.h>
#include <c10/core/WrapDimMinimal.h>
#include <c10/util/irange.h>

#include <ATen/ops/_embedding_bag.h>
#include <ATen/ops/_index_put_impl.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/embedding_dense_backward.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/masked_select.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/repeat_interleave.h>
#include <ATen/ops/result_type.h>
#include <ATen/ops/roll.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/split_with_sizes.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/take.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/threads.h"

using namespace softnpu;

namespace {

// Reductions of the scatter family.
enum Reduction : int64_t { kReplace, kSum, kProduct, kMaximum, kMinimum, kMean };

// Room for the copy of `self` that an operator with a separate output starts from.
void start_from(Out out, In self) {
  if (out.data_ptr() != self.data_ptr() || !out.is_contiguous()) put(out, self);
}

void scatter_into(Out out, int64_t dim, const at::Tensor& index, In source, int64_t reduce,
                  bool include_self = true) {
  TORCH_CHECK(reduce >= kReplace && reduce <= kMean, "reduce is ", reduce, "; it must be from 0 to 5");
  TORCH_CHECK(out.dim() == index.dim() || out.dim() == 0 || index.dim() == 0,
              "index must have as many dimensions as self");
  expect_same_dtype(out, source);
  if (checking()) return;
  static constexpr std::string_view kNames[] = {"", "sum", "prod", "amax", "amin", "mean"};
  if (reduce == kReplace) {
    out.scatter_(dim, index, source);
  } else if (reduce == kSum && include_self) {
    out.scatter_add_(dim, index, source);
  } else {
    out.scatter_reduce_(dim, index, source, kNames[reduce], include_self);
  }
}

void scatter_value_into(Out out, int64_t dim, const at::Tensor& index, Number value, int64_t reduce) {
  TORCH_CHECK(reduce >= kReplace && reduce <= kProduct, "reduce is ", reduce, "; it must be 0, 1 or 2");
  expect_fits(value, out);
  if (checking()) return;
  if (reduce == kReplace) {
    out.scatter_(dim, index, value);
  } else {
    out.scatter_(dim, index, value, reduce == kSum ? "add" : "multiply");
  }
}

bool has_mask(IndexList indices) {
  for (const auto i : c10::irange(indices.size())) {
    const std::optional<at::Tensor> index = indices.get(i);
    if (index.has_value() && (index->scalar_type() == at::kBool || index->scalar_type() == at::kByte))
      return true;
  }
  return false;
}

// `source` has the shape of `self` with as many entries along `dim` as there are indices.
void check_copied(In self, int64_t dim, const at::Tensor& index, In source) {
  expect_same_dtype(self, source);
  std::vector<int64_t> shape = self.sizes().vec();
  if (!shape.empty()) shape[static_cast<size_t>(c10::maybe_wrap_dim(dim, self.dim()))] = index.numel();
  TORCH_CHECK(source.sizes() == shape, "source must have shape ", at::IntArrayRef(shape), ", not ",
              source.sizes());
}

// Counts that are one for each entry along `dim`, or a single one.
void check_repeats(In self, int64_t dim, const at::Tensor& repeats) {
  TORCH_CHECK(repeats.numel() == 1 || repeats.numel() == self.size(dim), "repeats must have one entry or ",
              self.size(dim));
}

at::Tensor as_mask(In mask) {
  TORCH_CHECK(mask.scalar_type() == at::kBool || mask.scalar_type() == at::kByte,
              "mask must be Bool or Byte");
  return mask.to(at::kBool);
}

at::Tensor flat(const at::Tensor& index) {
  return index.reshape({-1});
}

}  // namespace

SOFT_OP(aclnnIndex, Stored, (In self, IndexList indices, Out out), {
  if (checking() && has_mask(indices)) return;  // how many elements a mask selects is data
  aten::index_out(out, self, indices);
})
SOFT_OP(aclnnIndexPutImpl, Stored, (Out selfRef, IndexList indices, In values, bool accumulate, bool unsafe),
        {
          TORCH_CHECK(values.scalar_type() == selfRef.scalar_type(), "selfRef has data type ",
                      at::toString(selfRef.scalar_type()), " but values has ",
                      at::toString(values.scalar_type()), "; they must be the same");
          if (checking()) {
            // What a mask selects is data; other indices decide the shape that values must expand to.
            if (!has_mask(indices)) (void)values.expand(aten::index(selfRef, indices).sizes());
            return;
          }
          const OneThread in_order(accumulate);
          at::_index_put_impl_(selfRef, indices, values, accumulate, unsafe);
        })
SOFT_OP(aclnnIndexSelect, Stored, (In self, int64_t dim, Index index, Out out), {
  TORCH_CHECK(index.dim() <= 1, "index must be a vector");
  expect_same_dtype(out, self);
  std::vector<int64_t> shape = self.sizes().vec();
  if (!shape.empty()) shape[static_cast<size_t>(c10::maybe_wrap_dim(dim, self.dim()))] = index.numel();
  if (checking()) return expect(out, shape, self.scalar_type());
  at::index_select_out(out, self, dim, index);
})
SOFT_OP(aclnnGather, Stored, (In self, int64_t dim, Index index, Out out),
        aten::gather_out(out, self, dim, index))
SOFT_OP(aclnnTake, Stored, (In self, Index index, Out out), {
  TORCH_CHECK(out.sizes() == index.sizes(), "out must have the shape of index");
  expect_same_dtype(out, self);
  if (!checking()) at::take_out(out, self, index);
})
SOFT_OP(aclnnMaskedSelect, Stored, (In self, In mask, Reported out), {
  TORCH_CHECK(out.room.scalar_type() == self.scalar_type(), "out must have the data type of self");
  const at::Tensor selected = as_mask(mask);
  if (checking()) return (void)at::infer_size(self.sizes(), mask.sizes());
  out.report(at::masked_select(self, selected));
})
SOFT_OP(aclnnNonzero, Any, (In self, Reported out), {
  TORCH_CHECK(out.room.scalar_type() == at::kLong, "out must be Long");
  if (!checking()) out.report(at::nonzero(self));
})
SOFT_OP(aclnnNonzeroV2, Any, (In self, Reported out), {
  TORCH_CHECK(out.room.scalar_type() == at::kLong, "out must be Long");
  if (!checking()) out.report(at::nonzero(self).t().contiguous());  // one row per dimension
})

SOFT_OP(aclnnInplaceMaskedFillScalar, Stored.pointwise(), (Out selfRef, In mask, Number value), {
  expect_fits(value, selfRef);
  selfRef.masked_fill_(as_mask(mask), value);
})
SOFT_OP(aclnnInplaceMaskedFillTensor, Stored.pointwise(), (Out selfRef, In mask, In value), {
  TORCH_CHECK(value.numel() == 1, "value must be one element");
  selfRef.masked_fill_(as_mask(mask), value.reshape({}));
})
SOFT_OP(aclnnInplaceMaskedScatter, Stored, (Out selfRef, In mask, In source), {
  TORCH_CHECK(source.scalar_type() == selfRef.scalar_type(), "source must have the data type of selfRef");
  const at::Tensor selected = as_mask(mask);
  if (!checking()) selfRef.masked_scatter_(selected, source);
})
SOFT_OP(aclnnMaskedScale, Rule{kFloats | kBools | dtype_set(at::kByte)}.pointwise(),
        (In self, In mask, float scale, Out out), put(out, at::mul(self, mask).mul_(scale)))
SOFT_OP(aclnnSWhere, Stored.pointwise(), (In condition, In self, In other, Out out), {
  const at::Tensor chosen = as_mask(condition);
  const at::ScalarType dtype = at::result_type(self, other);
  TORCH_CHECK(out.scalar_type() == dtype, "out must be ", at::toString(dtype));
  at::where_out(out, chosen, self, other);
})

SOFT_OP(aclnnIndexAdd, Any, (In self, int64_t dim, Index index, In source, Number alpha, Out out), {
  expect_fits(alpha, out);
  aten::index_add_out(out, self, dim, index, source, alpha);
})
SOFT_OP(aclnnIndexAddV2, Any, (In self, int64_t dim, Index index, In source, Number alpha, int64_t, Out out),
        {
          expect_fits(alpha, out);
          aten::index_add_out(out, self, dim, index, source, alpha);
        })
SOFT_OP(aclnnIndexCopy, Any, (Out selfRef, int64_t dim, Index index, In source, Out outRef), {
  check_copied(selfRef, dim, index, source);
  if (checking()) return expect_like(outRef, selfRef);
  selfRef.index_copy_(dim, flat(index), source);
  if (outRef.data_ptr() != selfRef.data_ptr()) put(outRef, selfRef);
})
SOFT_OP(aclnnInplaceIndexCopy, Any, (Out selfRef, int64_t dim, Index index, In source), {
  check_copied(selfRef, dim, index, source);
  if (!checking()) selfRef.index_copy_(dim, flat(index), source);
})
SOFT_OP(aclnnIndexFill, Any, (In self, int64_t dim, Index index, Number value, Out out), {
  expect_fits(value, out);
  if (checking()) return put(out, self);
  start_from(out, self);
  out.index_fill_(dim, flat(index), value);
})
SOFT_OP(aclnnInplaceIndexFill, Any, (Out selfRef, int64_t dim, Index index, Number value), {
  expect_fits(value, selfRef);
  if (!checking()) selfRef.index_fill_(dim, flat(index), value);
})
SOFT_OP(aclnnIndexFillTensor, Any, (In self, int64_t dim, Ints index, Number value, Out out), {
  expect_fits(value, out);
  if (checking()) return put(out, self);
  start_from(out, self);
  out.index_fill_(dim, at::tensor(index, at::kLong), value);
})
SOFT_OP(aclnnInplaceIndexFillTensor, Any, (Out selfRef, int64_t dim, Ints index, Number value), {
  expect_fits(value, selfRef);
  if (!checking()) selfRef.index_fill_(dim, at::tensor(index, at::kLong), value);
})
SOFT_OP(aclnnInplacePut, Any, (Out selfRef, Index index, In source, bool accumulate), {
  TORCH_CHECK(index.numel() == source.numel(), "index and source must have as many elements");
  expect_same_dtype(selfRef, source);
  const OneThread in_order(accumulate);
  if (!checking()) selfRef.put_(index, source, accumulate);
})

SOFT_OP(aclnnScatter, Any, (In self, int64_t dim, Index index, In src, int64_t reduce, Out out), {
  if (checking()) return (void)(put(out, self), scatter_into(out, dim, index, src, reduce));
  start_from(out, self);
  scatter_into(out, dim, index, src, reduce);
})
SOFT_OP(aclnnScatterAdd, Any, (In self, int64_t dim, Index index, In src, Out out),
        aten::scatter_add_out(out, self, dim, index, src))
SOFT_OP(aclnnScatterValue, Any, (In self, int64_t dim, Index index, Number value, int64_t reduce, Out out), {
  if (checking()) return (void)(put(out, self), scatter_value_into(out, dim, index, value, reduce));
  start_from(out, self);
  scatter_value_into(out, dim, index, value, reduce);
})
SOFT_OP(aclnnScatterReduce, Any,
        (In self, int64_t dim, Index index, In src, int64_t reduce, bool includeSelf, Out out), {
          if (checking())
            return (void)(put(out, self), scatter_into(out, dim, index, src, reduce, includeSelf));
          start_from(out, self);
          scatter_into(out, dim, index, src, reduce, includeSelf);
        })
SOFT_OP(aclnnInplaceScatter, Any, (Out selfRef, int64_t dim, Index index, In src, int64_t reduce),
        scatter_into(selfRef, dim, index, src, reduce))
SOFT_OP(aclnnInplaceScatterValue, Any, (Out selfRef, int64_t dim, Index index, Number value, int64_t reduce),
        scatter_value_into(selfRef, dim, index, value, reduce))
SOFT_OP(aclnnInplaceScatterReduce, Any,
        (Out selfRef, int64_t dim, Index index, In src, int64_t reduce, bool includeSelf),
        scatter_into(selfRef, dim, index, src, reduce, includeSelf))

SOFT_OP(aclnnEmbedding, Stored, (In weight, Index indices, Out out), {
  TORCH_CHECK(weight.dim() == 2, "weight must be a matrix");
  std::vector<int64_t> shape = indices.sizes().vec();
  shape.push_back(weight.size(1));
  TORCH_CHECK(out.sizes() == shape, "out must have shape ", at::IntArrayRef(shape));
  TORCH_CHECK(out.scalar_type() == weight.scalar_type(), "out must have the data type of weight");
  if (checking()) return;
  if (out.is_contiguous()) {
    at::Tensor rows = out.view({-1, weight.size(1)});
    if (rows.numel() > 0) at::index_select_out(rows, weight, 0, flat(indices));
  } else {
    out.copy_(at::embedding(weight, indices));
  }
})
// mode: 0 sum, 1 mean, 2 maximum. ATen leaves out what its own gradient does not need; here it is all there.
SOFT_OP(aclnnEmbeddingBag, Rule{kFloats | kInts},
        (In weight, Index indices, Index offsets, bool, int64_t mode, bool, OptIn perSampleWeights,
         bool includeLastOffset, int64_t paddingIdx, Out output, Out offset2bag, Out bagSize, Out maxIndices),
        {
          TORCH_CHECK(mode >= 0 && mode <= 2, "mode is ", mode, "; it must be 0, 1 or 2");
          TORCH_CHECK(weight.dim() == 2 && indices.dim() == 1 && offsets.dim() == 1,
                      "weight must be a matrix, indices and offsets vectors");
          const int64_t bags = offsets.size(0) - (includeLastOffset ? 1 : 0);
          expect(output, {bags, weight.size(1)}, weight.scalar_type());
          expect(offset2bag, indices.sizes(), at::kLong);
          expect(bagSize, {bags}, at::kLong);
          TORCH_CHECK(!perSampleWeights.has_value() || mode == 0, "perSampleWeights needs mode 0");
          if (checking()) return;
          const auto [bagged, bag_of, sizes, maxima] =
              at::_embedding_bag(weight, indices, offsets, false, mode, false, present(perSampleWeights),
                                 includeLastOffset, paddingIdx);
          put(output, bagged);
          const at::Tensor starts = offsets.narrow(0, 0, bags);
          const at::Tensor bag =
              at::searchsorted(starts, at::arange(indices.size(0), indices.options()), false, true) - 1;
          put(offset2bag, bag);
          const at::Tensor counted = indices.ne(paddingIdx).to(at::kLong);
          put(bagSize, at::zeros({bags}, counted.options()).index_add_(0, bag, counted));
          if (mode == 2) {
            put(maxIndices, maxima);
          } else {
            maxIndices.zero_();
          }
        })
SOFT_OP(aclnnEmbeddingDenseBackward, Floating,
        (In grad, Index indices, uint64_t numWeights, uint64_t paddingIdx, bool scaleGradByFreq, Out out), {
          TORCH_CHECK(out.dim() == 2 && out.size(0) == static_cast<int64_t>(numWeights), "out must have ",
                      numWeights, " rows");
          TORCH_CHECK(grad.numel() == indices.numel() * out.size(1), "grad must have one row per index");
          if (checking()) return;
          put(out, at::embedding_dense_backward(grad, indices, static_cast<int64_t>(numWeights),
                                                static_cast<int64_t>(paddingIdx), scaleGradByFreq));
        })
SOFT_OP(aclnnOneHot, Rule{kInts | kFloats},
        (In self, int numClasses, In onValue, In offValue, int64_t axis, Out out), {
          TORCH_CHECK(c10::isIntegralType(self.scalar_type(), false), "self must be integers");
          TORCH_CHECK(onValue.numel() == 1 && offValue.numel() == 1,
                      "onValue and offValue must be one element");
          const int64_t where = axis < 0 ? self.dim() : axis;
          std::vector<int64_t> shape = self.sizes().vec();
          TORCH_CHECK(where <= self.dim(), "axis is ", axis, " but self has ", self.dim(), " dimensions");
          shape.insert(shape.begin() + where, numClasses);
          TORCH_CHECK(out.sizes() == shape, "out must have shape ", at::IntArrayRef(shape));
          if (checking()) return;
          out.copy_(offValue.reshape({}));
          const at::Tensor classes = self.to(at::kLong).unsqueeze(where);
          const at::Tensor valid = classes.ge(0).logical_and_(classes.lt(numClasses));
          const at::Tensor spread =
              at::zeros(shape, at::TensorOptions().dtype(at::kBool))
                  .scatter_(where, classes.clamp(0, std::max(numClasses - 1, 0)), valid);
          out.masked_fill_(spread, onValue.reshape({}).to(out.scalar_type()));
        })

SOFT_OP(aclnnCat, Stored, (InList tensors, int64_t dim, Out out), {
  TORCH_CHECK(!tensors.empty(), "tensors is empty");
  aten::cat_out(out, tensors, dim);
})
SOFT_OP(aclnnStack, Stored, (InList tensors, int64_t dim, Out out), {
  TORCH_CHECK(!tensors.empty(), "tensors is empty");
  if (checking()) return put(out, at::stack(tensors, dim));
  at::stack_out(out, tensors, dim);
})
SOFT_OP(aclnnSplitWithSize, Stored, (In self, Ints splitSize, int64_t dim, OutList out), {
  const std::vector<at::Tensor> parts = at::split_with_sizes(self, splitSize, dim);
  TORCH_CHECK(parts.size() == out.size(), "there are ", parts.size(), " parts but out has ", out.size(),
              " tensors");
  for (const auto i : c10::irange(parts.size())) put(out[i], parts[i]);
})
SOFT_OP(aclnnRepeat, Stored, (In self, Ints repeats, Out out), {
  TORCH_CHECK(static_cast<int64_t>(repeats.size()) >= self.dim(),
              "repeats has fewer entries than self dimensions");
  put(out, self.repeat(repeats));
})
SOFT_OP(aclnnRepeatInterleaveInt, Stored, (In self, int64_t repeats, int64_t outputSize, Out out), {
  TORCH_CHECK(out.numel() == outputSize && self.numel() * repeats == outputSize, "out must have ", outputSize,
              " elements");
  if (!checking()) put_flat(out, self.reshape({-1, 1}).expand({-1, repeats}));
})
SOFT_OP(aclnnRepeatInterleaveIntWithDim, Stored,
        (In self, int64_t repeats, int64_t dim, int64_t outputSize, Out out), {
          TORCH_CHECK(self.size(dim) * repeats == outputSize && out.size(dim) == outputSize, "outputSize is ",
                      outputSize, " instead of ", self.size(dim) * repeats);
          if (!checking()) put(out, self.repeat_interleave(repeats, dim, outputSize));
        })
SOFT_OP(aclnnRepeatInterleave, Stored, (In self, Index repeats, int64_t outputSize, Out out), {
  TORCH_CHECK(repeats.numel() == 1 || repeats.numel() == self.numel(),
              "repeats must have one entry per element");
  TORCH_CHECK(out.numel() == outputSize, "out must have ", outputSize, " elements");
  if (!checking()) put_flat(out, self.reshape({-1}).repeat_interleave(flat(repeats), 0, outputSize));
})
SOFT_OP(aclnnRepeatInterleaveWithDim, Stored,
        (In self, Index repeats, int64_t dim, int64_t outputSize, Out out), {
          check_repeats(self, dim, repeats);
          TORCH_CHECK(out.size(dim) == outputSize, "out must have ", outputSize, " entries along dim");
          if (!checking()) put(out, self.repeat_interleave(flat(repeats), dim, outputSize));
        })
SOFT_OP(aclnnRepeatInterleaveTensor, Stored, (Index repeats, int64_t outputSize, Out out), {
  TORCH_CHECK(out.numel() == outputSize, "out must have ", outputSize, " elements");
  if (!checking()) put_flat(out, at::repeat_interleave(repeats, std::optional<int64_t>(outputSize)));
})
SOFT_OP(aclnnFlip, Stored, (In self, Ints dims, Out out), {
  for (const int64_t dim : dims) c10::maybe_wrap_dim(dim, self.dim());
  if (checking()) return expect_like(out, self);
  put(out, self.flip(dims));
})
SOFT_OP(aclnnRoll, Stored, (In x, Ints shifts, Ints dims, Out out), {
  TORCH_CHECK(dims.empty() || x.dim() > 0, "x has no dimensions, but dims is ", dims);
  if (checking()) return put(out, x);
  put(out, at::roll(x, shifts, dims));
})
