// Small compositions: weight normalisation, channel shuffling, nonzero of a given size.
#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/norm_except_dim.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

// w = v * g / ||v||, one norm for each entry along `dim`, which is the first or the last (Salimans and
// Kingma, Weight Normalization, 2016).
std::tuple<at::Tensor, at::Tensor> weight_norm(const at::Tensor& v, const at::Tensor& g, int64_t dim) {
  const at::Tensor norms = at::norm_except_dim(v, 2, dim);
  return {v * (g / norms), norms};
}

std::tuple<at::Tensor, at::Tensor> weight_norm_backward(const at::Tensor& grad, const at::Tensor& v,
                                                        const at::Tensor& g, const at::Tensor& norms,
                                                        int64_t dim) {
  at::DimVector others;
  for (int64_t i = 0; i < v.dim(); ++i) {
    if (i != dim) others.push_back(i);
  }
  const at::Tensor along = others.empty() ? grad * v : (grad * v).sum(at::IntArrayRef(others), true);
  return {g / norms * (grad - v * (along / (norms * norms))), along / norms};
}

at::Tensor channel_shuffle(const at::Tensor& self, int64_t groups) {
  TORCH_CHECK(self.dim() > 2, "channel_shuffle expects input with > 2 dims, but got input with sizes ",
              self.sizes());
  TORCH_CHECK(groups > 0,
              "Number of groups to divide channels in must be positive. Value of groups:", groups);
  TORCH_CHECK(self.size(1) % groups == 0, "Number of channels must be divisible by groups. Got ",
              self.size(1), " channels and ", groups, " groups.");
  return self.unflatten(1, {groups, self.size(1) / groups}).transpose(1, 2).flatten(1, 2).contiguous();
}

// The first `size` rows of nonzero(), filled up where there are fewer.
at::Tensor nonzero_static(const at::Tensor& self, int64_t size, int64_t fill) {
  TORCH_CHECK(size >= 0, "nonzero_static: 'size' must be an non-negative integer");
  at::Tensor out = at::full({size, self.dim()}, fill, self.options().dtype(at::kLong));
  const at::Tensor found = at::nonzero(self);
  const int64_t rows = std::min(size, found.size(0));
  out.narrow(0, 0, rows).copy_(found.narrow(0, 0, rows));
  return out;
}

bool is_set_to(const at::Tensor& self, const at::Tensor& other) {
  return self.storage().is_alias_of(other.storage()) && self.storage_offset() == other.storage_offset() &&
         self.sizes() == other.sizes() && self.strides() == other.strides();
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_composite<&weight_norm>(m, "_weight_norm_interface");
  bind_composite<&weight_norm_backward>(m, "_weight_norm_interface_backward");
  bind_composite<&channel_shuffle>(m, "channel_shuffle");
  bind_composite<&nonzero_static>(m, "nonzero_static");
  bind_composite<&OutOf<&nonzero_static>::call>(m, "nonzero_static.out");
  bind_composite<&is_set_to>(m, "is_set_to");
}

}  // namespace
}  // namespace npu
