// Indexing by tensors and masks. A mask or nonzero gives a result whose extent only the kernel knows; see
// OutputShape.h.
#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>
#include <ATen/WrapDimUtils.h>
#include <ATen/native/IndexingUtils.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/OutputShape.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

using OptionalTensors = c10::List<std::optional<at::Tensor>>;

// x[i, :, j]

struct IndexPlan {
  std::vector<at::Tensor> indices;  // one per dimension of self, for aclnnIndex and aclnnIndexPutImpl
  at::DimVector sizes;              // of the result
};

// Upstream's rule: the broadcast shape of the index tensors stands where they stand if they are neighbours,
// otherwise in front.
at::DimVector result_sizes(const at::Tensor& self, const std::vector<at::Tensor>& indices,
                           at::IntArrayRef broadcast) {
  const bool neighbours = at::native::hasContiguousSubspace(indices);
  at::DimVector sizes;
  bool placed = false;
  const auto place = [&] {
    if (!placed) sizes.append(broadcast.begin(), broadcast.end());
    placed = true;
  };
  if (!neighbours) place();
  for (int64_t i = 0; i < self.dim(); ++i) {
    if (indices[i].defined()) {
      place();
    } else {
      sizes.push_back(self.size(i));
    }
  }
  return sizes;
}

IndexPlan plan_index(const at::Tensor& self, const OptionalTensors& given) {
  at::native::checkIndexTensorTypes(given, /*allow_int=*/true);
  TORCH_CHECK_INDEX(static_cast<int64_t>(given.size()) <= self.dim(),
                    "too many indices for tensor of dimension ", self.dim(), " (got ", given.size(), ")");
  IndexPlan plan;
  plan.indices = at::native::expandTensors(self, given, /*ensure_same_device=*/true);
  TORCH_CHECK_INDEX(static_cast<int64_t>(plan.indices.size()) <= self.dim(),
                    "too many indices for tensor of dimension ", self.dim(), " (got ", plan.indices.size(),
                    ")");
  plan.indices.resize(static_cast<size_t>(self.dim()));

  at::DimVector broadcast;
  for (const at::Tensor& index : plan.indices) {
    if (!index.defined()) continue;
    try {
      broadcast = at::infer_size_dimvector(broadcast, index.sizes());
    } catch (const c10::Error&) {
      TORCH_CHECK_INDEX(false,
                        "shape mismatch: indexing tensors could not be broadcast together with shapes ",
                        broadcast, ", ", index.sizes());
    }
  }
  plan.sizes = result_sizes(self, plan.indices, broadcast);
  const bool any = c10::multiply_integers(broadcast) != 0;
  for (int64_t i = 0; i < self.dim(); ++i) {
    at::Tensor& index = plan.indices[i];
    if (index.defined()) {
      TORCH_CHECK_INDEX(self.size(i) != 0 || !any, "index is out of bounds for dimension with size 0");
    } else {
      index = empty({0}, self);  // the ABI's way to say that a dimension is not indexed
    }
  }
  return plan;
}

at::Tensor& index_into(const at::Tensor& self, const IndexPlan& plan, at::Tensor& out) {
  if (out.numel() != 0) launch<aclnnIndexGetWorkspaceSize>(self, plan.indices, out);
  return out;
}

at::Tensor index(const at::Tensor& self, const OptionalTensors& indices) {
  const IndexPlan plan = plan_index(self, indices);
  at::Tensor out = empty(plan.sizes, self);
  return index_into(self, plan, out);
}

at::Tensor& index_out(const at::Tensor& self, const OptionalTensors& indices, at::Tensor& out) {
  const IndexPlan plan = plan_index(self, indices);
  fit_out("index", out, plan.sizes, self.scalar_type());
  at::assert_no_overlap(out, self);
  for (const at::Tensor& index : plan.indices) at::assert_no_overlap(out, index);
  return index_into(self, plan, out);
}

