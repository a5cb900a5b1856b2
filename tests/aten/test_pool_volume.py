"""Pooling of volumes and unpooling, with gradients, against CPU torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as functional
from aten.peer import FLOATS, LAYOUTS, compare, make, no_fallback, same

Case = tuple[Callable[..., Any], tuple[torch.Tensor, ...]]
VOLUME = make(2, 3, 4, 6, 5)
TOLERANCE = {torch.float16: 2e-3, torch.bfloat16: 2e-2}

POOLS: dict[str, Case] = {
    "max": (lambda x: functional.max_pool3d(x, 2, return_indices=True), (VOLUME,)),
    "max stride and padding": (
        lambda x: functional.max_pool3d(x, (3, 2, 3), stride=(2, 1, 2), padding=1, return_indices=True),
        (VOLUME,),
    ),
    "max dilation, ceiling": (
        lambda x: functional.max_pool3d(x, 2, stride=(1, 2, 2), dilation=(2, 1, 2), ceil_mode=True),
        (VOLUME,),
    ),
    "max unbatched": (lambda x: functional.max_pool3d(x, 2), (make(3, 4, 6, 5),)),
    "adaptive max": (lambda x: functional.adaptive_max_pool3d(x, (2, 3, 2), return_indices=True), (VOLUME,)),
    "adaptive max unbatched": (lambda x: functional.adaptive_max_pool3d(x, 2), (make(3, 4, 6, 5),)),
}

MEANS: dict[str, Case] = {
    "adaptive": (lambda x: functional.adaptive_avg_pool3d(x, (2, 3, 4)), (VOLUME,)),
    "adaptive to one": (lambda x: functional.adaptive_avg_pool3d(x, 1), (VOLUME,)),
    "adaptive unbatched": (lambda x: functional.adaptive_avg_pool3d(x, (None, 4, 2)), (make(3, 4, 6, 5),)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", POOLS)
def test_max_pool(name: str, dtype: torch.dtype, layout: str) -> None:
    function, args = POOLS[name]
    same(function, *(a.to(dtype) for a in args), layout=layout, grad=True, tolerance=TOLERANCE.get(dtype))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", MEANS)
def test_adaptive_mean(name: str, dtype: torch.dtype, layout: str) -> None:
    function, args = MEANS[name]
    same(function, *(a.to(dtype) for a in args), layout=layout, grad=True)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_adaptive_mean_of_half_types(dtype: torch.dtype) -> None:
    x = VOLUME.to(dtype)  # the CPU has no gradient for them
    on = x.npu().requires_grad_()
    reference = x.float().requires_grad_()
    with no_fallback():
        got = functional.adaptive_avg_pool3d(on, (2, 3, 4))
        got.sum().backward()
    want = functional.adaptive_avg_pool3d(reference, (2, 3, 4))
    want.sum().backward()
    torch.testing.assert_close(got.detach().float().cpu(), want.detach(), rtol=2e-2, atol=2e-2)
    torch.testing.assert_close(on.grad.float().cpu(), reference.grad, rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_unpool(rank: int, dtype: torch.dtype) -> None:
    pool, unpool = (getattr(functional, f"{name}{rank}d") for name in ("max_pool", "max_unpool"))

    def run(x: torch.Tensor) -> torch.Tensor:
        values, indices = pool(x, 2, return_indices=True)
        return unpool(values, indices, 2)

    same(run, make(2, 3, *(4, 6, 8)[:rank], dtype=dtype), grad=True)


def test_channels_last_stays() -> None:
    x = VOLUME.contiguous(memory_format=torch.channels_last_3d)
    assert functional.max_pool3d(x.npu(), 2).is_contiguous(memory_format=torch.channels_last_3d)


def test_given_results() -> None:
    x = VOLUME.npu()
    out, indices = torch.empty(0, device="npu"), torch.empty(0, dtype=torch.long, device="npu")
    with no_fallback():
        torch._C._nn.max_pool3d_with_indices(x, 2, out=(out, indices))
    compare([out, indices], list(torch._C._nn.max_pool3d_with_indices(VOLUME, 2)))
    with pytest.raises(RuntimeError, match="dtype Long but got Int"):
        torch._C._nn.max_pool3d_with_indices(x, 2, out=(out, indices.int()))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: functional.max_pool3d(x, 2, padding=2), "pad should be at most half of effective kernel size"),
        (lambda x: functional.max_pool3d(x, 9), "Output size is too small"),
        (lambda x: functional.max_pool3d(x[0, 0], 2), "Expected 4D or 5D tensor"),
        (lambda x: functional.max_pool3d(x.bool(), 2), "aclnnMaxPool3dWithArgmax"),
        (lambda x: functional.adaptive_avg_pool3d(x, (-1, 2, 2)), "greater than or equal to 0"),
        (lambda x: torch._C._nn.max_unpool2d(x[0], x[0], (9, 9)), "should be type int64"),
        (lambda x: torch._C._nn.max_unpool2d(x[0], x[0, :2].long(), (9, 9)), "shape of indices"),
        (lambda x: torch._C._nn.max_unpool2d(x[0], x[0].long(), (9, 9, 9)), "exactly 2 elements"),
    ],
)
def test_wrong_arguments_are_refused(call: Callable[[torch.Tensor], object], text: str) -> None:
    with pytest.raises(RuntimeError, match=text):
        call(VOLUME.npu())
