"""Copies between host and device, on a device and between devices; item(); lazily conjugated and negated tensors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from aten.peer import make

import torch_npu  # noqa: F401

DTYPES = [
    torch.float32,
    torch.float64,
    torch.float16,
    torch.bfloat16,
    torch.int8,
    torch.uint8,
    torch.int16,
    torch.int32,
    torch.int64,
    torch.bool,
    torch.complex64,
    torch.complex128,
]
VIEWS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "all": lambda x: x,
    "transposed": lambda x: x.transpose(0, 2),
    "step": lambda x: x[:, ::2],
    "offset": lambda x: x[1:],
    "row": lambda x: x[1, 2],
    "expanded": lambda x: x[:, :1].expand(-1, 5, -1),
    "channels_last": lambda x: x.unsqueeze(0).contiguous(memory_format=torch.channels_last),
    "0-d": lambda x: x[0, 1, 2],
    "no elements": lambda x: x[:0],
}
views = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
two_devices = pytest.mark.skipif(torch.npu.device_count() < 2, reason="needs two devices")


@pytest.mark.parametrize("dtype", DTYPES)
def test_there_and_back(dtype: torch.dtype) -> None:
    x = make(3, 4, 5, dtype=dtype)
    y = x.npu()
    assert y.device == torch.device("npu:0") and y.dtype == dtype
    assert torch.equal(y.cpu(), x)
    assert torch.equal(y.clone().cpu(), x)


@views
def test_views_there_and_back(view: Callable[[torch.Tensor], torch.Tensor]) -> None:
    x = make(3, 4, 5)
    assert torch.equal(view(x).npu().cpu(), view(x))
    assert view(x).npu().stride() == view(x).clone().stride() or view is VIEWS["expanded"]
    assert torch.equal(view(x.npu()).cpu(), view(x))
    assert torch.equal(view(x.npu()).clone().cpu(), view(x))


@pytest.mark.parametrize("into", [k for k in VIEWS if k not in ("expanded", "channels_last")])
@pytest.mark.parametrize("source", ["cpu", "npu"])
@pytest.mark.parametrize("target", ["cpu", "npu"])
def test_into_a_view(into: str, source: str, target: str) -> None:
    base, x = torch.zeros(3, 4, 5), make(3, 4, 5)
    want = base.clone()
    VIEWS[into](want).copy_(VIEWS[into](x))
    got = base.clone().to(target)
    VIEWS[into](got).copy_(VIEWS[into](x.to(source)))
    assert torch.equal(got.cpu(), want)


@pytest.mark.parametrize("from_dtype", [torch.float32, torch.int64, torch.bool, torch.bfloat16])
@pytest.mark.parametrize("to_dtype", [torch.float64, torch.float16, torch.int32, torch.bool, torch.complex64])
@pytest.mark.parametrize("shape", ["same", "strided"])
def test_dtypes_are_converted(from_dtype: torch.dtype, to_dtype: torch.dtype, shape: str) -> None:
    x = make(4, 6, dtype=from_dtype)
    x = x if shape == "same" else x.t()
    want = torch.zeros(x.shape, dtype=to_dtype).copy_(x)
    for source, target in (("cpu", "npu"), ("npu", "cpu"), ("npu", "npu")):
        got = torch.zeros(x.shape, dtype=to_dtype, device=target).copy_(x.to(source))
        assert torch.equal(got.cpu(), want), (source, target)
    assert torch.equal(x.npu().to(to_dtype).cpu(), want)
    assert torch.equal(x.to("npu", to_dtype).cpu(), want)
    assert torch.equal(x.npu().to("cpu", to_dtype), want)


@pytest.mark.parametrize("shape", [(1,), (), (5,), (4, 1), (1, 5)])
@pytest.mark.parametrize("source", ["cpu", "npu"])
@pytest.mark.parametrize("target", ["cpu", "npu"])
def test_the_source_is_broadcast(shape: tuple[int, ...], source: str, target: str) -> None:
    x = make(*shape)
    want = torch.zeros(3, 4, 5).copy_(x)
    assert torch.equal(torch.zeros(3, 4, 5, device=target).copy_(x.to(source)).cpu(), want)
    strided = torch.zeros(5, 4, 3, device=target).transpose(0, 2).copy_(x.to(source))
    assert torch.equal(strided.cpu(), want)


def test_a_source_that_does_not_broadcast_is_refused() -> None:
    with pytest.raises(RuntimeError, match="must match|expand"):
        torch.zeros(3, 4, device="npu").copy_(torch.zeros(3))


LAZY: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "conj": lambda x: x.conj(),
    "conj, transposed": lambda x: x.t().conj(),
    "imag of conj": lambda x: x.conj().imag,
    "conj of conj": lambda x: x.conj().conj(),
    "real of conj": lambda x: x.conj().real,
    "neg view": lambda x: torch._neg_view(x),
    "neg view of conj": lambda x: torch._neg_view(x.conj()),
}


@pytest.mark.parametrize("lazy", LAZY.values(), ids=LAZY.keys())
def test_lazy_conjugation_and_negation(lazy: Callable[[torch.Tensor], torch.Tensor]) -> None:
    x = make(3, 4, dtype=torch.complex64)
    want = lazy(x).resolve_conj().resolve_neg()
    assert torch.equal(lazy(x.npu()).cpu().resolve_conj().resolve_neg(), want)
    assert torch.equal(lazy(x).npu().cpu().resolve_conj().resolve_neg(), want)
    assert torch.equal(lazy(x.npu()).clone().cpu().resolve_conj().resolve_neg(), want)
    assert torch.equal(lazy(x.npu()).resolve_conj().resolve_neg().cpu(), want)


@pytest.mark.parametrize("lazy", LAZY.values(), ids=LAZY.keys())
@pytest.mark.parametrize("source", ["cpu", "npu"])
@pytest.mark.parametrize("target", ["cpu", "npu"])
def test_into_a_lazy_tensor(lazy: Callable[[torch.Tensor], torch.Tensor], source: str, target: str) -> None:
    want, got = torch.zeros(3, 4, dtype=torch.complex64), torch.zeros(3, 4, dtype=torch.complex64).to(target)
    values = lazy(make(3, 4, dtype=torch.complex64, seed=5)).resolve_conj().resolve_neg()
    lazy(want).copy_(values)
    lazy(got).copy_(values.to(source))
    assert torch.equal(got.cpu(), want)


def test_conjugated_item_and_print() -> None:
    x = torch.tensor(1 + 2j).npu()
    assert x.conj().item() == 1 - 2j
    assert x.conj().imag.item() == -2
    assert "1.-2.j" in str(x.conj())


@pytest.mark.parametrize("dtype", DTYPES)
def test_item(dtype: torch.dtype) -> None:
    x = make(3, 4, dtype=dtype)
    assert x.npu()[1, 2].item() == x[1, 2].item()
    assert type(x.npu()[1, 2].item()) is type(x[1, 2].item())
    assert x.npu().tolist() == x.tolist()


def test_item_wants_one_element() -> None:
    with pytest.raises(RuntimeError, match="2 elements cannot be converted to Scalar"):
        torch.zeros(2, device="npu").item()


def test_overlap_is_refused() -> None:
    x = torch.arange(6.0, device="npu")
    with pytest.raises(RuntimeError, match="single memory location"):
        x[1:].copy_(x[:-1])
    with pytest.raises(RuntimeError, match="single memory location"):
        torch.zeros(1, device="npu").expand(3).copy_(torch.ones(3))
    assert torch.equal(x.copy_(x).cpu(), torch.arange(6.0))


def busy(milliseconds: int = 300) -> None:
    """Keep the current stream occupied for about that long."""
    torch.npu._sleep(milliseconds * 1_000_000)


def test_non_blocking_copy_from_pinned_memory_returns_at_once() -> None:
    x = make(1000).pin_memory()
    y = torch.empty(1000, device="npu")
    torch.npu.synchronize()
    busy()
    y.copy_(x, non_blocking=True)
    assert not torch.npu.current_stream().query()
    torch.npu.synchronize()
    assert torch.equal(y.cpu(), x)


def test_non_blocking_copy_to_pinned_memory_returns_at_once() -> None:
    x = make(1000).npu()
    y = torch.empty(1000).pin_memory()
    torch.npu.synchronize()
    busy()
    y.copy_(x, non_blocking=True)
    assert not torch.npu.current_stream().query()
    torch.npu.synchronize()
    assert torch.equal(y, make(1000))


def test_pinned_memory_is_not_reused_before_the_copy_ends() -> None:
    x = make(100_000).pin_memory()
    want = x.clone()
    y = torch.empty(100_000, device="npu")
    torch.npu.synchronize()
    busy()
    y.copy_(x, non_blocking=True)
    address = x.data_ptr()
    del x
    other = torch.empty(100_000).pin_memory()
    assert other.data_ptr() != address
    other.fill_(7)
    torch.npu.synchronize()
    assert torch.equal(y.cpu(), want)


def test_pageable_copies_wait_even_when_non_blocking() -> None:
    x = make(1000)
    busy(50)
    y = x.to("npu", non_blocking=True)
    x.fill_(0)  # the copy has taken what was there
    assert torch.equal(y.cpu(), make(1000))
    busy(50)
    assert torch.equal(y.to("cpu", non_blocking=True), make(1000))


def test_a_copy_is_in_the_order_of_its_stream() -> None:
    x = torch.zeros(1000, device="npu")
    side = torch.npu.Stream()
    side.wait_stream(torch.npu.current_stream())
    with torch.npu.stream(side):
        busy(50)
        x.fill_(3)
        assert torch.equal(x.cpu(), torch.full((1000,), 3.0))


@two_devices
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@views
def test_between_devices(view: Callable[[torch.Tensor], torch.Tensor], dtype: torch.dtype) -> None:
    x = make(3, 4, 5)
    y = view(x.to("npu:0")).to("npu:1", dtype)
    assert y.device == torch.device("npu:1")
    assert torch.equal(y.cpu(), view(x).to(dtype))
    back = torch.zeros(y.shape + (2,), device="npu:0")
    back[..., 1].copy_(y)
    assert torch.equal(back[..., 1].cpu(), view(x).to(dtype).float())
    assert not back[..., 0].any().item()


@two_devices
def test_between_devices_waits_for_both_streams() -> None:
    x, y = torch.zeros(1000, device="npu:0"), torch.zeros(1000, device="npu:1")
    busy(50)
    x.fill_(1)  # the source is not ready yet
    with torch.npu.device(1):
        busy(80)
        before = y + 0  # still reads the old contents of the destination
    y.copy_(x)
    with torch.npu.device(1):
        after = y + 0
    assert not before.any().item()
    assert torch.equal(after.cpu(), torch.ones(1000))


@two_devices
def test_between_devices_does_not_block_the_host() -> None:
    x, y = torch.ones(1000, device="npu:0"), torch.zeros(1000, device="npu:1")
    y.copy_(x)
    torch.npu.synchronize(0)
    torch.npu.synchronize(1)
    busy()
    y.copy_(x, non_blocking=True)
    assert not torch.npu.current_stream().query()


def test_record_stream_keeps_the_memory() -> None:
    side = torch.npu.Stream()
    x = torch.ones(100_000, device="npu")
    address = x.data_ptr()
    side.wait_stream(torch.npu.current_stream())
    with torch.npu.stream(side):
        busy()
        y = x + 1
    x.record_stream(side)
    del x
    other = torch.zeros(100_000, device="npu")
    assert other.data_ptr() != address
    side.synchronize()
    assert torch.equal(y.cpu(), torch.full((100_000,), 2.0))


def test_module_npu_keeps_its_parameters() -> None:
    model = torch.nn.Linear(3, 4)
    want = [p.detach().clone() for p in model.parameters()]
    before = list(model.parameters())
    model.npu()
    after = list(model.parameters())
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert all(p.device.type == "npu" for p in after)
    assert all(torch.equal(p.detach().cpu(), w) for p, w in zip(after, want, strict=True))
    model.cpu()
    assert all(a is b for a, b in zip(before, model.parameters(), strict=True))


def test_data_moves_between_devices() -> None:
    p = torch.nn.Parameter(make(3))
    p.data = p.data.npu()
    assert p.device.type == "npu" and p.is_leaf
    (p * 2).sum().backward()
    assert torch.equal(p.grad.cpu(), torch.full((3,), 2.0))
    assert torch._has_compatible_shallow_copy_type(p, torch.zeros(3))
    assert torch._has_compatible_shallow_copy_type(torch.zeros(3), p)
    assert not torch._has_compatible_shallow_copy_type(p, torch.zeros(3).to_sparse())


def test_pinning() -> None:
    x = make(3)
    assert not x.is_pinned()
    assert x.pin_memory().is_pinned()
    assert torch.equal(x.pin_memory(), x)
    assert not x.npu().is_pinned()
    with pytest.raises(RuntimeError, match="pin"):
        x.npu().pin_memory()
    with pytest.raises(RuntimeError, match="pin"):
        torch.empty(3, device="npu", pin_memory=True)


def test_copies_are_differentiable() -> None:
    x = make(3, 4).requires_grad_()
    (x.npu().to(torch.float64).cpu() * 3).sum().backward()
    assert torch.equal(x.grad, torch.full((3, 4), 3.0))


@pytest.mark.parametrize(
    ("number", "source", "target"),
    [
        (-300, torch.int64, torch.int8),
        (300, torch.int64, torch.uint8),
        (2**40, torch.int64, torch.int32),
        (1e6, torch.float32, torch.float16),
        (2.7, torch.float32, torch.int32),
        (3, torch.int32, torch.bool),
    ],
)
@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
def test_one_number_is_converted_as_a_copy_does(
    number: float, source: torch.dtype, target: torch.dtype, shape: tuple[int, ...]
) -> None:
    value = torch.tensor(number, dtype=source)
    wanted = torch.zeros(shape, dtype=target).copy_(value)
    found = torch.zeros(shape, dtype=target, device="npu").copy_(value)
    assert torch.equal(found.cpu(), wanted)
    assert (found + 1).shape == shape  # the stream is whole


@pytest.mark.filterwarnings("ignore:Casting complex")
def test_one_complex_number_loses_its_imaginary_part() -> None:
    found = torch.zeros(2, device="npu").copy_(torch.tensor([1 + 2j]))
    assert found.tolist() == [1, 1]
