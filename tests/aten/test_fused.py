"""torch_npu.npu_fusion_attention, npu_rms_norm, npu_swiglu and npu_rotary_mul against what they stand for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as functional
from aten.peer import make, no_fallback

import torch_npu

TOLERANCE = {torch.float32: 2e-5, torch.bfloat16: 4e-2, torch.float16: 5e-3}


def agree(ours: Callable, theirs: Callable, *tensors: torch.Tensor, tolerance: float) -> None:
    """Compare values and gradients; ``theirs`` runs on the CPU in float32."""
    mine = [t.npu().requires_grad_() for t in tensors]
    peers = [t.float().requires_grad_() for t in tensors]
    with no_fallback():
        got = ours(*mine)
        cotangent = make(*got.shape, seed=9)
        got.backward(cotangent.to(got.dtype).npu())
    want = theirs(*peers)
    want.backward(cotangent)
    assert got.dtype == tensors[0].dtype
    pairs = [(got.detach(), want.detach()), *((a.grad, b.grad) for a, b in zip(mine, peers))]
    for left, right in pairs:
        torch.testing.assert_close(left.float().cpu(), right, rtol=tolerance, atol=tolerance)


def to_layout(x: torch.Tensor, layout: str) -> torch.Tensor:
    """From (batch, heads, length, width)."""
    if layout == "BNSD":
        return x.contiguous()
    x = x.transpose(1, 2)
    if layout == "BSND":
        return x.contiguous()
    return x.flatten(2) if layout == "BSH" else x.flatten(2).transpose(0, 1).contiguous()


def from_layout(x: torch.Tensor, layout: str, width: int) -> torch.Tensor:
    if layout == "BNSD":
        return x
    if layout == "SBH":
        x = x.transpose(0, 1)
    return (x if layout == "BSND" else x.unflatten(2, (-1, width))).transpose(1, 2)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("layout", ["BNSD", "BSND", "BSH", "SBH"])
@pytest.mark.parametrize("heads", [(4, 4), (4, 2)])
def test_attention(heads: tuple[int, int], layout: str, dtype: torch.dtype) -> None:
    q = make(2, heads[0], 5, 8, dtype=dtype)
    k, v = (make(2, heads[1], 7, 8, dtype=dtype, seed=seed) for seed in (1, 2))

    def ours(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return torch_npu.npu_fusion_attention(q, k, v, heads[0], layout, scale=0.3)[0]

    def theirs(*parts: torch.Tensor) -> torch.Tensor:
        q, k, v = (from_layout(part, layout, 8) for part in parts)
        return to_layout(functional.scaled_dot_product_attention(q, k, v, scale=0.3, enable_gqa=True), layout)

    agree(ours, theirs, *(to_layout(t, layout) for t in (q, k, v)), tolerance=TOLERANCE[dtype])


MASK = make(5, 5, dtype=torch.bool, seed=4) & ~torch.eye(5, dtype=torch.bool)
TRIANGLE = torch.triu(torch.ones(2048, 2048, dtype=torch.bool), 1)


@pytest.mark.parametrize(
    ("mask", "mode", "visible"),
    [(MASK, 1, ~MASK), (TRIANGLE, 2, torch.ones(5, 5).tril().bool()), (TRIANGLE, 3, torch.ones(5, 5).tril().bool())],
)
def test_attention_with_masks(mask: torch.Tensor, mode: int, visible: torch.Tensor) -> None:
    mask_on = mask.npu()
    agree(
        lambda q, k, v: torch_npu.npu_fusion_attention(q, k, v, 2, "BNSD", atten_mask=mask_on, sparse_mode=mode)[0],
        lambda q, k, v: functional.scaled_dot_product_attention(q, k, v, attn_mask=visible, scale=1.0),
        *(make(2, 2, 5, 8, seed=seed) for seed in range(3)),
        tolerance=2e-5,
    )


def test_attention_with_position_encoding() -> None:
    agree(
        lambda q, k, v, e: torch_npu.npu_fusion_attention(q, k, v, 2, "BNSD", pse=e, scale=0.5)[0],
        lambda q, k, v, e: ((q @ k.mT + e) * 0.5).softmax(-1) @ v,
        *(make(2, 2, 5, 8, seed=seed) for seed in range(3)),
        make(2, 2, 5, 5, seed=3),
        tolerance=2e-5,
    )


def test_what_attention_returns() -> None:
    q, k, v = (make(2, 2, 5, 8, seed=seed).npu() for seed in range(3))
    out, maximum, total, scores, seed, offset, count = torch_npu.npu_fusion_attention(q, k, v, 2, "BNSD")
    want = (q @ k.mT).cpu()
    assert maximum.shape == total.shape == (2, 2, 5, 8) and scores.numel() == 0 and out.shape == q.shape
    torch.testing.assert_close(maximum[..., 0].cpu(), want.amax(-1))
    torch.testing.assert_close(total[..., 3].cpu(), (want - want.amax(-1, True)).exp().sum(-1))
    assert (seed, offset, count) == (0, 0, 2 * 2 * 5 * 5)


def test_dropout_of_attention_is_a_function_of_the_seed_and_the_same_in_the_gradient() -> None:
    q, k, v = (make(2, 4, 32, 8, seed=seed).npu().requires_grad_() for seed in range(3))

    def run() -> tuple[torch.Tensor, ...]:
        out = torch_npu.npu_fusion_attention(q, k, v, 4, "BNSD", keep_prob=0.8)[0]
        return out.detach(), *torch.autograd.grad(out.sum(), (q, k, v))

    torch.npu.manual_seed(5)
    first, other = run(), run()
    torch.npu.manual_seed(5)
    again = run()
    assert all(torch.equal(a, b) for a, b in zip(first, again))
    assert not torch.equal(first[0], other[0])
    # With values of one the output of a row is the sum of its kept weights, and the gradient of a value the sum of
    # its column: both sums over everything count the same weights.
    ones = torch.ones_like(v).requires_grad_()
    out = torch_npu.npu_fusion_attention(q, k, ones, 4, "BNSD", keep_prob=0.8)[0]
    (grad,) = torch.autograd.grad(out.sum(), ones)
    torch.testing.assert_close(grad.sum().cpu(), out.detach().sum().cpu(), rtol=1e-4, atol=1e-4)
    assert 0.9 < out.detach().mean().item() < 1.1 and out.detach().std().item() > 0.01


def test_attention_refuses() -> None:
    q, k, v = (make(2, 2, 5, 8, seed=seed).npu() for seed in range(3))
    with pytest.raises(NotImplementedError, match="TND .*not offered yet"):
        torch_npu.npu_fusion_attention(q, k, v, 2, "TND")
    with pytest.raises(RuntimeError, match="must be BSH, SBH, BNSD or BSND, but is HBS"):
        torch_npu.npu_fusion_attention(q, k, v, 2, "HBS")
    with pytest.raises(RuntimeError, match="3 dimensions in layout BSH, but have 4 and 4 on npu:0"):
        torch_npu.npu_fusion_attention(q, k, v, 2, "BSH")
    with pytest.raises(RuntimeError, match="keep_prob must be above 0"):
        torch_npu.npu_fusion_attention(q, k, v, 2, "BNSD", keep_prob=0.0)
    with pytest.raises(RuntimeError, match="headNum is 3"):
        torch_npu.npu_fusion_attention(q, k, v, 3, "BNSD")
    with pytest.raises(RuntimeError, match="needs an attenMask"):
        torch_npu.npu_fusion_attention(q, k, v, 2, "BNSD", sparse_mode=2)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", [(6,), (5, 6)])
def test_rms_norm(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    agree(
        lambda x, g: torch_npu.npu_rms_norm(x, g, epsilon=1e-3)[0],
        lambda x, g: functional.rms_norm(x, shape, g, eps=1e-3),
        make(3, 5, 6, dtype=dtype),
        make(*shape, dtype=dtype, seed=1),
        tolerance=TOLERANCE[dtype],
    )
    y, rstd = torch_npu.npu_rms_norm(make(3, 5, 6).npu(), make(6).npu())
    torch.testing.assert_close(rstd.cpu(), (make(3, 5, 6).square().mean(-1, True) + 1e-6).rsqrt())
    with pytest.raises(RuntimeError, match=r"gamma must have the last sizes of the input, \[3, 5, 6\], but has \[5\]"):
        torch_npu.npu_rms_norm(make(3, 5, 6).npu(), make(5).npu())


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("dim", [-1, 1])
def test_swiglu(dim: int, dtype: torch.dtype) -> None:
    def theirs(x: torch.Tensor) -> torch.Tensor:
        a, b = x.chunk(2, dim)
        return functional.silu(a) * b

    agree(lambda x: torch_npu.npu_swiglu(x, dim), theirs, make(3, 4, 6, dtype=dtype), tolerance=TOLERANCE[dtype])
    with pytest.raises(RuntimeError, match="must have an even size"):
        torch_npu.npu_swiglu(make(3, 5).npu())


@pytest.mark.parametrize("mode", ["half", "interleave"])
def test_rotary_mul(mode: str) -> None:
    def theirs(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        if mode == "half":
            a, b = x.chunk(2, -1)
            return x * cos + torch.cat([-b, a], -1) * sin
        return x * cos + torch.stack([-x[..., 1::2], x[..., ::2]], -1).flatten(-2) * sin

    angles = make(1, 5, 1, 8)
    agree(
        lambda *a: torch_npu.npu_rotary_mul(*a, rotary_mode=mode),
        theirs,
        make(2, 5, 3, 8),
        angles.cos(),
        angles.sin(),
        tolerance=2e-5,
    )
    with pytest.raises(RuntimeError, match="must be half or interleave, but is quarter"):
        torch_npu.npu_rotary_mul(angles.npu(), angles.npu(), angles.npu(), rotary_mode="quarter")
