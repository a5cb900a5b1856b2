"""Recurrent layers and cells with their gradients against CPU torch, and an LSTM cell against its equations."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from aten.peer import compare, make, no_fallback
from torch import nn

LAYERS: dict[str, Callable[[], nn.Module]] = {
    "LSTM": lambda: nn.LSTM(4, 6, num_layers=2),
    "LSTM no bias": lambda: nn.LSTM(4, 6, bias=False, batch_first=True),
    "LSTM both ways": lambda: nn.LSTM(4, 6, bidirectional=True),
    "LSTM projection": lambda: nn.LSTM(4, 6, proj_size=3),
    "GRU": lambda: nn.GRU(4, 6, num_layers=2),
    "GRU no bias": lambda: nn.GRU(4, 6, bias=False, batch_first=True),
    "GRU both ways": lambda: nn.GRU(4, 6, bidirectional=True),
    "RNN tanh": lambda: nn.RNN(4, 6, num_layers=2),
    "RNN relu": lambda: nn.RNN(4, 6, nonlinearity="relu"),
}
CELLS: dict[str, Callable[[], nn.Module]] = {
    "LSTMCell": lambda: nn.LSTMCell(4, 6),
    "GRUCell": lambda: nn.GRUCell(4, 6),
    "RNNCell": lambda: nn.RNNCell(4, 6),
}


def run(module: nn.Module, x: torch.Tensor) -> tuple[object, list[torch.Tensor | None]]:
    """Results and gradients of a module."""
    x = x.clone().requires_grad_()
    result = module(x)
    leaves = [t for t in torch.utils._pytree.tree_leaves(result) if isinstance(t, torch.Tensor)]
    torch.autograd.backward(leaves, [make(*t.shape, dtype=t.dtype, seed=7).to(t.device) for t in leaves])
    return [t.detach() for t in leaves], [x.grad, *(p.grad for p in module.parameters())]


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", [*LAYERS, *CELLS])
def test_module(name: str, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    module = {**LAYERS, **CELLS}[name]().to(dtype)
    x = make(*((5, 3, 4) if name in LAYERS else (3, 4)), dtype=dtype)
    peer = copy.deepcopy(module).npu()
    want = run(module, x)
    with no_fallback():
        got = run(peer, x.npu())
    compare(got, want, 1e-5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_half_types_are_near_float(name: str, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    module, x = LAYERS[name](), make(5, 3, 4)
    want, _ = run(module, x)
    with no_fallback():
        got, _ = run(copy.deepcopy(module).to(dtype).npu(), x.to(dtype).npu())
    for left, right in zip(got, want, strict=True):
        torch.testing.assert_close(left.float().cpu(), right, rtol=0, atol=2e-2 if dtype == torch.float16 else 1e-1)


def test_packed_sequences() -> None:
    torch.manual_seed(0)
    module = nn.LSTM(4, 6)
    padded, lengths = make(5, 3, 4), torch.tensor([5, 3, 2])
    results = []
    for device in ("cpu", "npu"):
        packed = nn.utils.rnn.pack_padded_sequence(padded.to(device), lengths)
        output, _ = copy.deepcopy(module).to(device)(packed)
        results.append(nn.utils.rnn.pad_packed_sequence(output)[0].detach())
    compare(results[1], results[0], 1e-5)


def test_lstm_cell_is_its_equations() -> None:
    gates, more, cx = make(2, 12), make(2, 12, seed=1), make(2, 3, seed=2)
    with no_fallback():
        hy, cy, _ = torch.ops.aten._thnn_fused_lstm_cell(gates.npu(), more.npu(), cx.npu())
    i, f, g, o = np.split(gates.numpy() + more.numpy(), 4, axis=1)

    def sigmoid(x: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-x))

    cell = sigmoid(f) * cx.numpy() + sigmoid(i) * np.tanh(g)
    np.testing.assert_allclose(cy.cpu().numpy(), cell, rtol=1e-5)
    np.testing.assert_allclose(hy.cpu().numpy(), sigmoid(o) * np.tanh(cell), rtol=1e-5)


def test_wrong_gates_are_refused() -> None:
    gates, cx = make(2, 12).npu(), make(2, 3).npu()
    with pytest.raises(RuntimeError, match=r"the gates must have shape \(batch, 4 \* hidden\)"):
        torch.ops.aten._thnn_fused_lstm_cell(gates[:, :11], gates[:, :11], cx)
    with pytest.raises(RuntimeError, match="the data types .* must be the same"):
        torch.ops.aten._thnn_fused_lstm_cell(gates.double(), gates.double(), cx)
    with pytest.raises(RuntimeError, match=r"the gates must have shape \(batch, 3 \* hidden\)"):
        torch.ops.aten._thnn_fused_gru_cell(gates, gates, cx)


def test_an_operator_that_only_devices_have_is_named() -> None:
    """No kernel here and none for the CPU: the error names the operator and not the CPU's dispatch table."""
    warnings.simplefilter("ignore")
    x = make(2, 3, 4, 4).npu()
    with pytest.raises(
        NotImplementedError, match="aten::cudnn_convolution.* has no kernel on npu, and none on the CPU"
    ):
        torch.ops.aten.cudnn_convolution(x, make(2, 3, 1, 1).npu(), [0, 0], [1, 1], [1, 1], 1, False, False, False)
