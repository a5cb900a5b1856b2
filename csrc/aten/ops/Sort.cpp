// Order: sorting, selection by rank, search in sorted sequences, distinct values.
#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/MemoryOverlap.h>
#include <ATen/WrapDimUtils.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"
#include "csrc/aten/ops/OutputShape.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

struct Sort : Row<at::meta::structured_sort_stable, 2> {
  static void run(const at::Tensor& self, std::optional<bool> stable, int64_t dim, bool descending,
                  const at::Tensor& values, const at::Tensor& indices) {
    launch<aclnnSortGetWorkspaceSize>(self, stable.value_or(false), dim, descending, values, indices);
  }
};

NPU_OP(Topk, structured_topk, 2, aclnnTopk);

// Rank

// Sizes of a reduction over one dimension.
at::DimVector reduced(const at::Tensor& self, int64_t dim, bool keepdim) {
  at::DimVector sizes(self.sizes());
  if (sizes.empty()) return sizes;
  if (keepdim) {
    sizes[dim] = 1;
  } else {
    sizes.erase(sizes.begin() + dim);
  }
  return sizes;
}

std::tuple<at::Tensor&, at::Tensor&> kthvalue_out(const at::Tensor& self, int64_t k, int64_t dim,
                                                  bool keepdim, at::Tensor& values, at::Tensor& indices) {
  dim = at::maybe_wrap_dim(dim, self.dim());
  const int64_t extent = self.dim() > 0 ? self.size(dim) : 1;
  TORCH_CHECK(k >= 1 && k <= extent, "kthvalue(): selected number k out of range for dimension ", dim);
  at::assert_no_overlap(self, values);
  fit_out("kthvalue", values, reduced(self, dim, keepdim), self.scalar_type());
  fit_out("kthvalue", indices, values.sizes(), at::kLong);
  if (values.numel() != 0) launch<aclnnKthvalueGetWorkspaceSize>(self, k, dim, keepdim, values, indices);
  return {values, indices};
}

template <auto kOp>
at::Tensor median(const at::Tensor& self) {
  at::Tensor out = empty({}, self);
  if (self.numel() == 0) return out.fill_(std::numeric_limits<double>::quiet_NaN());
  launch<kOp>(self, out);
  return out;
}

template <auto kOp>
std::tuple<at::Tensor&, at::Tensor&> median_dim(const at::Tensor& self, int64_t dim, bool keepdim,
                                                at::Tensor& values, at::Tensor& indices) {
  dim = at::maybe_wrap_dim(dim, self.dim());
  TORCH_CHECK_INDEX(self.dim() == 0 || self.size(dim) > 0, "median(): Expected reduction dim ", dim,
                    " to have non-zero size.");
  fit_out("median", values, reduced(self, dim, keepdim), self.scalar_type());
  fit_out("median", indices, values.sizes(), at::kLong);
  if (values.numel() != 0) launch<kOp>(self, dim, keepdim, values, indices);
  return {values, indices};
}

// The value that occurs most often, the smallest of several; the index is that of its last occurrence. In a
// sorted sequence the first place where a run gets as long as the longest one is the end of that run.
std::tuple<at::Tensor, at::Tensor> mode_of(const at::Tensor& self, int64_t dim, bool keepdim) {
  TORCH_CHECK(!self.is_complex(), "mode: expected real numbers, but got ", self.scalar_type(), " on ",
              self.device());
  dim = at::maybe_wrap_dim(dim, self.dim());
  TORCH_CHECK_INDEX(self.dim() == 0 || self.size(dim) > 0, "mode(): Expected reduction dim ", dim,
                    " to have non-zero size.");
  if (self.dim() == 0) return {self.clone(), at::zeros({}, self.options().dtype(at::kLong))};
  const auto [sorted, places] = self.sort(true, dim, false);
  const int64_t extent = self.size(dim);
  at::DimVector shape(static_cast<size_t>(self.dim()), 1);
  shape[dim] = extent;
  const at::Tensor position = at::arange(extent, places.options()).reshape(shape);
  at::Tensor starts = at::zeros(sorted.sizes(), places.options());
  if (extent > 1) {
    const at::Tensor begins = sorted.narrow(dim, 1, extent - 1).ne(sorted.narrow(dim, 0, extent - 1));
    starts.narrow(dim, 1, extent - 1).copy_(begins.to(at::kLong) * position.narrow(dim, 1, extent - 1));
  }
  const at::Tensor length = position - std::get<0>(starts.cummax(dim));
  const at::Tensor end = length.argmax(dim, true);
  const at::Tensor values = sorted.gather(dim, end), indices = places.gather(dim, end);
  if (keepdim) return {values, indices};
  return {values.squeeze(dim), indices.squeeze(dim)};
}

