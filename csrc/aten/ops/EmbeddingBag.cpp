// Sums, means and maxima of bags of embeddings. CANN has the forward; the gradients are compositions.
#include <ATen/TensorOperators.h>
#include <ATen/ops/_embedding_bag_sparse_backward.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

enum Mode : int64_t { kSum = 0, kMean = 1, kMax = 2 };

void check_bags(const at::Tensor& weight, const at::Tensor& indices, const at::Tensor& offsets, int64_t mode,
                const OptionalTensor& per_sample_weights, bool include_last_offset) {
  const auto is_index = [](const at::Tensor& t) {
    return t.scalar_type() == at::kLong || t.scalar_type() == at::kInt;
  };
  TORCH_CHECK(is_index(indices) && is_index(offsets),
              "embedding_bag(): expected indices and offsets of int64 or int32, but got ",
              indices.scalar_type(), " and ", offsets.scalar_type(), " on ", weight.device(), ".");
  TORCH_CHECK(at::isFloatingType(weight.scalar_type()),
              "embedding_bag(): expected a floating weight, but got ", weight.scalar_type(), " on ",
              weight.device(), ".");
  TORCH_CHECK(weight.dim() == 2 && indices.dim() == 1 && offsets.dim() == 1,
              "embedding_bag(): weight has to be a 2D Tensor, indices and offsets 1D Tensors, but they have ",
              weight.dim(), ", ", indices.dim(), " and ", offsets.dim(), " dimensions.");
  TORCH_CHECK(mode >= kSum && mode <= kMax, "embedding_bag(): mode is ", mode, "; it must be 0, 1 or 2.");
  TORCH_CHECK(!include_last_offset || offsets.size(0) >= 1,
              "include_last_offset: number of offset should be at least 1");
  if (!per_sample_weights.has_value() || !per_sample_weights->defined()) return;
  TORCH_CHECK(mode == kSum, "embedding_bag: per_sample_weights was not None. per_sample_weights is only ",
              "supported for mode='sum' (got mode=", mode, ").");
  TORCH_CHECK(per_sample_weights->scalar_type() == weight.scalar_type(),
              "expected per_sample_weights and weight of one dtype, but got ",
              per_sample_weights->scalar_type(), " and ", weight.scalar_type(), ".");
  TORCH_CHECK(per_sample_weights->sizes() == indices.sizes(),
              "expected per_sample_weights of the sizes of indices, ", indices.sizes(), ", but got ",
              per_sample_weights->sizes(), ".");
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> embedding_bag(
    const at::Tensor& weight, const at::Tensor& indices, const at::Tensor& offsets, bool scale_grad_by_freq,
    int64_t mode, bool sparse, const OptionalTensor& per_sample_weights, bool include_last_offset,
    int64_t padding_idx) {
  check_bags(weight, indices, offsets, mode, per_sample_weights, include_last_offset);
  const at::ScalarType type =
      indices.scalar_type() == at::kLong || offsets.scalar_type() == at::kLong ? at::kLong : at::kInt;
  const at::Tensor places = indices.to(type), starts = offsets.to(type);
  const int64_t bags = offsets.size(0) - (include_last_offset ? 1 : 0), width = weight.size(1);
  at::Tensor out = empty({bags, width}, weight);
  at::Tensor bag_of = empty({indices.size(0)}, type, weight.device());
  at::Tensor sizes = empty({bags}, type, weight.device());
  at::Tensor maxima =
      empty(mode == kMax ? at::DimVector{bags, width} : at::DimVector{bags}, type, weight.device());
  if (indices.numel() == 0) {
    out.zero_();
    sizes.zero_();
    maxima.zero_();
  } else if (bags > 0) {
    launch<aclnnEmbeddingBagGetWorkspaceSize>(weight, places, starts, scale_grad_by_freq, mode, sparse,
                                              per_sample_weights, include_last_offset, padding_idx, out,
                                              bag_of, sizes, maxima);
  }
  return {out, bag_of, sizes, maxima};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> embedding_bag_forward_only(
    const at::Tensor& weight, const at::Tensor& indices, const at::Tensor& offsets, bool scale_grad_by_freq,
    int64_t mode, bool sparse, const OptionalTensor& per_sample_weights, bool include_last_offset,
    int64_t padding_idx) {
  return embedding_bag(weight, indices, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights,
                       include_last_offset, padding_idx);
}

// Each maximum came from one row; an empty bag has none.
at::Tensor grad_of_maxima(const at::Tensor& grad, const at::Tensor& sizes, const at::Tensor& maxima,
                          int64_t rows) {
  const at::Tensor found = sizes.gt(0).unsqueeze(1).logical_and(maxima.ge(0));
  const at::Tensor places = maxima.clamp_min(0).to(at::kLong);
  return at::zeros({rows, grad.size(1)}, grad.options()).scatter_add_(0, places, grad * found);
}

at::Tensor dense_backward(const at::Tensor& grad, const at::Tensor& indices, const at::Tensor& bag_of,
                          const at::Tensor& sizes, const at::Tensor& maxima, int64_t rows,
                          bool scale_grad_by_freq, int64_t mode, const OptionalTensor& per_sample_weights,
                          int64_t padding_idx) {
  if (mode == kMax) return grad_of_maxima(grad, sizes, maxima, rows);
  at::Tensor out = at::zeros({rows, grad.size(1)}, grad.options());
  if (indices.numel() == 0 || out.numel() == 0) return out;
  at::Tensor source = grad.index_select(0, bag_of);
  if (mode == kMean) source.div_(sizes.clamp_min(1).index_select(0, bag_of).unsqueeze(1));
  if (per_sample_weights.has_value() && per_sample_weights->defined())
    source.mul_(per_sample_weights->unsqueeze(1));
  if (scale_grad_by_freq) {
    const at::Tensor counts =
        at::zeros({rows}, indices.options()).index_add_(0, indices, at::ones_like(indices));
    source.div_(counts.index_select(0, indices).unsqueeze(1));
  }
  if (padding_idx >= 0) source.masked_fill_(indices.eq(padding_idx).unsqueeze(1), 0);
  return out.index_add_(0, indices, source);
}

at::Tensor backward(const at::Tensor& grad, const at::Tensor& indices, const at::Tensor& offsets,
                    const at::Tensor& bag_of, const at::Tensor& sizes, const at::Tensor& maxima, int64_t rows,
                    bool scale_grad_by_freq, int64_t mode, bool sparse,
                    const OptionalTensor& per_sample_weights, int64_t padding_idx) {
  if (sparse) {
    return at::_embedding_bag_sparse_backward(grad, indices, offsets, bag_of, sizes, rows, scale_grad_by_freq,
                                              mode, per_sample_weights, padding_idx);
  }
  return dense_backward(grad, indices, bag_of, sizes, maxima, rows, scale_grad_by_freq, mode,
                        per_sample_weights, padding_idx);
}

at::Tensor per_sample_weights_backward(const at::Tensor& grad, const at::Tensor& weight,
                                       const at::Tensor& indices, const at::Tensor&, const at::Tensor& bag_of,
                                       int64_t mode, int64_t padding_idx) {
  TORCH_CHECK(mode == kSum, "embedding_bag: per_sample_weights is only supported for mode='sum'");
  if (indices.numel() == 0) return empty({0}, grad);
  const at::Tensor products = (grad.index_select(0, bag_of) * weight.index_select(0, indices)).sum(1);
  return padding_idx >= 0 ? products.masked_fill(indices.eq(padding_idx), 0) : products;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_kernel<&embedding_bag>(m, "_embedding_bag");
  bind_kernel<&embedding_bag_forward_only>(m, "_embedding_bag_forward_only");
  bind_composite<&backward>(m, "_embedding_bag_backward");
  bind_composite<&dense_backward>(m, "_embedding_bag_dense_backward");
  bind_composite<&per_sample_weights_backward>(m, "_embedding_bag_per_sample_weights_backward");
}

}  // namespace npu