// The one mask that `indices` is, widened to the dimensions of self; undefined where it is anything else.
at::Tensor sole_mask(const at::Tensor& self, const OptionalTensors& indices) {
  at::Tensor mask;
  int64_t dims = 0;
  for (const std::optional<at::Tensor>& index : indices) {
    if (!index || !index->defined()) {
      if (mask.defined()) continue;
      ++dims;
      continue;
    }
    if (mask.defined() || index->scalar_type() != at::kBool || index->device() != self.device()) return {};
    mask = *index;
    for (int64_t j = 0; j < mask.dim(); ++j) {
      if (dims + j >= self.dim() || mask.size(j) != self.size(dims + j))
        return {};  // plan_index() says what is wrong
    }
    dims += mask.dim();
  }
  if (!mask.defined()) return {};
  for (; dims < self.dim(); ++dims) mask = mask.unsqueeze(-1);
  return mask;
}

at::Tensor& index_put_impl_(at::Tensor& self, const OptionalTensors& indices, const at::Tensor& given_value,
                            bool accumulate, bool unsafe) {
  if (at::has_internal_overlap(self) == at::MemOverlap::Yes) {
    TORCH_WARN(
        "Use of index_put_ on expanded tensors is deprecated. Please clone() the tensor before performing "
        "this "
        "operation. This also applies to advanced indexing e.g. tensor[indices] = tensor");
  }
  TORCH_CHECK_INDEX(self.scalar_type() == given_value.scalar_type(),
                    "Index put requires the source and destination dtypes match, got ", self.scalar_type(),
                    " for the destination and ", given_value.scalar_type(), " for the source.");
  const bool number = given_value.numel() == 1 && given_value.dim() == 0;
  const at::Tensor value =
      number && given_value.device() != self.device() ? given_value.to(self.device()) : given_value;
  if (!accumulate && value.numel() == 1) {
    // A mask and one value need neither the positions nor, with them, the wait.
    const at::Tensor mask = sole_mask(self, indices);
    if (mask.defined()) return self.masked_fill_(mask, value.reshape({}));
  }
  const IndexPlan plan = plan_index(self, indices);
  TORCH_CHECK(at::is_expandable_to(value.sizes(), plan.sizes), "shape mismatch: value tensor of shape ",
              value.sizes(), " cannot be broadcast to indexing result of shape ", plan.sizes);
  for (const at::Tensor& index : plan.indices) at::assert_no_overlap(self, index);
  if (c10::multiply_integers(plan.sizes) != 0) {
    launch<aclnnIndexPutImplGetWorkspaceSize>(self, plan.indices, value, accumulate, unsafe);
  }
  return self;
}

// Masks

void check_mask(const char* op, const at::Tensor& mask) {
  TORCH_CHECK(mask.scalar_type() == at::kBool, op, " only supports boolean masks, but got mask with dtype ",
              mask.scalar_type(), " on ", mask.device());
}

void check_fill(const at::Tensor& self, bool complex) {
  const bool takes_any = self.is_complex() || self.scalar_type() == at::kBool;
  TORCH_CHECK(!complex || takes_any, "value cannot be converted to type ", self.scalar_type(),
              " without overflow: it is complex, on ", self.device());
}

at::Tensor& masked_fill_scalar(at::Tensor& self, const at::Tensor& mask, const at::Scalar& value) {
  check_mask("masked_fill_", mask);
  check_fill(self, value.isComplex());
  const c10::MaybeOwned<at::Tensor> expanded = at::expand_inplace(self, mask, "masked_fill_");
  at::assert_no_partial_overlap(self, mask);
  if (self.numel() != 0) launch<aclnnInplaceMaskedFillScalarGetWorkspaceSize>(self, *expanded, value);
  return self;
}

at::Tensor& masked_fill_tensor(at::Tensor& self, const at::Tensor& mask, const at::Tensor& value) {
  TORCH_CHECK(value.dim() == 0,
              "masked_fill only supports a 0-dimensional value tensor, but got tensor with ", value.dim(),
              " dimension(s).");
  if (value.is_cpu()) return masked_fill_scalar(self, mask, value.item());
  check_mask("masked_fill_", mask);
  check_fill(self, value.is_complex());
  const c10::MaybeOwned<at::Tensor> expanded = at::expand_inplace(self, mask, "masked_fill_");
  at::assert_no_partial_overlap(self, mask);
  if (self.numel() != 0) {
    launch<aclnnInplaceMaskedFillTensorGetWorkspaceSize>(self, *expanded, value.to(self.scalar_type()));
  }
  return self;
}

