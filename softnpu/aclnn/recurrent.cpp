// The pointwise part of an LSTM cell. The four gates lie behind one another in the last dimension: input,
// forget, cell, output. `storage` keeps them after their activation for the backward.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros_like.h>

#include <vector>

#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"

using namespace softnpu;

namespace {

void check_cell(In gates, In cx) {
  TORCH_CHECK(
      gates.dim() == 2 && cx.dim() == 2 && gates.size(0) == cx.size(0) && gates.size(1) == 4 * cx.size(1),
      "the gates must have shape (batch, 4 * hidden) where the cell has (batch, hidden), but are ",
      gates.sizes(), " and ", cx.sizes());
  expect_same_dtype(gates, cx);
}

void check_bias(OptIn bias, In gates) {
  if (!present(bias)) return;
  TORCH_CHECK(bias->dim() == 1 && bias->size(0) == gates.size(1),
              "a bias must have shape (4 * hidden), but is ", bias->sizes());
  expect_same_dtype(*bias, gates);
}

}  // namespace

SOFT_OP(aclnnThnnFusedLstmCell, Floating,
        (In inputGates, In hiddenGates, In cx, OptIn inputBiasOptional, OptIn hiddenBiasOptional, Out hyOut,
         Out cyOut, Out storageOut),
        {
          check_cell(inputGates, cx);
          check_cell(hiddenGates, cx);
          check_bias(inputBiasOptional, inputGates);
          check_bias(hiddenBiasOptional, inputGates);
          if (checking()) {
            expect_like(hyOut, cx);
            expect_like(cyOut, cx);
            return expect_like(storageOut, inputGates);
          }
          at::Tensor gates = wide(inputGates) + wide(hiddenGates);
          if (present(inputBiasOptional)) gates += wide(*inputBiasOptional);
          if (present(hiddenBiasOptional)) gates += wide(*hiddenBiasOptional);
          const std::vector<at::Tensor> parts = gates.chunk(4, 1);
          const at::Tensor input = parts[0].sigmoid(), forget = parts[1].sigmoid();
          const at::Tensor cell = parts[2].tanh(), output = parts[3].sigmoid();
          const at::Tensor cy = forget * wide(cx) + input * cell;
          put(hyOut, output * cy.tanh());
          put(cyOut, cy);
          put(storageOut, at::cat({input, forget, cell, output}, 1));
        })

SOFT_OP(aclnnThnnFusedLstmCellBackward, Floating,
        (OptIn gradHyOptional, OptIn gradCOptional, In cx, In cy, In storage, bool hasBias, Out gradGatesOut,
         Out gradCxOut, OptOut gradBiasOut),
        {
          check_cell(storage, cx);
          expect_same_dtype(cx, cy);
          TORCH_CHECK(cx.sizes() == cy.sizes(), "cx and cy must have one shape");
          for (const auto& grad : {present(gradHyOptional), present(gradCOptional)})
            TORCH_CHECK(!grad || grad->sizes() == cx.sizes(), "a gradient must have the shape of cx");
          TORCH_CHECK(!hasBias || gradBiasOut, "gradBiasOut is a null pointer although hasBias is true");
          if (checking()) {
            expect_like(gradGatesOut, storage);
            if (hasBias) expect(gradBiasOut.tensor, storage.sizes().slice(1), storage.scalar_type());
            return expect_like(gradCxOut, cx);
          }
          const at::Tensor gates = wide(storage), tanh_cy = wide(cy).tanh();
          const std::vector<at::Tensor> parts = gates.chunk(4, 1);
          const at::Tensor &input = parts[0], &forget = parts[1], &cell = parts[2], &output = parts[3];
          at::Tensor grad_hy = at::zeros_like(tanh_cy), grad_cell = grad_hy;
          if (present(gradHyOptional)) grad_hy = wide(*gradHyOptional);
          if (present(gradCOptional)) grad_cell = wide(*gradCOptional);
          grad_cell = grad_cell + grad_hy * output * (1 - tanh_cy * tanh_cy);
          const at::Tensor grads =
              at::cat({grad_cell * cell * input * (1 - input), grad_cell * wide(cx) * forget * (1 - forget),
                       grad_cell * input * (1 - cell * cell), grad_hy * tanh_cy * output * (1 - output)},
                      1);
          put(gradGatesOut, grads);
          put(gradCxOut, grad_cell * forget);
          if (hasBias) put(gradBiasOut, grads.sum(0));
        })
