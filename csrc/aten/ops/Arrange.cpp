// Tensors put together, turned round, repeated, chosen between and counted.
#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>
#include <ATen/WrapDimUtils.h>
#include <ATen/WrapDimUtilsMulti.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

struct Cat : Row<at::meta::structured_cat, 1> {
  static void run(const at::ITensorListRef& tensors, int64_t dim, const at::Tensor& out) {
    std::vector<at::Tensor> parts;
    parts.reserve(tensors.size());
    for (const at::Tensor& tensor : tensors) {
      if (tensor.numel() == 0)
        continue;  // of the right shape or upstream's 1-d nothing: no part of the result
      parts.push_back(tensor.to(out.scalar_type()));
    }
    launch<aclnnCatGetWorkspaceSize>(parts, at::maybe_wrap_dim(dim, out.dim()), out);
  }
};

at::Tensor flip(const at::Tensor& self, at::IntArrayRef dims) {
  const auto mask = at::dim_list_to_bitset(dims, static_cast<size_t>(self.dim()));
  at::DimVector wrapped;
  for (int64_t i = 0; i < self.dim(); ++i) {
    if (mask[i]) wrapped.push_back(i);
  }
  at::Tensor out = at::empty_like(self);
  if (wrapped.empty()) return out.copy_(self);
  if (out.numel() != 0) launch<aclnnFlipGetWorkspaceSize>(self, wrapped, out);
  return out;
}

at::Tensor roll(const at::Tensor& self, at::IntArrayRef shifts, at::IntArrayRef dims) {
  TORCH_CHECK(!shifts.empty(), "`shifts` required");
  if (dims.empty() && shifts.size() == 1)
    return at::roll(self.contiguous().view(-1), shifts, 0).view(self.sizes());
  TORCH_CHECK(shifts.size() == dims.size(), "shifts and dimensions must align. shifts: ", shifts.size(),
              ", dims:", dims.size());
  at::Tensor out = at::empty_like(self, at::MemoryFormat::Contiguous);
  if (out.numel() == 0) return out;
  at::DimVector wrapped(dims);
  for (int64_t& dim : wrapped) dim = at::maybe_wrap_dim(dim, self.dim(), /*wrap_scalar=*/false);
  launch<aclnnRollGetWorkspaceSize>(self, shifts, wrapped, out);
  return out;
}

at::Tensor repeat_interleave(const at::Tensor& repeats, std::optional<int64_t> output_size) {
  TORCH_CHECK(repeats.dim() == 1, "repeat_interleave only accept 1D vector as repeat");
  TORCH_CHECK(repeats.scalar_type() == at::kLong || repeats.scalar_type() == at::kInt,
              "repeats has to be Long or Int tensor, but got ", repeats.scalar_type(), " on ",
              repeats.device());
  if (repeats.numel() == 0) return at::empty_like(repeats);
  const int64_t total = output_size ? *output_size : repeats.sum().item<int64_t>();
  at::Tensor out = empty({total}, repeats);
  if (total != 0) launch<aclnnRepeatInterleaveTensorGetWorkspaceSize>(repeats, total, out);
  return out;
}

// Overlapping windows put back where they came from, added up.
at::Tensor unfold_backward(const at::Tensor& grad, at::IntArrayRef input_sizes, int64_t dim, int64_t size,
                           int64_t step) {
  at::Tensor out = at::zeros(input_sizes, grad.options());
  if (grad.numel() == 0) return out;
  if (input_sizes.empty()) return out.add_(grad.reshape({}));
  dim = at::maybe_wrap_dim(dim, static_cast<int64_t>(input_sizes.size()));
  const at::Tensor positions =
      at::arange(input_sizes[dim], grad.options().dtype(at::kLong)).unfold(0, size, step).reshape(-1);
  return out.index_add_(dim, positions, grad.movedim(-1, dim + 1).flatten(dim, dim + 1));
}

// where

at::Tensor on_device(const at::Tensor& tensor, c10::Device device, at::ScalarType type) {
  if (tensor.dim() == 0 && tensor.is_cpu()) return tensor.to(device, type);  // a number
  return tensor.to(type);
}

struct Choice {
  at::Tensor condition;
  at::Tensor self;
  at::Tensor other;
  at::DimVector sizes;
};

Choice check_where(const at::Tensor& condition, const at::Tensor& self, const at::Tensor& other) {
  const at::ScalarType type = at::result_type(self, other);
  const c10::Device device = condition.is_privateuseone() ? condition.device()
                             : self.is_privateuseone()    ? self.device()
                                                          : other.device();
  if (condition.scalar_type() == at::kByte) {
    TORCH_WARN_ONCE(
        "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a "
        "future version of PyTorch. Use a boolean condition instead.");
  } else {
    TORCH_CHECK(condition.scalar_type() == at::kBool,
                "where expected condition to be a boolean tensor, but got a tensor with dtype ",
                condition.scalar_type(), " on ", condition.device());
  }
  Choice choice{on_device(condition, device, at::kBool),
                on_device(self, device, type),
                on_device(other, device, type),
                {}};
  choice.sizes =
      at::infer_size_dimvector(condition.sizes(), at::infer_size_dimvector(self.sizes(), other.sizes()));
  return choice;
}