at::Tensor& masked_scatter_(at::Tensor& self, const at::Tensor& mask, const at::Tensor& source) {
  TORCH_CHECK(self.scalar_type() == source.scalar_type(),
              "masked_scatter: expected self and source to have same dtypes but got ", self.scalar_type(),
              " and ", source.scalar_type(), " on ", self.device());
  TORCH_CHECK(mask.scalar_type() == at::kBool,
              "masked_scatter_ only supports boolean masks, but got mask with dtype ", mask.scalar_type());
  at::assert_no_internal_overlap(self);
  const c10::MaybeOwned<at::Tensor> expanded = at::expand_inplace(self, mask, "masked_scatter_");
  if (self.numel() != 0 && source.numel() != 0) {
    launch<aclnnInplaceMaskedScatterGetWorkspaceSize>(self, *expanded, source);
  }
  return self;
}

// The elements under the mask, in `all`, cut to as many as there are.
at::Tensor select_masked(const at::Tensor& self, const at::Tensor& mask) {
  TORCH_CHECK(mask.scalar_type() == at::kBool, "masked_select: expected BoolTensor for mask, but got ",
              mask.scalar_type(), " on ", mask.device());
  const at::DimVector sizes = at::infer_size_dimvector(self.sizes(), mask.sizes());
  at::Tensor all = empty({static_cast<int64_t>(c10::multiply_integers(sizes))}, self);
  if (all.numel() == 0) return all;
  const auto shapes = launch_for_shapes<aclnnMaskedSelectGetWorkspaceSize, 1>(self, mask, all);
  return all.resize_(shapes[0]);
}

at::Tensor& masked_select_out(const at::Tensor& self, const at::Tensor& mask, at::Tensor& out) {
  at::assert_no_overlap(out, self);
  at::assert_no_overlap(out, mask);
  const at::Tensor selected = select_masked(self, mask);
  fit_out("masked_select", out, selected.sizes(), self.scalar_type());
  return out.copy_(selected);
}

at::Tensor find_nonzero(const at::Tensor& self) {
  at::Tensor all = empty({self.numel(), self.dim()}, at::kLong, self.device());
  if (self.numel() == 0) return all;
  const auto shapes = launch_for_shapes<aclnnNonzeroGetWorkspaceSize, 1>(self, all);
  return all.resize_(shapes[0]);
}

at::Tensor& nonzero_out(const at::Tensor& self, at::Tensor& out) {
  TORCH_CHECK(out.scalar_type() == at::kLong, "Expected object of scalar type Long as out, but got ",
              out.scalar_type(), " on ", out.device());
  const at::Tensor found = find_nonzero(self);
  fit_out("nonzero", out, found.sizes(), at::kLong);
  return out.copy_(found);
}

// Rows by number

void check_index(const char* op, const at::Tensor& index) {
  TORCH_CHECK_INDEX(index.dim() <= 1, op, "(): Index is supposed to be a vector, but got dim ", index.dim());
  TORCH_CHECK_INDEX(index.scalar_type() == at::kLong || index.scalar_type() == at::kInt, op,
                    "(): Expected dtype int32/int64 for index, but got ", index.scalar_type(), " on ",
                    index.device());
}

at::Tensor& index_select_out(const at::Tensor& self, int64_t dim, const at::Tensor& index, at::Tensor& out) {
  check_index("index_select", index);
  dim = at::maybe_wrap_dim(dim, self.dim());
  at::DimVector sizes(self.sizes());
  if (self.dim() > 0) sizes[dim] = index.numel();
  at::assert_no_internal_overlap(out);  // before resizing would move it apart
  fit_out("index_select", out, sizes, self.scalar_type());
  at::assert_no_overlap(out, self);
  at::assert_no_overlap(out, index);
  if (out.numel() == 0) return out;
  TORCH_CHECK_INDEX(self.numel() != 0, "index_select(): self indexing axis dim should be positive");
  launch<aclnnIndexSelectGetWorkspaceSize>(self, dim, index, out);
  return out;
}

at::Tensor index_select(const at::Tensor& self, int64_t dim, const at::Tensor& index) {
  at::Tensor out = empty({0}, self);
  return index_select_out(self, dim, index, out);
}

