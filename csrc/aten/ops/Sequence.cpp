// Tensors made from numbers: ranges, the identity, the positions in a triangle.
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/native/RangeUtils.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

// Sizes as upstream does for a range: a tensor with the right number of elements keeps its shape.
void resize_range(const char* op, at::Tensor& out, int64_t size) {
  if (out.numel() == size) return;
  if (out.numel() > 0) {
    TORCH_WARN("The number of elements in the out tensor of shape ", out.sizes(), " is ", out.numel(),
               " which does not match the computed number of elements ", size,
               ". The out tensor will be resized to (", size, ",) by ", op, ".");
  }
  out.resize_({size});
}

// Writes through a flat tensor where `out` has another shape or strides that do not flatten.
template <class Launch>
at::Tensor& fill_flat(at::Tensor& out, const Launch& fill) {
  if (out.numel() == 0) return out;
  if (out.is_contiguous()) {
    fill(out.view(-1));
    return out;
  }
  at::Tensor flat = empty({out.numel()}, out);
  fill(flat);
  return out.copy_(flat.view(out.sizes()));
}

at::Tensor& arange_out(const at::Scalar& start, const at::Scalar& end, const at::Scalar& step,
                       at::Tensor& out) {
  int64_t size = 0;
  AT_DISPATCH_ALL_TYPES_AND2(at::kHalf, at::kBFloat16, out.scalar_type(), "arange_npu",
                             [&] { size = at::native::compute_arange_size<scalar_t>(start, end, step); });
  resize_range("arange", out, size);
  return fill_flat(
      out, [&](const at::Tensor& flat) { launch<aclnnArangeGetWorkspaceSize>(start, end, step, flat); });
}

at::Tensor& range_out(const at::Scalar& start, const at::Scalar& end, const at::Scalar& step,
                      at::Tensor& out) {
  at::native::arange_check_bounds(start, end, step);
  const double steps = (end.toDouble() - start.toDouble()) / step.toDouble();
  resize_range("range", out, static_cast<int64_t>(std::floor(steps)) + 1);
  return fill_flat(
      out, [&](const at::Tensor& flat) { launch<aclnnRangeGetWorkspaceSize>(start, end, step, flat); });
}

at::Tensor& linspace_out(const at::Scalar& start, const at::Scalar& end, int64_t steps, at::Tensor& out) {
  TORCH_CHECK(steps >= 0, "number of steps must be non-negative");
  if (out.numel() != steps) out.resize_({steps});
  return fill_flat(
      out, [&](const at::Tensor& flat) { launch<aclnnLinspaceGetWorkspaceSize>(start, end, steps, flat); });
}

at::Tensor& logspace_out(const at::Scalar& start, const at::Scalar& end, int64_t steps, double base,
                         at::Tensor& out) {
  TORCH_CHECK(steps >= 0, "number of steps must be non-negative");
  if (out.numel() != steps) out.resize_({steps});
  return fill_flat(out, [&](const at::Tensor& flat) {
    launch<aclnnLogSpaceGetWorkspaceSize>(start, end, steps, base, flat);
  });
}

at::Tensor& eye_m_out(int64_t n, int64_t m, at::Tensor& out) {
  TORCH_CHECK(n >= 0, "n must be greater or equal to 0, got ", n);
  TORCH_CHECK(m >= 0, "m must be greater or equal to 0, got ", m);
  at::native::resize_output(out, {n, m});
  if (out.numel() != 0) launch<aclnnEyeGetWorkspaceSize>(n, m, out);
  return out;
}

at::Tensor& eye_out(int64_t n, at::Tensor& out) {
  return eye_m_out(n, n, out);
}

at::Tensor positions(at::Tensor triangle, std::optional<at::ScalarType> type) {
  return triangle.nonzero().t().to(type.value_or(at::kLong)).contiguous();
}

at::Tensor full_square(int64_t rows, int64_t columns, std::optional<at::Device> device) {
  TORCH_CHECK(rows >= 0, "row must be non-negative, got", rows);
  TORCH_CHECK(columns >= 0, "col must be non-negative, got", columns);
  return at::ones({rows, columns}, at::TensorOptions().dtype(at::kBool).device(device));
}

at::Tensor tril_indices(int64_t rows, int64_t columns, int64_t offset, std::optional<at::ScalarType> type,
                        std::optional<at::Layout>, std::optional<at::Device> device, std::optional<bool>) {
  return positions(full_square(rows, columns, device).tril(offset), type);
}

at::Tensor triu_indices(int64_t rows, int64_t columns, int64_t offset, std::optional<at::ScalarType> type,
                        std::optional<at::Layout>, std::optional<at::Device> device, std::optional<bool>) {
  return positions(full_square(rows, columns, device).triu(offset), type);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_kernel<&arange_out>(m, "arange.start_out");
  bind_kernel<&range_out>(m, "range.out");
  bind_kernel<&linspace_out>(m, "linspace.out");
  bind_kernel<&logspace_out>(m, "logspace.out");
  bind_kernel<&eye_out>(m, "eye.out");
  bind_kernel<&eye_m_out>(m, "eye.m_out");
  bind_kernel<&tril_indices>(m, "tril_indices");
  bind_kernel<&triu_indices>(m, "triu_indices");
}

}  // namespace npu
