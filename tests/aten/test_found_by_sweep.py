"""Forms of operators that were wrong once and that no other test calls: gaps, empty dimensions, refusals."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from aten.peer import make, same


def gapped(x: torch.Tensor) -> torch.Tensor:
    """Return a tensor with the numbers of ``x`` and NaN between them."""
    wide = torch.full((*x.shape, 2), float("nan"), dtype=x.dtype, device=x.device)
    wide[..., 1] = x.detach()
    return wide[..., 1].requires_grad_(x.requires_grad)


def test_the_gradient_of_distances_broadcasts() -> None:
    same(torch.cdist, make(1, 3, 2), make(4, 5, 2, seed=1), grad=True)
    same(torch.cdist, make(4, 3, 2), make(5, 2, seed=1), grad=True)


def test_hypot_broadcasts() -> None:
    same(torch.hypot, make(5, 1), make(1, 4, seed=1), grad=True)
    same(torch.hypot, make(3), make(2, 3, seed=1))


@pytest.mark.parametrize("function", [torch.linalg.det, torch.logdet, torch.linalg.slogdet, torch.linalg.solve])
def test_a_gradient_agrees_with_a_fallback_about_contiguity(
    function: Callable[..., torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CPU factorises the transpose of a contiguous matrix, which the gradient has to know."""
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    for sizes in ((5, 5), (2, 3, 3)):
        matrix = make(*sizes) + 4 * torch.eye(sizes[-1])
        further = (make(*sizes, seed=2),) if function is torch.linalg.solve else ()
        gradients = []
        for device in ("cpu", "npu"):
            x = matrix.to(device).requires_grad_()
            x = gapped(x) if device == "npu" else x
            y = function(x, *(other.to(device) for other in further))
            gradients.append(torch.autograd.grad(getattr(y, "logabsdet", y).sum(), x)[0].cpu())
        torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-5, atol=1e-4)


def test_parameters_with_gaps_normalise_groups() -> None:
    x, weight, bias = make(2, 6, 4), make(6, seed=1), make(6, seed=2)
    want = torch.nn.functional.group_norm(x, 3, weight, bias)
    got = torch.nn.functional.group_norm(x.npu(), 3, gapped(weight.npu()), gapped(bias.npu()))
    torch.testing.assert_close(got.cpu(), want)


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_writes_a_result_with_gaps(approximate: str) -> None:
    x = make(4, 5)
    out = gapped(torch.zeros(4, 5, device="npu"))
    assert torch._C._nn.gelu(x.npu(), approximate=approximate, out=out) is out
    torch.testing.assert_close(out.cpu(), torch.nn.functional.gelu(x, approximate=approximate))


def test_unique_along_an_empty_dimension() -> None:
    for sizes, dim in (((5, 0, 3), 1), ((0,), 0)):
        got = torch.unique(torch.empty(sizes, device="npu"), dim=dim, return_inverse=True, return_counts=True)
        want = torch.unique(torch.empty(sizes), dim=dim, return_inverse=True, return_counts=True)
        assert [(t.shape, t.dtype) for t in got] == [(t.shape, t.dtype) for t in want]
    for sizes, dim in (((5, 0, 3), 0), ((0, 0, 3), 0)):
        with pytest.raises(RuntimeError, match="0 sized"):
            torch.unique(torch.empty(sizes, device="npu"), dim=dim)


def test_mode_takes_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    x = make(4, 7, dtype=torch.int64, low=0, high=3)
    values, indices = torch.empty(0, dtype=torch.int64, device="npu"), torch.empty(0, dtype=torch.int64, device="npu")
    torch.mode(x.npu(), 1, True, out=(values, indices))
    for got, want in zip((values, indices), torch.mode(x, 1, True), strict=True):
        assert torch.equal(got.cpu(), want)


REFUSED: dict[str, tuple[Callable[[str], object], type[Exception], str]] = {
    "roll of a number": (lambda d: torch.roll(torch.ones((), device=d), 1, 0), IndexError, "no dimensions"),
    "gelu": (
        lambda d: torch.nn.functional.gelu(torch.ones(2, device=d), approximate="exact"),
        RuntimeError,
        "either none or tanh",
    ),
    "conj_physical": (
        lambda d: torch.conj_physical(torch.ones(2, device=d), out=torch.ones(2, dtype=torch.int64, device=d)),
        RuntimeError,
        "Found dtype Long but expected Float",
    ),
    "kthvalue": (lambda d: kthvalue_onto_itself(torch.ones(5, device=d)), RuntimeError, "unsupported operation"),
}


def kthvalue_onto_itself(x: torch.Tensor) -> None:
    torch.kthvalue(x, 5, out=(x, torch.ones(5, dtype=torch.int64, device=x.device)))


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("device", ["cpu", "npu"])
def test_refusals(case: str, device: str) -> None:
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        call(device)
    assert torch.ones(2, device=device).sum().item() == 2


def test_targets_with_gaps() -> None:
    targets = torch.randint(1, 15, (75, 2), generator=torch.Generator().manual_seed(0)).npu()[:, 1]
    scores = make(50, 3, 15).log_softmax(2).npu()
    lengths = ((50, 50, 50), (30, 25, 20))
    loss = torch.nn.functional.ctc_loss
    assert torch.equal(loss(scores, targets, *lengths), loss(scores, targets.contiguous(), *lengths))


def test_complex_numbers_do_not_fill_real_tensors() -> None:
    x, mask = make(3).npu(), torch.ones(3, dtype=torch.bool, device="npu")
    for value in (1j, torch.tensor(1j), torch.tensor(1j, device="npu")):
        with pytest.raises(RuntimeError, match="value cannot be converted to type Float without overflow"):
            x.masked_fill(mask, value)


def test_unpooling_keeps_channels_last() -> None:
    x = make(1, 2, 6, 6).to(memory_format=torch.channels_last).npu()
    values, indices = torch.nn.functional.max_pool2d(x, 2, return_indices=True)
    assert torch.nn.functional.max_unpool2d(values, indices, 2).is_contiguous(memory_format=torch.channels_last)


def test_a_result_that_overlaps_itself_is_refused_before_it_is_resized() -> None:
    with pytest.raises(RuntimeError, match="unsupported operation"):
        torch.index_select(make(3, 6).npu(), 1, torch.tensor([0, 1]).npu(), out=make(6).npu().expand(2, 6))
