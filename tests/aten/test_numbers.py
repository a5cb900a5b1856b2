"""Mathematics against NumPy and closed forms in double precision, never CPU torch: the kernels are ATen's own."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as functional
from aten.peer import make, no_fallback
from torch import nn

Array = np.ndarray
UNIT = {torch.float64: 2.0**-53, torch.float32: 2.0**-24, torch.float16: 2.0**-11, torch.bfloat16: 2.0**-8}
DTYPES = tuple(UNIT)


def exact(tensor: torch.Tensor) -> Array:
    return tensor.detach().cpu().double().numpy()


def close(got: torch.Tensor, want: Array, tolerance: float = 1e-5) -> None:
    assert got.device.type == "npu"
    np.testing.assert_allclose(exact(got), want, rtol=tolerance, atol=tolerance)


def leaf(*sizes: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> torch.Tensor:
    return make(*sizes, dtype=dtype, seed=seed).npu().requires_grad_()


# ---------------------------------------------------------------------- products

PRODUCTS: dict[str, tuple[Callable[[torch.Tensor, torch.Tensor], torch.Tensor], str, tuple, tuple]] = {
    "mm": (torch.mm, "ik,kj->ij", (37, 300), (300, 21)),
    "transposed left": (lambda a, b: a.t() @ b, "ki,kj->ij", (300, 37), (300, 21)),
    "transposed right": (lambda a, b: a @ b.t(), "ik,jk->ij", (37, 300), (21, 300)),
    "both transposed": (lambda a, b: a.t() @ b.t(), "ki,jk->ij", (300, 37), (21, 300)),
    "bmm": (torch.bmm, "bik,bkj->bij", (3, 17, 300), (3, 300, 5)),
    "broadcast batch": (torch.matmul, "abik,bkj->abij", (2, 3, 5, 300), (3, 300, 4)),
    "batch of transposed": (lambda a, b: a @ b.mT, "bik,bjk->bij", (3, 17, 300), (3, 5, 300)),
    "matrix and vector": (torch.mv, "ik,k->i", (37, 300), (300,)),
    "dot": (torch.dot, "k,k->", (300,), (300,)),
    "linear": (functional.linear, "bik,jk->bij", (2, 7, 300), (11, 300)),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", PRODUCTS)
def test_products_are_within_the_bound_of_float_accumulation(name: str, dtype: torch.dtype) -> None:
    """Half types are multiplied exactly, added in float and rounded once: not added in half precision."""
    function, subscripts, left, right = PRODUCTS[name]
    a, b = make(*left, dtype=dtype), make(*right, dtype=dtype, seed=1)
    with no_fallback():
        got = exact(function(a.npu(), b.npu()))
    want = np.einsum(subscripts, exact(a), exact(b))
    sizes = np.einsum(subscripts, np.abs(exact(a)), np.abs(exact(b)))
    added = UNIT[torch.float64 if dtype == torch.float64 else torch.float32]
    # 300 terms; the bound of the error analysis, and for the half types the last rounding.
    bound = 300 * added * sizes + (UNIT[dtype] * np.abs(want) if dtype.itemsize == 2 else 0) * 1.01
    assert (np.abs(got - want) <= bound).all()
    if dtype.itemsize == 2 and name != "dot":
        assert np.abs(got - want).max() > 1e3 * added, "the result is of the half type"


def test_a_long_sum_of_bfloat16_does_not_stop_growing() -> None:
    """Ones added in bfloat16 stop at 256."""
    a = torch.ones(2, 4096, dtype=torch.bfloat16, device="npu")
    assert (a @ a.t()).tolist() == [[4096.0, 4096.0]] * 2
    assert a.sum(1).tolist() == [4096.0, 4096.0]
    assert a.mean(1).tolist() == [1.0, 1.0]


def test_gradients_of_a_product() -> None:
    a, b, cotangent = leaf(5, 7), leaf(7, 3, seed=1), make(5, 3, seed=2)
    (a @ b).backward(cotangent.npu())
    close(a.grad, exact(cotangent) @ exact(b).T)
    close(b.grad, exact(a).T @ exact(cotangent))


# ---------------------------------------------------------------------- normalisation


def softmax(x: Array, axis: int = -1) -> Array:
    shifted = np.exp(x - x.max(axis, keepdims=True))
    return shifted / shifted.sum(axis, keepdims=True)


@pytest.mark.parametrize("dim", [0, 1, 2])
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_softmax_and_its_logarithm(scale: float, dim: int) -> None:
    """With their gradients, also where exp alone would overflow."""
    x, cotangent = (make(4, 5, 6) * scale).npu().requires_grad_(), make(4, 5, 6, seed=1)
    p, dy = softmax(exact(x), dim), exact(cotangent)
    y = x.softmax(dim)
    y.backward(cotangent.npu())
    close(y, p)
    close(x.grad, p * (dy - (dy * p).sum(dim, keepdims=True)))
    x.grad = None
    y = x.log_softmax(dim)
    y.backward(cotangent.npu())
    top = exact(x).max(dim, keepdims=True)
    close(y, exact(x) - top - np.log(np.exp(exact(x) - top).sum(dim, keepdims=True)), 1e-5 if scale == 1 else 1e-2)
    close(x.grad, dy - p * dy.sum(dim, keepdims=True))


def test_layer_norm() -> None:
    """Forward and the three gradients; ``offset`` shows whether the variance is a difference of large numbers."""
    for offset in (0.0, 100.0):
        x, w, b = (make(6, 9) + offset).npu().requires_grad_(), leaf(9, seed=1), leaf(9, seed=2)
        cotangent = make(6, 9, seed=3)
        y = functional.layer_norm(x, (9,), w, b, eps=1e-3)
        y.backward(cotangent.npu())
        mean, std = exact(x).mean(1, keepdims=True), np.sqrt(exact(x).var(1, keepdims=True) + 1e-3)
        normal, dy = (exact(x) - mean) / std, exact(cotangent)
        scaled = dy * exact(w)
        tolerance = 1e-5 if offset == 0 else 1e-4
        close(y, normal * exact(w) + exact(b), tolerance)
        inner = scaled - scaled.mean(1, keepdims=True) - normal * (scaled * normal).mean(1, keepdims=True)
        close(x.grad, inner / std, tolerance)
        close(w.grad, (dy * normal).sum(0), tolerance * 10)
        close(b.grad, dy.sum(0))


def test_batch_norm() -> None:
    x, w, b, cotangent = leaf(4, 3, 5, 2), leaf(3, seed=1), leaf(3, seed=2), make(4, 3, 5, 2, seed=3)
    running = [torch.zeros(3, device="npu"), torch.ones(3, device="npu")]
    y = functional.batch_norm(x, *running, w, b, training=True, momentum=0.3)
    y.backward(cotangent.npu())
    axes, shape, n = (0, 2, 3), (1, 3, 1, 1), 40
    mean, var = exact(x).mean(axes), exact(x).var(axes)
    std = np.sqrt(var + 1e-5).reshape(shape)
    normal, dy = (exact(x) - mean.reshape(shape)) / std, exact(cotangent)
    scaled = dy * exact(w).reshape(shape)
    close(y, normal * exact(w).reshape(shape) + exact(b).reshape(shape))
    inner = scaled - scaled.mean(axes, keepdims=True) - normal * (scaled * normal).mean(axes, keepdims=True)
    close(x.grad, inner / std)
    close(w.grad, (dy * normal).sum(axes))
    close(running[0], 0.3 * mean)
    close(running[1], 0.7 + 0.3 * var * n / (n - 1))


# ---------------------------------------------------------------------- convolution


def convolve(x: Array, w: Array, stride: int, padding: int, dilation: int, groups: int) -> Array:
    """The sum over every window, term by term."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    per_group = w.shape[0] // groups
    height, width = ((x.shape[i] - dilation * (w.shape[i] - 1) - 1) // stride + 1 for i in (2, 3))
    out = np.zeros((x.shape[0], w.shape[0], height, width))
    for n, o, i, j in np.ndindex(out.shape):
        first = (o // per_group) * w.shape[1]
        for c, k, m in np.ndindex(w.shape[1:]):
            out[n, o, i, j] += w[o, c, k, m] * x[n, first + c, i * stride + k * dilation, j * stride + m * dilation]
    return out


@pytest.mark.parametrize(
    ("stride", "padding", "dilation", "groups"), [(1, 0, 1, 1), (2, 1, 1, 1), (1, 2, 2, 2), (2, 1, 1, 4), (3, 0, 1, 2)]
)
def test_convolution(stride: int, padding: int, dilation: int, groups: int) -> None:
    """The direct sums, and gradients that make <dy, conv(x, w)> linear: in x and in w alone."""
    x, w = leaf(2, 4, 7, 6, dtype=torch.float64), leaf(8, 4 // groups, 3, 2, dtype=torch.float64, seed=1)
    with no_fallback():
        y = functional.conv2d(x, w, None, stride, padding, dilation, groups)
        cotangent = make(*y.shape, dtype=torch.float64, seed=2)
        y.backward(cotangent.npu())
    settings = (stride, padding, dilation, groups)
    close(y, convolve(exact(x), exact(w), *settings), 1e-12)
    for other in range(2):
        v, u = exact(make(*x.shape, dtype=torch.float64, seed=3 + other)), exact(make(*w.shape, seed=5 + other))
        for grad, image, weight in ((x.grad, v, exact(w)), (w.grad, exact(x), u)):
            direction = v if grad is x.grad else u
            pairing = (exact(cotangent) * convolve(image, weight, *settings)).sum()
            assert (exact(grad) * direction).sum() == pytest.approx(pairing, rel=1e-10, abs=1e-10)


def test_transposed_convolution_is_the_adjoint() -> None:
    for stride, padding, groups in ((1, 0, 1), (2, 1, 1), (2, 1, 2)):
        w, y = make(4, 6 // groups, 3, 3, dtype=torch.float64), make(2, 4, 4, 4, dtype=torch.float64, seed=1)
        got = functional.conv_transpose2d(y.npu(), w.npu(), None, stride, padding, groups=groups)
        x = make(*got.shape, dtype=torch.float64, seed=2)
        forward = convolve(exact(x), exact(w), stride, padding, 1, groups)
        assert (exact(got) * exact(x)).sum() == pytest.approx((forward * exact(y)).sum(), rel=1e-10)


# ---------------------------------------------------------------------- attention

MASKS = ("none", "causal", "bool", "float")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("keys", [5, 8])
@pytest.mark.parametrize("mask", MASKS)
def test_attention(mask: str, keys: int, dtype: torch.dtype) -> None:
    q, k, v = (
        leaf(2, 3, 5, 4, dtype=dtype),
        leaf(2, 3, keys, 4, dtype=dtype, seed=1),
        leaf(2, 3, keys, 6, dtype=dtype, seed=2),
    )
    seen = np.zeros((5, keys))
    settings: dict[str, object] = {}
    if mask == "causal":
        seen[np.arange(keys)[None] > np.arange(5)[:, None]] = -np.inf
        settings["is_causal"] = True
    elif mask == "bool":
        allowed = make(5, keys, seed=3) > -0.5
        allowed[:, 0] = True
        seen[~allowed.numpy()] = -np.inf
        settings["attn_mask"] = allowed.npu()
    elif mask == "float":
        bias = make(5, keys, dtype=dtype, seed=3)
        seen += exact(bias)
        settings["attn_mask"] = bias.npu()
    cotangent = make(2, 3, 5, 6, dtype=dtype, seed=4)
    with no_fallback():
        y = functional.scaled_dot_product_attention(q, k, v, scale=0.7, **settings)
        y.backward(cotangent.npu())
    p = softmax(exact(q) @ exact(k).swapaxes(2, 3) * 0.7 + seen)
    dy = exact(cotangent)
    dp = dy @ exact(v).swapaxes(2, 3)
    ds = p * (dp - (dp * p).sum(-1, keepdims=True)) * 0.7
    tolerance = {torch.float32: 2e-5, torch.float64: 1e-12, torch.bfloat16: 6e-2}[dtype]
    close(y, p @ exact(v), tolerance)
    close(v.grad, p.swapaxes(2, 3) @ dy, tolerance)
    close(q.grad, ds @ exact(k), tolerance)
    close(k.grad, ds.swapaxes(2, 3) @ exact(q), tolerance)


def test_attention_of_grouped_queries_and_the_default_scale() -> None:
    q, k, v = make(2, 6, 5, 4), make(2, 2, 7, 4, seed=1), make(2, 2, 7, 4, seed=2)
    got = functional.scaled_dot_product_attention(q.npu(), k.npu(), v.npu(), enable_gqa=True)
    wide_k, wide_v = np.repeat(exact(k), 3, 1), np.repeat(exact(v), 3, 1)
    close(got, softmax(exact(q) @ wide_k.swapaxes(2, 3) / 2) @ wide_v)


# ---------------------------------------------------------------------- Adam

FORMS = ({"foreach": False}, {"foreach": True}, {"fused": True}, {"capturable": True})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("decoupled", [False, True])
@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_is_the_algorithm_of_its_paper(amsgrad: bool, decoupled: bool, form: dict[str, bool]) -> None:
    """Kingma and Ba, algorithm 1; weight decay in the gradient, or beside it as Loshchilov and Hutter have it."""
    lr, beta1, beta2, eps, decay = 0.05, 0.8, 0.95, 1e-6, 0.1
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    w = nn.Parameter(make(40).npu())
    target = make(40, seed=1)
    optimizer = kind([w], lr, (beta1, beta2), eps, decay, amsgrad, **form)
    x, t = exact(w), exact(target)
    m, v, most = np.zeros(40), np.zeros(40), np.zeros(40)
    for step in range(1, 11):
        optimizer.zero_grad()
        ((w - target.npu()) ** 4).sum().backward()
        optimizer.step()
        g = 4 * (x - t) ** 3
        if decoupled:
            x = x * (1 - lr * decay)
        else:
            g = g + decay * x
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        most = np.maximum(most, v)
        second = (most if amsgrad else v) / (1 - beta2**step)
        x = x - lr * m / (1 - beta1**step) / (np.sqrt(second) + eps)
    close(w, x, 1e-4)
    close(optimizer.state[w]["exp_avg"], m, 1e-4)
    assert float(optimizer.state[w]["step"]) == 10


# ---------------------------------------------------------------------- random numbers

N = 50_000


def farthest(sample: Array, cdf: Callable[[Array], Array]) -> float:
    """The statistic of Kolmogorov and Smirnov: above 1.95 once in a thousand samples of the right distribution."""
    x = np.sort(sample)
    level, rank = cdf(x), np.arange(1, len(x) + 1) / len(x)
    return math.sqrt(len(x)) * max(np.max(rank - level), np.max(level - rank + 1 / len(x)))


def normal_cdf(x: Array) -> Array:
    return 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


DISTRIBUTIONS: dict[str, tuple[Callable[[], torch.Tensor], Callable[[Array], Array]]] = {
    "rand": (lambda: torch.rand(N, device="npu"), lambda x: x),
    "rand double": (lambda: torch.rand(N, device="npu", dtype=torch.float64), lambda x: x),
    "uniform_": (lambda: torch.empty(N, device="npu").uniform_(-2, 3), lambda x: (x + 2) / 5),
    "randn": (lambda: torch.randn(N, device="npu"), normal_cdf),
    "randn double": (lambda: torch.randn(N, device="npu", dtype=torch.float64), normal_cdf),
    "normal_": (lambda: torch.empty(N, device="npu").normal_(3, 0.5), lambda x: normal_cdf((x - 3) * 2)),
    "exponential_": (lambda: torch.empty(N, device="npu").exponential_(3), lambda x: 1 - np.exp(-3 * x)),
    "cauchy_": (lambda: torch.empty(N, device="npu").cauchy_(1, 2), lambda x: np.arctan((x - 1) / 2) / np.pi + 0.5),
    "log_normal_": (lambda: torch.empty(N, device="npu").log_normal_(), lambda x: normal_cdf((np.log(x) - 1) / 2)),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_distribution_function(name: str) -> None:
    draw, cdf = DISTRIBUTIONS[name]
    torch.npu.manual_seed(17)
    first, second = exact(draw()), exact(draw())
    assert farthest(first, cdf) < 1.95 and farthest(second, cdf) < 1.95
    assert farthest(first * 1.03 + 0.02, cdf) > 1.95, "the test would see a distribution that is a little off"


@pytest.mark.parametrize("dtype", DTYPES)
def test_uniform_numbers_are_below_one(dtype: torch.dtype) -> None:
    """Half types too, whose rounding could reach 1; and 0 may come, as the interval is closed there."""
    torch.npu.manual_seed(1)
    x = torch.rand(1 << 20, dtype=dtype, device="npu")
    assert x.min().item() >= 0 and x.max().item() < 1
    if dtype.itemsize == 2:
        assert x.min().item() == 0
        assert x.max().item() == 1 - UNIT[dtype]


def test_moments_of_normal_numbers() -> None:
    """The first four, within five standard errors."""
    torch.npu.manual_seed(5)
    x = exact(torch.randn(200_000, device="npu"))
    for power, expected, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs((x**power).mean() - expected) < 5 * math.sqrt(variance / len(x)), power


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_dropout_rate(dtype: torch.dtype, p: float) -> None:
    """As many zeros as p says, anywhere; what stays is divided by 1 - p; gradient and output share the mask."""
    torch.npu.manual_seed(7)
    x = torch.ones(400, 500, dtype=dtype, device="npu", requires_grad=True)
    y = functional.dropout(x, p)
    y.sum().backward()
    kept = exact(y) != 0
    assert abs(kept.mean() - (1 - p)) < 5 * math.sqrt(p * (1 - p) / kept.size)
    for axis, n in ((0, 400), (1, 500)):
        assert np.abs(kept.mean(axis) - (1 - p)).max() < 6 * math.sqrt(p * (1 - p) / n)
    np.testing.assert_allclose(exact(y)[kept], 1 / (1 - p), rtol=2 * UNIT[dtype])
    assert np.array_equal(exact(x.grad), exact(y))


def test_permutations_are_all_equally_likely() -> None:
    """Chi-square over the 24 orders of four; 23 degrees of freedom, 49.7 once in a thousand."""
    torch.npu.manual_seed(3)
    counts: dict[tuple[int, ...], int] = {}
    for _ in range(2400):
        order = tuple(torch.randperm(4, device="npu").tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 24
    assert sum((count - 100) ** 2 / 100 for count in counts.values()) < 49.7
    long = exact(torch.randperm(100_000, device="npu"))
    assert np.array_equal(np.sort(long), np.arange(100_000))
    assert abs(np.corrcoef(long, np.arange(100_000))[0, 1]) < 5 / math.sqrt(100_000)


def test_integers_are_equally_likely() -> None:
    torch.npu.manual_seed(3)
    counts = np.bincount(torch.randint(0, 20, (N,), device="npu").cpu().numpy(), minlength=20)
    assert ((counts - N / 20) ** 2 / (N / 20)).sum() < 43.8  # 19 degrees of freedom
