"""Attention layers in training and in inference, where torch takes another way, against CPU torch."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as functional
from aten.peer import compare, make, no_fallback, same
from torch import nn

PADDING = torch.tensor([[False, False, False, True], [False, False, True, True]])
CAUSAL = torch.triu(torch.ones(4, 4, dtype=torch.bool), diagonal=1)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("masks", ["none", "padding", "causal", "both"])
def test_encoder(training: bool, norm_first: bool, activation: str, masks: str) -> None:
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, activation, batch_first=True, norm_first=norm_first)
    module = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).train(training)
    x = make(2, 4, 8)
    results = []
    for device in ("cpu", "npu"):
        settings = {}
        if masks in ("padding", "both"):
            settings["src_key_padding_mask"] = PADDING.to(device)
        if masks in ("causal", "both"):
            settings["mask"] = CAUSAL.to(device)
        with torch.set_grad_enabled(training), no_fallback():
            results.append(copy.deepcopy(module).to(device)(x.to(device), **settings).detach())
    compare(results[1], results[0], 1e-5)


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_multi_head_attention(need_weights: bool, average: bool, training: bool) -> None:
    torch.manual_seed(0)
    module = nn.MultiheadAttention(8, 2, batch_first=True).train(training)
    x, other = make(2, 4, 8), make(2, 5, 8, seed=1)
    for key in (x, other):
        results = []
        for device in ("cpu", "npu"):
            q, k = x.to(device), key.to(device)
            q, k = (q, q) if key is x else (q, k)
            with torch.set_grad_enabled(training), no_fallback():
                out, weights = copy.deepcopy(module).to(device)(
                    q, k, k, need_weights=need_weights, average_attn_weights=average
                )
            results.append([out.detach(), None if weights is None else weights.detach()])
        compare(results[1], results[0], 1e-5)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_scaled_dot_product(causal: bool, dtype: torch.dtype) -> None:
    args = [make(2, 3, 4, 8, dtype=dtype, seed=seed) for seed in range(3)]
    same(lambda q, k, v: functional.scaled_dot_product_attention(q, k, v, is_causal=causal), *args, grad=True)
    mask = make(4, 4, dtype=dtype, seed=9)
    same(lambda q, k, v, m: functional.scaled_dot_product_attention(q, k, v, m), *args, mask, grad=True)
    same(lambda q, k, v, m: functional.scaled_dot_product_attention(q, k, v, m), *args, ~CAUSAL)


def test_transformer_learns_as_on_the_cpu() -> None:
    torch.manual_seed(0)
    module = nn.Transformer(8, 2, 1, 1, 16, dropout=0.0, batch_first=True)
    losses = []
    for device in ("cpu", "npu"):
        model = copy.deepcopy(module).to(device)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
        source, target = make(2, 4, 8).to(device), make(2, 3, 8, seed=1).to(device)
        with no_fallback():
            for _ in range(5):
                loss = functional.mse_loss(model(source, target), target)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        losses.append(loss.item())
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)


def test_wrong_arguments_are_refused() -> None:
    x, weight = make(2, 4, 8).npu(), make(24, 8).npu()
    rest = (weight, make(24).npu(), make(8, 8).npu(), make(8).npu())
    with pytest.raises(RuntimeError, match=r"must be \(batch, length, 8\)"):
        torch._native_multi_head_attention(x[0], x[0], x[0], 8, 2, *rest)
    with pytest.raises(RuntimeError, match="embed_dim 8 must be a multiple of num_heads 3"):
        torch._native_multi_head_attention(x, x, x, 8, 3, *rest)
    with pytest.raises(RuntimeError, match="a mask must be"):
        torch._native_multi_head_attention(x, x, x, 8, 2, *rest, mask=make(4, dtype=torch.bool).npu(), mask_type=0)