at::Tensor& choose(const Choice& choice, at::Tensor& out) {
  if (out.numel() != 0) launch<aclnnSWhereGetWorkspaceSize>(choice.condition, choice.self, choice.other, out);
  return out;
}

at::Tensor where(const at::Tensor& condition, const at::Tensor& self, const at::Tensor& other) {
  const Choice choice = check_where(condition, self, other);
  at::Tensor out = empty(choice.sizes, choice.self);
  return choose(choice, out);
}

at::Tensor& where_out(const at::Tensor& condition, const at::Tensor& self, const at::Tensor& other,
                      at::Tensor& out) {
  const Choice choice = check_where(condition, self, other);
  fit_out("where", out, choice.sizes, choice.self.scalar_type());
  for (const at::Tensor* input : {&choice.condition, &choice.self, &choice.other}) {
    at::assert_no_partial_overlap(out, *input);
  }
  return choose(choice, out);
}

// complex numbers from two real ones

template <auto kOp>
at::Tensor& complex_out(const at::Tensor& first, const at::Tensor& second, at::Tensor& out) {
  const at::ScalarType type = first.scalar_type();
  TORCH_CHECK(type == at::kHalf || type == at::kFloat || type == at::kDouble,
              "Expected both inputs to be Half, Float or Double tensors but got ", type, " and ",
              second.scalar_type());
  TORCH_CHECK(type == second.scalar_type(), "Expected object of scalar type ", type, " but got scalar type ",
              second.scalar_type(), " for second argument");
  fit_out("complex", out, at::infer_size_dimvector(first.sizes(), second.sizes()), c10::toComplexType(type));
  if (out.numel() != 0) launch<kOp>(first, second, out);
  return out;
}

// counting

at::Tensor bincount(const at::Tensor& self, const std::optional<at::Tensor>& weights, int64_t minlength) {
  const bool weighted = weights.has_value() && weights->defined();
  TORCH_CHECK(minlength >= 0, "minlength should be >= 0");
  TORCH_CHECK(self.dim() == 1 && at::isIntegralType(self.scalar_type(), true),
              "bincount only supports 1-d non-negative integral inputs.");
  TORCH_CHECK(!weighted || (weights->dim() == 1 && weights->size(0) == self.size(0)),
              "weights should be 1-d and have the same length as input");
  int64_t bins = minlength;
  if (self.numel() != 0) {
    TORCH_CHECK(self.min().item<int64_t>() >= 0, "bincount only supports 1-d non-negative integral inputs.");
    bins = std::max(bins, self.max().item<int64_t>() + 1);
  }
  const at::ScalarType type = !weighted                              ? at::kLong
                              : weights->scalar_type() == at::kFloat ? at::kFloat
                                                                     : at::kDouble;
  at::Tensor out = empty({bins}, type, self.device());
  if (self.numel() == 0) return out.zero_();
  launch<aclnnBincountGetWorkspaceSize>(self, weights, minlength, out);
  return out;
}

at::Tensor& histc_out(const at::Tensor& self, int64_t bins, const at::Scalar& min, const at::Scalar& max,
                      at::Tensor& out) {
  TORCH_CHECK(bins > 0, "bins must be > 0, but got ", bins);
  TORCH_CHECK(min.toDouble() <= max.toDouble(), "max must be larger than min");
  fit_out("histc", out, {bins}, self.scalar_type());
  if (self.numel() == 0) return out.zero_();
  launch<aclnnHistcGetWorkspaceSize>(self, bins, min, max, out);
  return out;
}

at::Tensor histc(const at::Tensor& self, int64_t bins, const at::Scalar& min, const at::Scalar& max) {
  at::Tensor out = empty({0}, self);
  return histc_out(self, bins, min, max, out);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<Cat>(m, "cat", nullptr, "cat.out");
  bind_kernel<&flip>(m, "flip");
  bind_kernel<&roll>(m, "roll");
  bind_kernel<&repeat_interleave>(m, "repeat_interleave.Tensor");
  bind_kernel<&unfold_backward>(m, "unfold_backward");
  bind_kernel<&where>(m, "where.self");
  bind_kernel<&where_out>(m, "where.self_out");
  bind_kernel<&complex_out<&aclnnComplexGetWorkspaceSize>>(m, "complex.out");
  bind_kernel<&complex_out<&aclnnPolarGetWorkspaceSize>>(m, "polar.out");
  bind_kernel<&bincount>(m, "bincount");
  bind_kernel<&histc>(m, "histc");
  bind_kernel<&histc_out>(m, "histc.out");
}

}  // namespace npu
