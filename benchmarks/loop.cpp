// Loops over one operator without Python, for benchmarks/dispatch.py: what the dispatcher and the backend
// cost alone.
#include <ATen/core/Tensor.h>
#include <ATen/ops/add.h>
#include <torch/library.h>

namespace {

at::Tensor add_loop(const at::Tensor& x, const at::Tensor& y, int64_t count) {
  at::Tensor z;
  for (int64_t i = 0; i < count; ++i) z = at::add(x, y);
  return z;
}

}  // namespace

TORCH_LIBRARY(npu_benchmark, m) {
  m.def("add_loop(Tensor x, Tensor y, int count) -> Tensor", &add_loop);
}