std::tuple<at::Tensor&, at::Tensor&> mode_out(const at::Tensor& self, int64_t dim, bool keepdim,
                                              at::Tensor& values, at::Tensor& indices) {
  const auto [value, index] = mode_of(self, dim, keepdim);
  fit_out("mode", values, value.sizes(), self.scalar_type());
  fit_out("mode", indices, index.sizes(), at::kLong);
  values.copy_(value);
  indices.copy_(index);
  return {values, indices};
}

// Search

void check_search(const at::Tensor& sorted, const at::Tensor& values, const at::Tensor& sorter, bool right,
                  const std::optional<c10::string_view>& side) {
  TORCH_CHECK(!side || *side == "left" || *side == "right",
              "torch.searchsorted(): side can only be 'left' or 'right' but got ", side.value_or(""));
  TORCH_CHECK(!right || !side || *side == "right",
              "torch.searchsorted(): side and right can't be set to opposites, got side of ",
              side.value_or(""), " while right was True");
  TORCH_CHECK(sorted.dim() != 0,
              "torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 ",
              "dimension");
  TORCH_CHECK(sorted.scalar_type() == values.scalar_type(),
              "torch.searchsorted(): boundary and input value tensors should have same dtype, but got "
              "boundary dtype ",
              sorted.scalar_type(), " and input dtype ", values.scalar_type(), " on ", sorted.device(), ".");
  TORCH_CHECK(sorted.dim() == 1 ||
                  (sorted.dim() == values.dim() &&
                   sorted.sizes().slice(0, sorted.dim() - 1) == values.sizes().slice(0, values.dim() - 1)),
              "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
              "boundaries ",
              "tensor and input value tensor must match, but we got boundaries tensor ", sorted.sizes(),
              " and input value tensor ", values.sizes());
  if (!sorter.defined()) return;
  TORCH_CHECK(sorter.sizes() == sorted.sizes(),
              "torch.searchsorted(): boundary and sorter must have the same size, but ",
              "got boundary tensor ", sorted.sizes(), " and got sorter tensor ", sorter.sizes());
  TORCH_CHECK(sorter.scalar_type() == at::kLong,
              "torch.searchsorted(): sorter must be a tensor of long dtype but got ", "dtype ",
              sorter.scalar_type());
}

at::Tensor& searchsorted_out(const at::Tensor& sorted, const at::Tensor& values, bool out_int32, bool right,
                             std::optional<c10::string_view> side, const std::optional<at::Tensor>& sorter,
                             at::Tensor& out) {
  check_search(sorted, values, sorter.value_or(at::Tensor()), right, side);
  fit_out("searchsorted", out, values.sizes(), out_int32 ? at::kInt : at::kLong);
  if (out.numel() == 0) return out;
  if (sorted.numel() == 0) return out.zero_();
  launch<aclnnSearchSortedGetWorkspaceSize>(sorted, values, out_int32, right || side == "right", sorter, out);
  return out;
}

at::Tensor search(const at::Tensor& sorted, const at::Tensor& values, bool out_int32, bool right,
                  std::optional<c10::string_view> side, const std::optional<at::Tensor>& sorter) {
  at::Tensor out = empty({0}, out_int32 ? at::kInt : at::kLong, sorted.device());
  return searchsorted_out(sorted, values, out_int32, right, side, sorter, out);
}

