"""Convolution, pooling, padding and resampling with their gradients against CPU torch, and one against NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as functional
from aten.peer import FLOATS, LAYOUTS, make, no_fallback, same

TOLERANCE = {torch.float16: 3e-2, torch.bfloat16: 3e-1, torch.float32: 1e-4}
Case = tuple[Callable[..., object], tuple[torch.Tensor, ...]]

CONVOLUTIONS: dict[str, Case] = {
    "plain": (functional.conv2d, (make(2, 3, 6, 7), make(4, 3, 3, 2), make(4))),
    "no bias": (functional.conv2d, (make(2, 3, 6, 7), make(4, 3, 3, 2))),
    "stride": (
        lambda x, w, b: functional.conv2d(x, w, b, stride=(2, 1)),
        (make(2, 3, 6, 7), make(4, 3, 3, 2), make(4)),
    ),
    "padding": (lambda x, w: functional.conv2d(x, w, padding=(1, 2)), (make(2, 3, 6, 7), make(4, 3, 3, 2))),
    "same": (lambda x, w: functional.conv2d(x, w, padding="same"), (make(2, 3, 6, 7), make(4, 3, 3, 5))),
    "dilation": (lambda x, w: functional.conv2d(x, w, dilation=2), (make(2, 3, 9, 7), make(4, 3, 3, 2))),
    "groups": (lambda x, w: functional.conv2d(x, w, groups=2), (make(2, 4, 6, 7), make(6, 2, 3, 2))),
    "depthwise": (lambda x, w: functional.conv2d(x, w, groups=4), (make(2, 4, 6, 7), make(4, 1, 3, 3))),
    "unbatched": (functional.conv2d, (make(3, 6, 7), make(4, 3, 3, 2))),
    "empty batch": (functional.conv2d, (make(0, 3, 6, 7), make(4, 3, 3, 2))),
    "one dimension": (functional.conv1d, (make(2, 3, 8), make(4, 3, 3), make(4))),
    "three dimensions": (functional.conv3d, (make(2, 3, 4, 5, 6), make(4, 3, 2, 2, 2), make(4))),
    "transposed": (
        lambda x, w, b: functional.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1),
        (make(2, 3, 4, 5), make(3, 4, 3, 3), make(4)),
    ),
    "transposed groups": (
        lambda x, w: functional.conv_transpose2d(x, w, groups=2, dilation=2),
        (make(2, 4, 4, 5), make(4, 3, 2, 2)),
    ),
    "transposed one dimension": (
        lambda x, w: functional.conv_transpose1d(x, w, stride=3),
        (make(2, 3, 4), make(3, 4, 3)),
    ),
}

POOLS: dict[str, Case] = {
    "max": (lambda x: functional.max_pool2d(x, 2), (make(2, 3, 6, 8),)),
    "max indices": (
        lambda x: functional.max_pool2d(x, (3, 2), (2, 1), (1, 0), 1, ceil_mode=True, return_indices=True),
        (make(2, 3, 7, 8),),
    ),
    "max dilation": (lambda x: functional.max_pool2d(x, 2, dilation=2), (make(2, 3, 7, 8),)),
    "max one dimension": (lambda x: functional.max_pool1d(x, 2), (make(2, 3, 8),)),
    "max unbatched": (lambda x: functional.max_pool2d(x, 2), (make(3, 6, 8),)),
    "avg": (lambda x: functional.avg_pool2d(x, 2), (make(2, 3, 6, 8),)),
    "avg padding": (
        lambda x: functional.avg_pool2d(x, 3, (2, 1), 1, ceil_mode=True, count_include_pad=False),
        (make(2, 3, 7, 8),),
    ),
    "avg divisor": (lambda x: functional.avg_pool2d(x, 2, divisor_override=3), (make(2, 3, 6, 8),)),
    "avg one dimension": (lambda x: functional.avg_pool1d(x, 2), (make(2, 3, 8),)),
    "adaptive max": (
        lambda x: functional.adaptive_max_pool2d(x, (3, 2), return_indices=True),
        (make(2, 3, 7, 8),),
    ),
    "adaptive": (lambda x: functional.adaptive_avg_pool2d(x, (3, 2)), (make(2, 3, 7, 8),)),
    "adaptive to one": (lambda x: functional.adaptive_avg_pool2d(x, 1), (make(2, 3, 7, 8),)),
    "adaptive unbatched": (lambda x: functional.adaptive_avg_pool2d(x, (None, 4)), (make(3, 7, 8),)),
}

RESAMPLINGS: dict[str, Case] = {
    "nearest size": (lambda x: functional.interpolate(x, size=(9, 3)), (make(2, 3, 5, 4),)),
    "nearest scale": (lambda x: functional.interpolate(x, scale_factor=(1.7, 2.0)), (make(2, 3, 5, 4),)),
    "nearest ratio": (
        lambda x: functional.interpolate(x, scale_factor=1.7, recompute_scale_factor=True),
        (make(2, 3, 5, 4),),
    ),
    "nearest 1d": (lambda x: functional.interpolate(x, scale_factor=1.7), (make(2, 3, 5),)),
    "nearest 3d": (lambda x: functional.interpolate(x, size=(4, 3, 5)), (make(2, 3, 3, 5, 4),)),
    "linear": (lambda x: functional.interpolate(x, size=9, mode="linear"), (make(2, 3, 5),)),
    **{
        f"exact {rank}d": (
            lambda x, scale=scale: functional.interpolate(x, scale_factor=scale, mode="nearest-exact"),
            (make(2, 3, *(5, 4, 3)[:rank]),),
        )
        for rank, scale in ((1, 1.7), (2, (1.7, 2.0)), (3, 1.5))
    },
    "trilinear": (lambda x: functional.interpolate(x, scale_factor=1.5, mode="trilinear"), (make(2, 3, 3, 5, 4),)),
    "bicubic": (lambda x: functional.interpolate(x, scale_factor=2, mode="bicubic"), (make(2, 3, 5, 4),)),
    "grid": (
        lambda x, g: functional.grid_sample(x, g.tanh(), align_corners=False),
        (make(2, 3, 5, 4), make(2, 3, 4, 2)),
    ),
    "grid reflected": (
        lambda x, g: functional.grid_sample(x, g, "bicubic", "reflection", True),
        (make(2, 3, 5, 4), make(2, 3, 4, 2)),
    ),
    "grid of three": (
        lambda x, g: functional.grid_sample(x, g, padding_mode="border", align_corners=True),
        (make(2, 3, 5, 4, 3), make(2, 3, 4, 2, 3)),
    ),
    "unfold": (lambda x: functional.unfold(x, (3, 2), padding=1, stride=(2, 1)), (make(2, 3, 6, 5),)),
    "fold": (lambda x: functional.fold(x, (6, 5), (3, 2), padding=1, stride=(2, 1)), (make(2, 18, 18),)),
    "bilinear": (lambda x: functional.interpolate(x, size=(9, 3), mode="bilinear"), (make(2, 3, 5, 4),)),
    "bilinear corners": (
        lambda x: functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True),
        (make(2, 3, 5, 4),),
    ),
    "bilinear scale": (lambda x: functional.interpolate(x, scale_factor=1.3, mode="bilinear"), (make(2, 3, 5, 4),)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolution(name: str, dtype: torch.dtype, layout: str) -> None:
    function, args = CONVOLUTIONS[name]
    same(function, *(a.to(dtype) for a in args), layout=layout, grad=True, tolerance=TOLERANCE.get(dtype))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", POOLS)
def test_pool(name: str, dtype: torch.dtype, layout: str) -> None:
    function, args = POOLS[name]
    same(function, *(a.to(dtype) for a in args), layout=layout, grad=True, tolerance=TOLERANCE.get(dtype))


PADS: dict[str, Case] = {
    f"{mode} {tuple(x.shape)}": (
        lambda x, mode=mode, amounts=amounts: functional.pad(x, amounts, mode),
        (x,),
    )
    for mode in ("reflect", "replicate")
    for x, amounts in (
        (make(3, 6), (2, 1)),
        (make(2, 3, 6), (0, 2)),
        (make(2, 3, 5, 6), (2, 1, 0, 3)),
        (make(2, 3, 4, 5, 6), (2, 1, 0, 3, 1, 2)),
        (make(3, 4, 5, 6), (2, 1, 0, 3, 1, 2)),
    )
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", PADS)
def test_pad(name: str, dtype: torch.dtype, layout: str) -> None:
    function, args = PADS[name]
    same(function, *(a.to(dtype) for a in args), layout=layout, grad=True, tolerance=TOLERANCE.get(dtype))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", RESAMPLINGS)
def test_resampling(name: str, dtype: torch.dtype, layout: str) -> None:
    function, args = RESAMPLINGS[name]
    same(function, *(a.to(dtype) for a in args), layout=layout, grad=True, tolerance=TOLERANCE.get(dtype))


def test_convolution_is_the_sum_over_the_window() -> None:
    x, weight, bias = make(1, 2, 5, 4), make(3, 2, 2, 3), make(3)
    with no_fallback():
        got = functional.conv2d(x.npu(), weight.npu(), bias.npu(), stride=(2, 1), padding=1).cpu().numpy()
    padded = np.pad(x.numpy(), ((0, 0), (0, 0), (1, 1), (1, 1)))
    want = np.empty((1, 3, 3, 4), np.float32)
    for row in range(3):
        for column in range(4):
            window = padded[:, :, 2 * row : 2 * row + 2, column : column + 3]
            want[:, :, row, column] = np.einsum("ncij,ocij->no", window, weight.numpy()) + bias.numpy()
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


def test_channels_last_stays() -> None:
    x, weight = make(2, 3, 6, 6).to(memory_format=torch.channels_last).npu(), make(4, 3, 3, 3).npu()
    for result in (functional.conv2d(x, weight), functional.adaptive_avg_pool2d(x, 2), functional.max_pool2d(x, 2)):
        assert result.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_avg_pool_of_three_dimensions(dtype: torch.dtype) -> None:
    same(lambda x: functional.avg_pool3d(x, 2, padding=1), make(2, 3, 4, 6, 5, dtype=dtype), grad=True)
    half = make(2, 3, 4, 6, 5, dtype=torch.float16)  # the CPU has no kernel for it
    with no_fallback():
        got = functional.avg_pool3d(half.npu(), 2).float().cpu()
    torch.testing.assert_close(got, functional.avg_pool3d(half.float(), 2), rtol=1e-3, atol=1e-3)


def test_only_wanted_gradients_are_made() -> None:
    x, weight, bias = make(2, 3, 6, 7).npu(), make(4, 3, 3, 2).npu().requires_grad_(), make(4).npu()
    functional.conv2d(x, weight, bias).sum().backward()
    assert x.grad is None and bias.grad is None
    assert weight.grad is not None


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: functional.conv2d(x, make(4, 3, 3, 3).double().npu()), "Input type .* and weight type .* the same"),
        (lambda x: functional.conv2d(x, make(4, 3, 3, 3).npu(), make(4).half().npu()), "bias type"),
        (lambda x: functional.conv2d(x, make(4, 3, 3, 3)), "same device.*npu:0 and cpu"),
        (lambda x: functional.conv2d(x, make(4, 2, 3, 3).npu()), "expected input.* to have 2 channels"),
        (lambda x: functional.conv2d(x, make(4, 3, 9, 9).npu()), "Kernel size can't be greater"),
        (lambda x: functional.conv2d(x.long(), make(4, 3, 3, 3).long().npu()), "aclnnConvolution|not implemented"),
        (lambda x: functional.adaptive_avg_pool2d(x, (-1, 2)), "output_size must be greater than or equal to 0"),
        (lambda x: functional.max_pool2d(x, 2, padding=2), "pad should be at most half"),
        (lambda x: functional.pad(x, (7, 0, 0, 0), "reflect"), "less than the corresponding input dimension"),
        (lambda x: functional.pad(x, (-4, -4, 0, 0), "reflect"), "leaves nothing"),
    ],
)
def test_wrong_arguments_are_refused(call: Callable[[torch.Tensor], object], text: str) -> None:
    with pytest.raises(RuntimeError, match=text):
        call(make(2, 3, 6, 7).npu())


def test_given_results() -> None:
    x, columns = make(2, 3, 6, 5), make(2, 18, 18)
    calls = [
        lambda x, c, **kw: torch._C._nn.im2col(x, (3, 2), 1, 1, 1, **kw),
        lambda x, c, **kw: torch._C._nn.col2im(c, (6, 5), (3, 2), 1, 1, (2, 1), **kw),
        lambda x, c, **kw: torch._C._nn.adaptive_avg_pool2d(x, 3, **kw),
        lambda x, c, **kw: torch._C._nn.reflection_pad2d(x, (1, 2, 1, 0), **kw),
        lambda x, c, **kw: torch._C._nn.replication_pad3d(x, (1, 2, 1, 0, 1, 1), **kw),
    ]
    for call in calls:
        out = torch.empty(0, device="npu")
        with no_fallback():
            assert call(x.npu(), columns.npu(), out=out) is out
        torch.testing.assert_close(out.cpu(), call(x, columns))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_antialiasing(mode: str, dtype: torch.dtype) -> None:
    def run(x: torch.Tensor) -> torch.Tensor:
        return functional.interpolate(x, size=(4, 3), mode=mode, antialias=True)

    x = make(2, 3, 9, 8, dtype=dtype)
    if dtype.itemsize > 2:
        same(run, x, grad=True)
        return
    on, reference = x.npu().requires_grad_(), x.float().requires_grad_()  # the CPU has no kernel for half types
    with no_fallback():
        got = run(on)
        got.sum().backward()
    want = run(reference)
    want.sum().backward()
    torch.testing.assert_close(got.detach().float().cpu(), want.detach(), rtol=2e-2, atol=2e-2)
    torch.testing.assert_close(on.grad.float().cpu(), reference.grad, rtol=2e-2, atol=2e-2)
