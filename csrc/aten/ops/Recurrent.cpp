// The cells of LSTM and GRU: what follows the products of input and state with the weights. Upstream's
// at::lstm and at::gru loop over time and layers and call these for every device but the CPU.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

std::tuple<at::Tensor, at::Tensor, at::Tensor> lstm_cell(const at::Tensor& input_gates,
                                                         const at::Tensor& hidden_gates, const at::Tensor& cx,
                                                         const OptionalTensor& input_bias,
                                                         const OptionalTensor& hidden_bias) {
  at::Tensor hy = at::empty_like(cx), cy = at::empty_like(cx);
  at::Tensor storage = empty(input_gates.sizes(), input_gates);
  if (cx.numel() != 0) {
    launch<aclnnThnnFusedLstmCellGetWorkspaceSize>(input_gates, hidden_gates, cx, input_bias, hidden_bias, hy,
                                                   cy, storage);
  }
  return {hy, cy, storage};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> lstm_cell_backward(const OptionalTensor& grad_hy,
                                                                  const OptionalTensor& grad_cy,
                                                                  const at::Tensor& cx, const at::Tensor& cy,
                                                                  const at::Tensor& storage, bool has_bias) {
  const bool wanted = (grad_hy && grad_hy->defined()) || (grad_cy && grad_cy->defined());
  if (!wanted) return {};
  at::Tensor grad_gates = at::empty_like(storage), grad_cx = at::empty_like(cx);
  at::Tensor grad_bias = has_bias ? empty({storage.size(1)}, storage) : at::Tensor();
  if (cx.numel() != 0) {
    launch<aclnnThnnFusedLstmCellBackwardGetWorkspaceSize>(grad_hy, grad_cy, cx, cy, storage, has_bias,
                                                           grad_gates, grad_cx, grad_bias);
  } else if (has_bias) {
    grad_bias.zero_();
  }
  return {grad_gates, grad_cx, grad_bias};
}

// CANN has no operator for a single GRU cell, so it is a composition. `workspace` is upstream's: reset gate,
// update gate, new state, the state before, and the hidden part of the new state, behind one another.
std::tuple<at::Tensor, at::Tensor> gru_cell(const at::Tensor& input_gates, const at::Tensor& hidden_gates,
                                            const at::Tensor& hx, const OptionalTensor& input_bias,
                                            const OptionalTensor& hidden_bias) {
  TORCH_CHECK(hx.dim() == 2 && input_gates.dim() == 2 && input_gates.sizes() == hidden_gates.sizes() &&
                  input_gates.size(1) == 3 * hx.size(1),
              "_thnn_fused_gru_cell: the gates must have shape (batch, 3 * hidden) where the state has ",
              hx.sizes(), ", but are ", input_gates.sizes(), " and ", hidden_gates.sizes(), " on ",
              hx.device(), ".");
  const auto biased = [](const at::Tensor& gates, const OptionalTensor& bias) {
    return (bias && bias->defined() ? gates + *bias : gates).chunk(3, 1);
  };
  const std::vector<at::Tensor> input = biased(input_gates, input_bias);
  const std::vector<at::Tensor> hidden = biased(hidden_gates, hidden_bias);
  const at::Tensor reset = at::sigmoid(input[0] + hidden[0]);
  const at::Tensor update = at::sigmoid(input[1] + hidden[1]);
  const at::Tensor fresh = at::tanh(input[2] + reset * hidden[2]);
  return {fresh + update * (hx - fresh), at::cat({reset, update, fresh, hx, hidden[2]}, 1)};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, at::Tensor> gru_cell_backward(
    const at::Tensor& grad_hy, const at::Tensor& workspace, bool has_bias) {
  const std::vector<at::Tensor> parts = workspace.chunk(5, 1);
  const at::Tensor &reset = parts[0], &update = parts[1], &fresh = parts[2], &hx = parts[3],
                   &hidden = parts[4];
  const at::Tensor grad_fresh = grad_hy * (1 - update) * (1 - fresh * fresh);
  const at::Tensor grad_update = grad_hy * (hx - fresh) * (1 - update) * update;
  const at::Tensor grad_reset = grad_fresh * hidden * (1 - reset) * reset;
  at::Tensor grad_input = at::cat({grad_reset, grad_update, grad_fresh}, 1);
  at::Tensor grad_hidden = at::cat({grad_reset, grad_update, grad_fresh * reset}, 1);
  at::Tensor grad_input_bias, grad_hidden_bias;
  if (has_bias) {
    grad_input_bias = grad_input.sum(0);
    grad_hidden_bias = grad_hidden.sum(0);
  }
  return {grad_input, grad_hidden, grad_hy * update, grad_input_bias, grad_hidden_bias};
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_kernel<&lstm_cell>(m, "_thnn_fused_lstm_cell");
  bind_kernel<&lstm_cell_backward>(m, "_thnn_fused_lstm_cell_backward_impl");
  bind_composite<&gru_cell>(m, "_thnn_fused_gru_cell");
  bind_composite<&gru_cell_backward>(m, "_thnn_fused_gru_cell_backward");
}

}  // namespace
}  // namespace npu
