"""Normalisation, losses and activation functions with their gradients against CPU torch and NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as functional
from aten.peer import FLOATS, LAYOUTS, compare, make, no_fallback, same

HALVES = (torch.float16, torch.bfloat16)
TOLERANCE = {torch.float16: 2e-2, torch.bfloat16: 1e-1, torch.float32: 1e-5}

NORMS: dict[str, tuple[Callable[..., object], tuple[torch.Tensor, ...]]] = {
    "softmax": (lambda x: (x.softmax(-1), x.softmax(0)), (make(3, 4, 5),)),
    "log_softmax": (lambda x: (x.log_softmax(-1), x.log_softmax(1)), (make(3, 4, 5),)),
    "softmin": (lambda x: functional.softmin(x, 1), (make(3, 4),)),
    "layer_norm": (lambda x: functional.layer_norm(x, (5,)), (make(3, 4, 5),)),
    "layer_norm affine": (
        lambda x, w, b: functional.layer_norm(x, (4, 5), w, b),
        (make(3, 4, 5), make(4, 5), make(4, 5, seed=1)),
    ),
    "layer_norm weight": (lambda x, w: functional.layer_norm(x, (5,), w), (make(3, 4, 5), make(5))),
    "rms_norm": (lambda x, w: functional.rms_norm(x, (5,), w), (make(3, 5), make(5))),
    "group_norm": (lambda x, w, b: functional.group_norm(x, 2, w, b), (make(3, 4, 5), make(4), make(4, seed=1))),
    "group_norm plain": (lambda x: functional.group_norm(x, 2), (make(3, 4, 2, 2),)),
    "instance_norm": (lambda x: functional.instance_norm(x), (make(3, 4, 5),)),
    "normalize": (lambda x: (functional.normalize(x), functional.normalize(x, 1, 0)), (make(3, 4),)),
    "cosine_similarity": (lambda x, y: functional.cosine_similarity(x, y), (make(3, 4), make(3, 4, seed=1))),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", NORMS)
def test_norm(name: str, dtype: torch.dtype, layout: str) -> None:
    function, args = NORMS[name]
    same(function, *(a.to(dtype) for a in args), layout=layout, grad=True, tolerance=TOLERANCE.get(dtype))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(6, 4), (3, 4, 5), (3, 4, 5, 2)])
def test_batch_norm(training: bool, shape: tuple[int, ...]) -> None:
    def run(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor, mean: torch.Tensor, var: torch.Tensor) -> torch.Tensor:
        return functional.batch_norm(x, mean.detach(), var.detach(), w, b, training=training)

    same(run, make(*shape), make(4), make(4, seed=1), make(4, seed=2), make(4, seed=3).abs(), grad=True)
    same(lambda x: functional.batch_norm(x, None, None, training=True), make(*shape), grad=True)


@pytest.mark.parametrize("layer_dtype", [torch.float32, None])
@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_of_half_types(training: bool, dtype: torch.dtype, layer_dtype: torch.dtype | None) -> None:
    """Parameters and statistics are stored in the half type or, as under autocast, in float."""
    vectors = [make(4, dtype=layer_dtype or dtype, seed=seed) for seed in range(4)]
    vectors[3].abs_()

    def run(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor, mean: torch.Tensor, var: torch.Tensor) -> object:
        mean, var = mean.detach().clone(), var.detach().clone()
        return functional.batch_norm(x, mean, var, w, b, training=training), mean, var

    same(run, make(3, 4, 5, dtype=dtype), *vectors, grad=True, tolerance=TOLERANCE[dtype])
    same(lambda x: functional.batch_norm(x, None, None, training=True), make(3, 4, dtype=dtype), grad=True)


@pytest.mark.parametrize("layout", ["transposed", "step"])
def test_batch_norm_of_strided_half_types(layout: str) -> None:
    """Also where the gradient is one number, expanded."""
    vectors = [make(4, dtype=torch.bfloat16, seed=seed).abs() for seed in range(4)]

    def run(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor, mean: torch.Tensor, var: torch.Tensor) -> object:
        return functional.batch_norm(x, mean.detach(), var.detach(), w, b, training=True).sum()

    same(run, make(3, 4, 5, 2, dtype=torch.bfloat16), *vectors, layout=layout, grad=True, tolerance=1e-1)


def test_batch_norm_refuses_parameters_of_another_dtype() -> None:
    x, w = make(3, 4).npu(), make(4, dtype=torch.bfloat16).npu()
    with pytest.raises(RuntimeError, match="must be Float as input is, or float, not BFloat16"):
        functional.batch_norm(x, None, None, w, training=True)
    torch.npu.synchronize()


def test_softmax_of_wider_dtype() -> None:
    same(
        lambda x: (x.softmax(1, dtype=torch.float32), x.log_softmax(1, dtype=torch.float32)),
        make(3, 4, dtype=torch.float16),
        grad=True,
    )
    with pytest.raises(RuntimeError, match="floating-point|not implemented"):
        torch.ones(3, dtype=torch.int64, device="npu").softmax(0)
    with pytest.raises(RuntimeError, match="normalized_shape"):
        functional.layer_norm(torch.ones(3, 4, device="npu"), (5,))


def test_nothing_to_normalise() -> None:
    same(lambda x: (x.softmax(-1), x.log_softmax(0), functional.layer_norm(x, (4,))), torch.empty(0, 4))
    same(lambda x: x.softmax(0), torch.tensor(1.5))


def test_norms_against_numpy() -> None:
    x = make(7, 9, dtype=torch.float64)
    array = x.numpy()
    exp = np.exp(array - array.max(1, keepdims=True))
    np.testing.assert_allclose(x.npu().softmax(1).cpu().numpy(), exp / exp.sum(1, keepdims=True), rtol=1e-12)
    normal = (array - array.mean(1, keepdims=True)) / np.sqrt(array.var(1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(functional.layer_norm(x.npu(), (9,)).cpu().numpy(), normal, rtol=1e-10)
    loss = functional.cross_entropy(x.npu(), torch.arange(7, device="npu")).item()
    np.testing.assert_allclose(loss, -np.log(exp / exp.sum(1, keepdims=True))[range(7), range(7)].mean(), rtol=1e-12)


LABELS = torch.tensor([0, 4, 2])
PAIRS: dict[str, Callable[..., torch.Tensor]] = {
    "mse": functional.mse_loss,
    "l1": functional.l1_loss,
    "smooth_l1": functional.smooth_l1_loss,
    "smooth_l1 beta": lambda x, y, reduction: functional.smooth_l1_loss(x, y, reduction=reduction, beta=0.3),
    "huber": lambda x, y, reduction: functional.huber_loss(x, y, reduction=reduction, delta=0.7),
    "bce": lambda x, y, reduction: functional.binary_cross_entropy(x.sigmoid(), y.sigmoid(), reduction=reduction),
    "bce weight": lambda x, y, reduction: functional.binary_cross_entropy(
        x.sigmoid(), y.sigmoid(), y.detach().abs(), reduction=reduction
    ),
    "bce logits": lambda x, y, reduction: functional.binary_cross_entropy_with_logits(
        x, y.sigmoid(), reduction=reduction
    ),
    "bce pos_weight": lambda x, y, reduction: functional.binary_cross_entropy_with_logits(
        x, y.sigmoid(), pos_weight=y[0].detach().abs(), reduction=reduction
    ),
    "kl_div": lambda x, y, reduction: functional.kl_div(x.log_softmax(1), y.softmax(1), reduction=reduction),
    "soft_margin": lambda x, y, reduction: functional.soft_margin_loss(x, y.sign(), reduction=reduction),
    "cross_entropy of probabilities": lambda x, y, reduction: functional.cross_entropy(
        x, y.softmax(1), reduction=reduction
    ),
}


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("name", PAIRS)
def test_loss_of_a_pair(name: str, dtype: torch.dtype, reduction: str) -> None:
    x, y = make(3, 5, dtype=dtype), make(3, 5, dtype=dtype, seed=1)
    tolerance = 2e-1 if dtype == torch.bfloat16 else TOLERANCE.get(dtype)
    target_grad = name in ("mse", "l1")
    same(
        lambda x, y: PAIRS[name](x, y if target_grad else y.detach(), reduction=reduction),
        x,
        y,
        grad=True,
        tolerance=tolerance,
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_cross_entropy(dtype: torch.dtype, reduction: str, layout: str) -> None:
    def run(x: torch.Tensor, w: torch.Tensor, labels: torch.Tensor) -> object:
        w = w.detach().abs()
        return (
            functional.cross_entropy(x, labels, reduction=reduction),
            functional.cross_entropy(x, labels, weight=w, reduction=reduction),
            functional.cross_entropy(x, labels, ignore_index=4, reduction=reduction),
            functional.cross_entropy(x, labels, label_smoothing=0.1, reduction=reduction),
            functional.nll_loss(x, labels, w, reduction=reduction),
        )

    tolerance = 1e-1 if dtype == torch.bfloat16 else TOLERANCE.get(dtype)
    same(run, make(3, 5, dtype=dtype), make(5, dtype=dtype), LABELS, layout=layout, grad=True, tolerance=tolerance)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_cross_entropy_of_images(reduction: str) -> None:
    labels = make(2, 4, 3, dtype=torch.int64, low=0, high=5)
    same(lambda x, t: functional.cross_entropy(x, t, reduction=reduction), make(2, 5, 4, 3), labels, grad=True)
    same(lambda x, t: functional.cross_entropy(x[0, :, 0, 0], t[0, 0, 0]), make(2, 5, 4, 3), labels, grad=True)


def test_losses_refuse_wrong_shapes_and_dtypes() -> None:
    x = torch.ones(3, 5, device="npu")
    for use, text in (
        (lambda: functional.nll_loss(x, torch.zeros(4, dtype=torch.long, device="npu")), "batch_size"),
        (lambda: functional.binary_cross_entropy(x, x[:2]), "target size"),
        (lambda: functional.mse_loss(x, torch.ones(4, 4, device="npu")), "must match"),
        (lambda: functional.cross_entropy(x, torch.zeros(3, dtype=torch.long)), "device"),
        (lambda: functional.huber_loss(x, x, delta=-1), "delta"),
    ):
        with pytest.raises((RuntimeError, ValueError), match=text):
            use()


def test_mixed_dtypes_promote() -> None:
    same(
        lambda x, y: (functional.mse_loss(x, y), functional.smooth_l1_loss(x, y)), make(3), make(3, dtype=torch.float64)
    )


ACTIVATIONS: dict[str, Callable[[torch.Tensor], object]] = {
    "relu": functional.relu,
    "gelu": functional.gelu,
    "gelu tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "silu": functional.silu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "elu": functional.elu,
    "selu": functional.selu,
    "celu": functional.celu,
    "leaky_relu": functional.leaky_relu,
    "hardtanh": functional.hardtanh,
    "relu6": functional.relu6,
    "hardsigmoid": functional.hardsigmoid,
    "hardswish": functional.hardswish,
    "softplus": functional.softplus,
    "softshrink": functional.softshrink,
    "hardshrink": functional.hardshrink,
    "mish": functional.mish,
    "logsigmoid": functional.logsigmoid,
    "tanhshrink": functional.tanhshrink,
    "softsign": functional.softsign,
    "glu": lambda x: functional.glu(x, 1),
    "threshold": lambda x: functional.threshold(x, 0.1, 2.0),
    "prelu": lambda x: functional.prelu(x, x[0, :1].detach().abs()),
    "logit": lambda x: torch.logit(x.sigmoid()),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation(name: str, dtype: torch.dtype, layout: str) -> None:
    same(ACTIVATIONS[name], make(3, 4, dtype=dtype), layout=layout, grad=True, tolerance=TOLERANCE.get(dtype))


def test_activations_in_place_and_of_nothing() -> None:
    for name in ("relu", "elu", "leaky_relu", "hardtanh", "hardswish", "silu", "hardsigmoid", "relu6"):
        function = getattr(functional, name)
        same(lambda x, f=function: f(x, inplace=True), make(3, 4))
        same(function, torch.empty(0, 4), grad=True)


def test_prelu_weight_gradient() -> None:
    same(
        lambda x, w: functional.prelu(x, w),
        make(3, 4, dtype=torch.float64),
        make(4, dtype=torch.float64, seed=1),
        grad=True,
    )
    same(
        lambda x, w: functional.prelu(x, w),
        make(3, 4, dtype=torch.float64),
        make(1, dtype=torch.float64, seed=1),
        grad=True,
    )


def test_distances() -> None:
    same(
        lambda x, y: (torch.cdist(x, y), torch.cdist(x, y, p=1)),
        make(2, 3, 4, dtype=torch.float64),
        make(2, 5, 4, dtype=torch.float64, seed=1),
        grad=True,
        tolerance=1e-6,
    )
    same(lambda x, y: (torch.dist(x, y), functional.pairwise_distance(x, y)), make(3, 4), make(3, 4, seed=1), grad=True)


def test_comparisons_of_whole_tensors() -> None:
    x = make(3, 4)
    y = x.npu()
    with no_fallback():
        assert torch.equal(y, y.clone()) and not torch.equal(y, y + 1) and not torch.equal(y, y[:2])
        assert torch.allclose(y, y + 1e-9) and not torch.allclose(y, y + 1)
        assert torch.isclose(y, y).all().item()
        torch.testing.assert_close(y, y + 1e-9)
        torch.testing.assert_close(y > 0, y > 0)
        torch.testing.assert_close(y.long(), y.long())
        with pytest.raises(AssertionError, match="not close"):
            torch.testing.assert_close(y, y + 1)
        with pytest.raises(AssertionError, match="not equal"):
            torch.testing.assert_close(y.long(), y.long() + 1)
    compare(y, x)


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("as_tensors", [True, False])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_ctc_loss(padded: bool, as_tensors: bool, reduction: str) -> None:
    lengths = [3, 1]
    targets = make(2, 3, dtype=torch.int64, low=1, high=5) if padded else make(4, dtype=torch.int64, low=1, high=5)
    of_input, of_target = ([7, 5], lengths)

    def loss(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        first, second = (torch.tensor(of_input), torch.tensor(of_target)) if as_tensors else (of_input, of_target)
        return functional.ctc_loss(x.log_softmax(2), t, first, second, reduction=reduction)

    same(loss, make(7, 2, 5), targets, grad=True, tolerance=1e-5)


def test_ctc_loss_refuses_wrong_lengths() -> None:
    x, targets = make(7, 2, 5).log_softmax(2).npu(), torch.ones(2, 3, dtype=torch.int64).npu()
    with pytest.raises(RuntimeError, match="a length of input and of target for each of 2"):
        functional.ctc_loss(x, targets, [7], [3, 3])
    with pytest.raises(RuntimeError, match="an input length of 9 is out of range"):
        functional.ctc_loss(x, targets, [9, 7], [3, 3])
