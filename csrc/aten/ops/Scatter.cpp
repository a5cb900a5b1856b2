// gather, scatter and their kin: structured, with an index tensor of the operand's rank; and embeddings.
#include <ATen/ATen.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

// The reductions of CANN's scatter operators.
enum Reduction : int64_t { kNone, kAdd, kMultiply, kMaximum, kMinimum, kMean };

Reduction reduction_of(const char* op, c10::string_view name) {
  if (name == "add" || name == "sum") return kAdd;
  if (name == "multiply" || name == "prod") return kMultiply;
  if (name == "amax") return kMaximum;
  if (name == "amin") return kMinimum;
  if (name == "mean") return kMean;
  TORCH_CHECK(false, op,
              "(): reduce argument must be one of add, multiply, sum, prod, amax, amin, mean, but got ",
              name);
}

struct Gather : Row<at::meta::structured_gather, 1> {
  static void run(const at::Tensor& self, int64_t dim, const at::Tensor& index, bool, const at::Tensor& out) {
    launch<aclnnGatherGetWorkspaceSize>(self, dim, index, out);
  }
};

// True where nothing is scattered: then the result is self.
bool nothing(const at::Tensor& self, const at::Tensor& index, const at::Tensor& out) {
  if (index.numel() != 0) return false;
  if (!out.is_same(self)) out.copy_(self);
  return true;
}

void scatter_tensor(const at::Tensor& self, int64_t dim, const at::Tensor& index, const at::Tensor& src,
                    Reduction reduction, const at::Tensor& out) {
  if (nothing(self, index, out)) return;
  if (out.is_same(self)) {
    launch<aclnnInplaceScatterGetWorkspaceSize>(out, dim, index, src, int64_t{reduction});
  } else {
    launch<aclnnScatterGetWorkspaceSize>(self, dim, index, src, int64_t{reduction}, out);
  }
}

void scatter_number(const at::Tensor& self, int64_t dim, const at::Tensor& index, const at::Scalar& value,
                    Reduction reduction, const at::Tensor& out) {
  if (nothing(self, index, out)) return;
  if (out.is_same(self)) {
    launch<aclnnInplaceScatterValueGetWorkspaceSize>(out, dim, index, value, int64_t{reduction});
  } else {
    launch<aclnnScatterValueGetWorkspaceSize>(self, dim, index, value, int64_t{reduction}, out);
  }
}

struct ScatterSrc : Row<at::meta::structured_scatter_src, 1> {
  static void run(const at::Tensor& self, int64_t dim, const at::Tensor& index, const at::Tensor& src,
                  const at::Tensor& out) {
    scatter_tensor(self, dim, index, src, kNone, out);
  }
};

struct ScatterValue : Row<at::meta::structured_scatter_value, 1> {
  static void run(const at::Tensor& self, int64_t dim, const at::Tensor& index, const at::Scalar& value,
                  const at::Tensor& out) {
    scatter_number(self, dim, index, value, kNone, out);
  }
};

struct ScatterSrcReduce : Row<at::meta::structured_scatter_reduce, 1> {
  static void run(const at::Tensor& self, int64_t dim, const at::Tensor& index, const at::Tensor& src,
                  c10::string_view reduce, const at::Tensor& out) {
    scatter_tensor(self, dim, index, src, reduction_of("scatter", reduce), out);
  }
};

struct ScatterValueReduce : Row<at::meta::structured_scatter_value_reduce, 1> {
  static void run(const at::Tensor& self, int64_t dim, const at::Tensor& index, const at::Scalar& value,
                  c10::string_view reduce, const at::Tensor& out) {
    scatter_number(self, dim, index, value, reduction_of("scatter", reduce), out);
  }
};

struct ScatterAdd : Row<at::meta::structured_scatter_add, 1> {
  static void run(const at::Tensor& self, int64_t dim, const at::Tensor& index, const at::Tensor& src,
                  const at::Tensor& out) {
    if (!nothing(self, index, out)) launch<aclnnScatterAddGetWorkspaceSize>(self, dim, index, src, out);
  }
};

