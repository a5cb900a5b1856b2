"""Tensors made on npu: options, formats, the memory they take, and their errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from aten.peer import make

import torch_npu  # noqa: F401

FACTORIES: dict[str, Callable[..., torch.Tensor]] = {
    "zeros": lambda **kw: torch.zeros(3, 4, **kw),
    "ones": lambda **kw: torch.ones(3, 4, **kw),
    "full": lambda **kw: torch.full((3, 4), 7, **kw),
    "tensor": lambda **kw: torch.tensor([[1, 2], [3, 4]], **kw),
    "scalar": lambda **kw: torch.tensor(5, **kw),
    "as_tensor": lambda **kw: torch.as_tensor([1, 2, 3], **kw),
    "arange": lambda **kw: torch.arange(2, 9, 3, **kw),
    "linspace": lambda **kw: torch.linspace(0, 8, 5, **kw),
    "eye": lambda **kw: torch.eye(3, 4, **kw),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int64, torch.int32, torch.float64])
@pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES.keys())
def test_factories(factory: Callable[..., torch.Tensor], dtype: torch.dtype) -> None:
    got, want = factory(dtype=dtype, device="npu"), factory(dtype=dtype)
    assert got.device == torch.device("npu:0") and got.dtype == dtype
    assert torch.equal(got.cpu(), want)


@pytest.mark.parametrize("like", [torch.empty_like, torch.zeros_like, torch.ones_like, lambda x: torch.full_like(x, 3)])
@pytest.mark.parametrize("view", [lambda x: x, lambda x: x.t(), lambda x: x[:, ::2], lambda x: x[:0]])
def test_like(like: Callable[..., torch.Tensor], view: Callable[..., torch.Tensor]) -> None:
    got, want = like(view(make(3, 4).npu())), like(view(make(3, 4)))
    assert got.shape == want.shape and got.stride() == want.stride() and got.dtype == want.dtype
    if like is not torch.empty_like:
        assert torch.equal(got.cpu(), want)


def test_options() -> None:
    assert torch.empty(3, 4, device="npu").dtype == torch.get_default_dtype()
    x = torch.empty(2, 3, 4, 5, device="npu", memory_format=torch.channels_last)
    assert x.is_contiguous(memory_format=torch.channels_last)
    x = torch.empty_strided((3, 4), (1, 5), device="npu", dtype=torch.int32)
    assert x.stride() == (1, 5) and x.untyped_storage().nbytes() == 18 * 4
    assert make(2, 3).npu().new_zeros(4).device.type == "npu"
    assert torch.empty(0, device="npu").numel() == 0
    assert torch.empty((), device="npu").shape == ()
    assert torch.zeros(3, device="npu", requires_grad=True).requires_grad


def test_the_current_device_is_the_default() -> None:
    if torch.npu.device_count() < 2:
        pytest.skip("needs two devices")
    with torch.npu.device(1):
        assert torch.empty(3, device="npu").device == torch.device("npu:1")
        assert torch.empty(3, device="npu:0").device == torch.device("npu:0")
        assert torch.npu.current_device() == 1
    with torch.device("npu:1"):
        assert torch.zeros(3).device == torch.device("npu:1")


def test_memory_is_taken_and_given_back() -> None:
    torch.npu.synchronize()
    before = torch.npu.memory_allocated()
    x = torch.empty(1 << 20, device="npu")
    assert torch.npu.memory_allocated() - before >= 4 << 20
    del x
    assert torch.npu.memory_allocated() == before


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: torch.empty(3, device="npu", pin_memory=True), RuntimeError, "Only dense CPU tensors can be pinned"),
        (lambda: torch.empty(-1, device="npu"), RuntimeError, "negative dimension"),
        (lambda: torch.empty_strided((2,), (-1,), device="npu"), RuntimeError, "Storage size calculation overflowed"),
        (lambda: torch.empty(3, device=f"npu:{torch.npu.device_count()}"), RuntimeError, "npu|device"),
        (lambda: torch.empty(1 << 62, device="npu"), RuntimeError, "overflow|memory"),
    ],
)
def test_errors(call: Callable[[], torch.Tensor], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()


def test_deterministic_filling() -> None:
    torch.use_deterministic_algorithms(True)
    try:
        assert torch.empty(5, device="npu").isnan().all().item()
        assert (torch.empty(5, dtype=torch.int32, device="npu") == torch.iinfo(torch.int32).max).all().item()
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("value", [3, 2.5, True, -1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.bool, torch.float16, torch.complex64])
def test_filling(value: float, dtype: torch.dtype) -> None:
    for view in (lambda x: x, lambda x: x.t(), lambda x: x[:, 1], lambda x: x[:0]):
        want, got = torch.zeros(3, 4, dtype=dtype), torch.zeros(3, 4, dtype=dtype, device="npu")
        view(want).fill_(value)
        view(got).fill_(value)
        assert torch.equal(got.cpu(), want)
        view(got).fill_(torch.tensor(value).npu())
        assert torch.equal(got.cpu(), want)
        assert not view(got).zero_().any().item()


def test_fill_wants_a_number() -> None:
    with pytest.raises(RuntimeError, match="0-dimension value tensor but got tensor with 1 dimensions"):
        torch.zeros(3, device="npu").fill_(torch.zeros(3, device="npu"))