at::Tensor& index_fill_scalar(at::Tensor& self, int64_t dim, const at::Tensor& index,
                              const at::Scalar& value) {
  TORCH_CHECK_INDEX(index.scalar_type() == at::kLong,
                    "index_fill_(): Expected dtype int64 for index, but got ", index.scalar_type(), " on ",
                    index.device());
  TORCH_CHECK(index.dim() <= 1, "Index has to be a vector/scalar");
  TORCH_CHECK(self.is_complex() || !value.isComplex(),
              "index_fill_(): Converting complex Scalar to non-complex type is not supported");
  at::assert_no_overlap(self, index);
  dim = at::maybe_wrap_dim(dim, self.dim());
  if (self.numel() != 0 && index.numel() != 0)
    launch<aclnnInplaceIndexFillGetWorkspaceSize>(self, dim, index, value);
  return self;
}

at::Tensor& index_fill_tensor(at::Tensor& self, int64_t dim, const at::Tensor& index,
                              const at::Tensor& value) {
  TORCH_CHECK(value.dim() == 0,
              "index_fill_ only supports a 0-dimensional value tensor, but got tensor with ", value.dim(),
              " dimension(s).");
  return index_fill_scalar(self, dim, index, value.item());
}

// Elements of the flattened tensor by number

at::Tensor& take_out(const at::Tensor& self, const at::Tensor& index, at::Tensor& out) {
  TORCH_CHECK(index.scalar_type() == at::kLong, "take(): Expected a long tensor for index, but got ",
              index.scalar_type(), " on ", index.device());
  TORCH_CHECK_INDEX(self.numel() != 0 || index.numel() == 0, "take(): tried to take from an empty tensor");
  fit_out("take", out, index.sizes(), self.scalar_type());
  at::assert_no_overlap(out, index);
  at::assert_no_overlap(out, self);
  if (out.numel() != 0) launch<aclnnTakeGetWorkspaceSize>(self, index, out);
  return out;
}

at::Tensor take(const at::Tensor& self, const at::Tensor& index) {
  at::Tensor out = empty({0}, self);
  return take_out(self, index, out);
}

at::Tensor& put_(at::Tensor& self, const at::Tensor& index, const at::Tensor& source, bool accumulate) {
  TORCH_CHECK(index.scalar_type() == at::kLong, "put_(): Expected a long tensor for index, but got ",
              index.scalar_type(), " on ", index.device());
  TORCH_CHECK(self.scalar_type() == source.scalar_type(),
              "put_(): self and source expected to have the same dtype, but got self.dtype = ",
              self.scalar_type(), " and source.dtype = ", source.scalar_type(), " on ", self.device());
  TORCH_CHECK(source.numel() == index.numel(),
              "put_(): Expected source and index to have the same number of elements, ",
              "but got source.numel() = ", source.numel(), ", index.numel() = ", index.numel());
  TORCH_CHECK_INDEX(self.numel() != 0 || index.numel() == 0,
                    "put_(): Tried to put elements into an empty tensor");
  at::assert_no_internal_overlap(self);
  if (index.numel() != 0) launch<aclnnInplacePutGetWorkspaceSize>(self, index, source, accumulate);
  return self;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_kernel<&index>(m, "index.Tensor");
  bind_kernel<&index_out>(m, "index.Tensor_out");
  bind_kernel<&index_put_impl_>(m, "_index_put_impl_");
  bind_kernel<&masked_fill_scalar>(m, "masked_fill_.Scalar");
  bind_kernel<&masked_fill_tensor>(m, "masked_fill_.Tensor");
  bind_kernel<&masked_scatter_>(m, "masked_scatter_");
  bind_kernel<&select_masked>(m, "masked_select");
  bind_kernel<&masked_select_out>(m, "masked_select.out");
  bind_kernel<&find_nonzero>(m, "nonzero");
  bind_kernel<&nonzero_out>(m, "nonzero.out");
  bind_kernel<&index_select>(m, "index_select");
  bind_kernel<&index_select_out>(m, "index_select.out");
  bind_kernel<&index_fill_scalar>(m, "index_fill_.int_Scalar");
  bind_kernel<&index_fill_tensor>(m, "index_fill_.int_Tensor");
  bind_kernel<&take>(m, "take");
  bind_kernel<&take_out>(m, "take.out");
  bind_kernel<&put_>(m, "put_");
}

}  // namespace npu