at::Tensor& search_number_out(const at::Tensor& sorted, const at::Scalar& value, bool out_int32, bool right,
                              std::optional<c10::string_view> side, const std::optional<at::Tensor>& sorter,
                              at::Tensor& out) {
  TORCH_CHECK(
      sorted.dim() == 1,
      "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but "
      "we got boundaries tensor dim(",
      sorted.dim(), ")");
  check_search(sorted, sorted.new_empty({}), sorter.value_or(at::Tensor()), right, side);
  fit_out("searchsorted", out, {}, out_int32 ? at::kInt : at::kLong);
  if (sorted.numel() == 0) return out.zero_();
  launch<aclnnSearchSortedsGetWorkspaceSize>(sorted, value, out_int32, right || side == "right", sorter, out);
  return out;
}

at::Tensor search_number(const at::Tensor& sorted, const at::Scalar& value, bool out_int32, bool right,
                         std::optional<c10::string_view> side, const std::optional<at::Tensor>& sorter) {
  at::Tensor out = empty({0}, out_int32 ? at::kInt : at::kLong, sorted.device());
  return search_number_out(sorted, value, out_int32, right, side, sorter, out);
}

// bucketize is searchsorted with its operands the other way round.
at::Tensor& bucketize_out(const at::Tensor& self, const at::Tensor& boundaries, bool out_int32, bool right,
                          at::Tensor& out) {
  TORCH_CHECK(boundaries.dim() == 1, "boundaries tensor must be 1 dimension, but got dim(", boundaries.dim(),
              ")");
  return searchsorted_out(boundaries, self, out_int32, right, std::nullopt, std::nullopt, out);
}

at::Tensor bucketize(const at::Tensor& self, const at::Tensor& boundaries, bool out_int32, bool right) {
  at::Tensor out = empty({0}, out_int32 ? at::kInt : at::kLong, self.device());
  return bucketize_out(self, boundaries, out_int32, right, out);
}

at::Tensor bucketize_number(const at::Scalar& self, const at::Tensor& boundaries, bool out_int32,
                            bool right) {
  return search_number(boundaries, self, out_int32, right, std::nullopt, std::nullopt);
}

at::Tensor& bucketize_number_out(const at::Scalar& self, const at::Tensor& boundaries, bool out_int32,
                                 bool right, at::Tensor& out) {
  return search_number_out(boundaries, self, out_int32, right, std::nullopt, std::nullopt, out);
}

// Distinct values: as many as the kernel finds

using Unique = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

std::tuple<at::Tensor, at::Tensor, at::Tensor> unique2(const at::Tensor& self, bool sorted, bool inverse,
                                                       bool counts) {
  at::Tensor values = empty({self.numel()}, self);
  at::Tensor inverses =
      empty(inverse || counts ? self.sizes() : at::IntArrayRef({0}), at::kLong, self.device());
  at::Tensor repeats = empty({counts ? self.numel() : 0}, at::kLong, self.device());
  if (self.numel() != 0) {
    const auto shapes = launch_for_shapes<aclnnUnique2GetWorkspaceSize, 3>(self, sorted, inverse, counts,
                                                                           values, inverses, repeats);
    values.resize_(shapes[0]);
    if (counts) repeats.resize_(shapes[0]);
  }
  return {values, inverse ? inverses : inverses.new_empty({0}), repeats};
}

std::tuple<at::Tensor, at::Tensor> unique(const at::Tensor& self, bool sorted, bool inverse) {
  auto [values, inverses, counts] = unique2(self, sorted, inverse, false);
  return {values, inverses};
}