struct ScatterReduce : Row<at::meta::structured_scatter_reduce_two, 1> {
  static void run(const at::Tensor& self, int64_t dim, const at::Tensor& index, const at::Tensor& src,
                  c10::string_view reduce, bool include_self, const at::Tensor& out) {
    if (nothing(self, index, out)) return;
    const int64_t reduction = reduction_of("scatter_reduce", reduce);
    if (out.is_same(self)) {
      launch<aclnnInplaceScatterReduceGetWorkspaceSize>(out, dim, index, src, reduction, include_self);
    } else {
      launch<aclnnScatterReduceGetWorkspaceSize>(self, dim, index, src, reduction, include_self, out);
    }
  }
};

struct IndexAdd : Row<at::meta::structured_index_add, 1> {
  static void run(const at::Tensor& self, int64_t dim, const at::Tensor& index, const at::Tensor& source,
                  const at::Scalar& alpha, const at::Tensor& out) {
    if (!nothing(self, index, out))
      launch<aclnnIndexAddGetWorkspaceSize>(self, dim, index, source, alpha, out);
  }
};

struct IndexCopy : Row<at::meta::structured_index_copy, 1> {
  static void run(const at::Tensor& self, int64_t dim, const at::Tensor& index, const at::Tensor& source,
                  const at::Tensor& out) {
    if (nothing(self, index, out)) return;
    if (!out.is_same(self)) out.copy_(self);
    launch<aclnnInplaceIndexCopyGetWorkspaceSize>(out, dim, index, source);
  }
};

// Embeddings

void check_indices(const char* op, const at::Tensor& indices) {
  TORCH_CHECK(indices.scalar_type() == at::kLong || indices.scalar_type() == at::kInt, op,
              "(): expected indices of dtype int64 or int32, but got ", indices.scalar_type(), " on ",
              indices.device(), ".");
}

at::Tensor embedding(const at::Tensor& weight, const at::Tensor& indices, int64_t, bool, bool) {
  TORCH_CHECK(weight.dim() == 2, "'weight' must be 2-D");
  check_indices("embedding", indices);
  at::DimVector sizes(indices.sizes());
  sizes.push_back(weight.size(1));
  at::Tensor out = empty(sizes, weight);
  if (out.numel() == 0) return out;
  TORCH_CHECK_INDEX(weight.size(0) != 0, "embedding(): index out of range in an empty weight on ",
                    weight.device());
  launch<aclnnEmbeddingGetWorkspaceSize>(weight, indices, out);
  return out;
}

at::Tensor embedding_dense_backward(const at::Tensor& grad, const at::Tensor& indices, int64_t rows,
                                    int64_t padding_idx, bool scale_grad_by_freq) {
  check_indices("embedding_dense_backward", indices);
  at::Tensor out = empty({rows, grad.size(-1)}, grad);
  if (out.numel() == 0) return out;
  if (indices.numel() == 0) return out.zero_();
  launch<aclnnEmbeddingDenseBackwardGetWorkspaceSize>(grad, indices, static_cast<uint64_t>(rows),
                                                      static_cast<uint64_t>(padding_idx), scale_grad_by_freq,
                                                      out);
  return out;
}

at::Tensor& embedding_renorm_(at::Tensor& self, const at::Tensor& indices, double max_norm,
                              double norm_type) {
  TORCH_CHECK(self.dim() == 2, "'self' must be 2-D");
  check_indices("embedding_renorm_", indices);
  if (indices.numel() != 0) launch<aclnnEmbeddingRenormGetWorkspaceSize>(self, indices, max_norm, norm_type);
  return self;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<Gather>(m, "gather", nullptr, "gather.out");
  bind<ScatterSrc>(m, nullptr, "scatter_.src", "scatter.src_out");
  bind<ScatterValue>(m, nullptr, "scatter_.value", "scatter.value_out");
  bind<ScatterSrcReduce>(m, nullptr, "scatter_.reduce", "scatter.reduce_out");
  bind<ScatterValueReduce>(m, nullptr, "scatter_.value_reduce", "scatter.value_reduce_out");
  bind<ScatterAdd>(m, nullptr, "scatter_add_", "scatter_add.out");
  bind<ScatterReduce>(m, nullptr, "scatter_reduce_.two", "scatter_reduce.two_out");
  bind<IndexAdd>(m, nullptr, "index_add_", "index_add.out");
  bind<IndexCopy>(m, nullptr, "index_copy_", "index_copy.out");
  bind_kernel<&embedding>(m, "embedding");
  bind_kernel<&embedding_dense_backward>(m, "embedding_dense_backward");
  bind_kernel<&embedding_renorm_>(m, "embedding_renorm_");
}

}  // namespace npu