Unique unique_consecutive(const at::Tensor& self, bool inverse, bool counts, std::optional<int64_t> dim) {
  constexpr int64_t kFlattened = 1000;  // the kernel's word for "no dimension"
  const int64_t axis = dim ? at::maybe_wrap_dim(*dim, self.dim()) : kFlattened;
  const int64_t extent = dim ? self.size(axis) : self.numel();
  at::Tensor values = dim ? at::empty_like(self, at::MemoryFormat::Contiguous) : empty({self.numel()}, self);
  const at::DimVector inverse_sizes = dim ? at::DimVector{extent} : at::DimVector(self.sizes());
  at::Tensor inverses =
      empty(inverse ? at::IntArrayRef(inverse_sizes) : at::IntArrayRef({0}), at::kLong, self.device());
  at::Tensor repeats = empty({counts ? extent : 0}, at::kLong, self.device());
  if (self.numel() == 0) return {values, inverses, repeats};
  const auto shapes = launch_for_shapes<aclnnUniqueConsecutiveGetWorkspaceSize, 3>(
      self, inverse, counts, axis, values, inverses, repeats);
  values.resize_(shapes[0]);
  if (counts) repeats.resize_({shapes[0][dim ? axis : 0]});
  return {values, inverses, repeats};
}

Unique unique_dim(const at::Tensor& self, int64_t dim, bool sorted, bool, bool counts) {
  dim = at::maybe_wrap_dim(dim, self.dim());
  const auto empty_dims = std::count(self.sizes().begin(), self.sizes().end(), 0);
  if (empty_dims == 1 && self.size(dim) == 0) {
    const at::Tensor none = empty({0}, at::kLong, self.device());
    return {at::empty_like(self, at::MemoryFormat::Contiguous), none, none.clone()};
  }
  TORCH_CHECK(empty_dims == 0, "There are 0 sized dimensions, and they aren't selected by unique_dim on ",
              self.device(), ", so unique cannot be applied");
  const int64_t extent = self.size(dim);
  at::Tensor values = at::empty_like(self, at::MemoryFormat::Contiguous);
  at::Tensor inverses = empty({extent}, at::kLong, self.device());
  at::Tensor repeats = empty({extent}, at::kLong, self.device());
  const auto shapes = launch_for_shapes<aclnnUniqueDimGetWorkspaceSize, 3>(self, sorted, true, dim, values,
                                                                           inverses, repeats);
  values.resize_(shapes[0]);
  repeats.resize_({shapes[0][dim]});
  return {values, inverses, counts ? repeats : repeats.new_empty({0})};
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<Sort>(m, nullptr, nullptr, "sort.values_stable");
  bind<Topk>(m, "topk", nullptr, "topk.values");
  bind_kernel<&kthvalue_out>(m, "kthvalue.values");
  bind_kernel<&median<&aclnnMedianGetWorkspaceSize>>(m, "median");
  bind_kernel<&median<&aclnnNanMedianGetWorkspaceSize>>(m, "nanmedian");
  bind_kernel<&median_dim<&aclnnMedianDimGetWorkspaceSize>>(m, "median.dim_values");
  bind_kernel<&median_dim<&aclnnNanMedianDimGetWorkspaceSize>>(m, "nanmedian.dim_values");
  bind_composite<&mode_of>(m, "mode");
  bind_composite<&mode_out>(m, "mode.values");
  bind_kernel<&search>(m, "searchsorted.Tensor");
  bind_kernel<&searchsorted_out>(m, "searchsorted.Tensor_out");
  bind_kernel<&search_number>(m, "searchsorted.Scalar");
  bind_kernel<&search_number_out>(m, "searchsorted.Scalar_out");
  bind_kernel<&bucketize>(m, "bucketize.Tensor");
  bind_kernel<&bucketize_out>(m, "bucketize.Tensor_out");
  bind_kernel<&bucketize_number>(m, "bucketize.Scalar");
  bind_kernel<&bucketize_number_out>(m, "bucketize.Scalar_out");
  bind_kernel<&unique>(m, "_unique");
  bind_kernel<&unique2>(m, "_unique2");
  bind_kernel<&unique_consecutive>(m, "unique_consecutive");
  bind_kernel<&unique_dim>(m, "unique_dim");
}

}  // namespace npu
