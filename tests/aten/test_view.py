"""Views share their base's memory; resize_ and set_ grow storages on the device."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from aten.peer import make

import torch_npu  # noqa: F401

VIEWS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "view": lambda x: x.view(12, 2),
    "view as dtype": lambda x: x.view(torch.int32),
    "reshape": lambda x: x.reshape(-1),
    "reshape of a transposed": lambda x: x.transpose(0, 1).reshape(4, 3, 2),
    "as_strided": lambda x: x.as_strided((3, 2), (2, 5), 1),
    "unfold": lambda x: x.unfold(1, 2, 2),
    "select": lambda x: x[1],
    "slice": lambda x: x[:, 1:4:2],
    "transpose": lambda x: x.transpose(0, 2),
    "permute": lambda x: x.permute(1, 2, 0),
    "squeeze": lambda x: x.unsqueeze(1).squeeze(1),
    "expand": lambda x: x[:1].expand(1, 4, 2),
    "diagonal": lambda x: x.diagonal(0, 0, 1),
    "split": lambda x: x.split(2, 1)[1],
    "chunk": lambda x: x.chunk(3)[2],
    "unbind": lambda x: x.unbind(1)[3],
    "narrow": lambda x: x.narrow(1, 1, 2),
    "movedim": lambda x: x.movedim(0, -1),
    "detach": lambda x: x.detach(),
    "view_as_complex": lambda x: torch.view_as_real(torch.view_as_complex(x)),
    "real": lambda x: torch.view_as_complex(x).real,
    "imag": lambda x: torch.view_as_complex(x).imag,
    "alias": lambda x: torch.ops.aten.alias(x),
    "flatten": lambda x: x.flatten(),
    "unflatten": lambda x: x.unflatten(1, (2, 2)),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_a_view_shares_memory(view: Callable[[torch.Tensor], torch.Tensor]) -> None:
    cpu = make(3, 4, 2)
    npu = cpu.npu()
    cpu_view, npu_view = view(cpu), view(npu)
    assert npu_view.shape == cpu_view.shape and npu_view.stride() == cpu_view.stride()
    assert npu_view.storage_offset() == cpu_view.storage_offset()
    assert npu_view.untyped_storage().data_ptr() == npu.untyped_storage().data_ptr()
    assert torch.equal(npu_view.cpu(), cpu_view)
    cpu_view.zero_()
    npu_view.zero_()
    assert torch.equal(npu.cpu(), cpu)


def view_operators() -> list[str]:
    """Names of the aten operators of which a result shares memory with an argument that is not written."""
    names = []
    for schema in torch._C._jit_get_all_schemas():
        if not schema.name.startswith("aten::") or "copy" in schema.name:
            continue
        aliased = [r.alias_info for r in schema.returns if r.alias_info is not None]
        if any(not info.is_write for info in aliased):
            names.append(schema.name + (f".{schema.overload_name}" if schema.overload_name else ""))
    return sorted(set(names))


# Of layouts that no npu tensor has.
OTHER_LAYOUTS = {
    "aten::_indices",
    "aten::_nested_get_values",
    "aten::_nested_view_from_buffer",
    "aten::_nested_view_from_jagged",
    "aten::_sparse_broadcast_to",
    "aten::_values",
}


def test_every_view_operator_has_a_kernel() -> None:
    missing = set()
    for name in view_operators():
        if not torch._C._dispatch_has_kernel(name):  # an operator of TorchScript, without the dispatcher
            continue
        table = torch._C._dispatch_dump_table(name).splitlines()
        if not any(line.startswith("PrivateUse1:") and "fallback" not in line for line in table):
            missing.add(name)
    assert missing == OTHER_LAYOUTS


def test_the_list_of_views_is_not_empty() -> None:
    names = view_operators()
    assert {"aten::view", "aten::as_strided", "aten::unfold", "aten::view_as_real", "aten::_reshape_alias"} <= set(
        names
    )


def test_view_errors_are_upstreams() -> None:
    for call in (lambda x: x.view(5), lambda x: x.t().view(6), lambda x: x.as_strided((9,), (9,))):
        with pytest.raises(RuntimeError) as cpu:
            call(torch.zeros(2, 3))
        with pytest.raises(RuntimeError) as npu:
            call(torch.zeros(2, 3, device="npu"))
        assert str(npu.value) == str(cpu.value)


@pytest.mark.parametrize("size", [(2, 2), (3, 4), (6, 8), (100, 100), (0,), ()])
def test_resize(size: tuple[int, ...]) -> None:
    x = make(3, 4).npu()
    x.resize_(size)
    assert x.shape == size and x.is_contiguous()
    kept = min(x.numel(), 12)
    assert torch.equal(x.flatten()[:kept].cpu(), make(3, 4).flatten()[:kept])
    x.fill_(1)
    assert torch.equal(x.cpu(), torch.ones(size))


def test_resize_to_nothing_and_back() -> None:
    x = make(3, 4).npu()
    x.resize_(0).resize_(3, 4)
    assert torch.equal(x.cpu(), make(3, 4))
    storage = x.untyped_storage()
    storage.resize_(0)
    assert storage.nbytes() == 0
    storage.resize_(48)
    assert torch.equal(x.fill_(2).cpu(), torch.full((3, 4), 2.0))


def test_resize_of_a_view_with_an_offset() -> None:
    base = make(10).npu()
    view = base[6:]
    view.resize_(8)
    assert view.untyped_storage().nbytes() == 14 * 4
    assert torch.equal(view[:4].cpu(), make(10)[6:])


def test_resize_in_a_memory_format() -> None:
    x = torch.zeros(2, 3, 4, 5, device="npu").resize_(2, 3, 6, 7, memory_format=torch.channels_last)
    assert x.is_contiguous(memory_format=torch.channels_last)


def test_set_to_a_storage_that_must_grow() -> None:
    x = torch.empty(0, device="npu")
    storage = make(4).npu().untyped_storage()
    x.set_(storage, 2, (6,), (1,))
    assert storage.nbytes() == 8 * 4
    assert torch.equal(x[:2].cpu(), make(4)[2:])
    x.fill_(3)
    assert torch.equal(x.cpu(), torch.full((6,), 3.0))


def test_set_forms() -> None:
    source = make(3, 4).npu()
    for x in (
        torch.empty(0, device="npu").set_(source),
        torch.empty(0, device="npu").set_(source.untyped_storage(), 0, (3, 4), (4, 1)),
        torch.empty(0, device="npu").set_(source.untyped_storage()).view(3, 4),
    ):
        assert x.data_ptr() == source.data_ptr()
        assert torch.equal(x.cpu(), make(3, 4))
    assert torch.empty(3, device="npu").set_().numel() == 0
    with pytest.raises(RuntimeError, match="device"):
        torch.empty(0, device="npu").set_(torch.zeros(3))


def test_growing_a_storage_that_may_not_grow_is_refused() -> None:
    x = torch.zeros(4, device="npu")
    y = torch.empty(0, device="npu")
    y.set_(x.untyped_storage(), 0, (4,), (1,))
    with pytest.raises(RuntimeError, match="out of bounds"):
        x.as_strided((8,), (1,))


def test_out_of_a_shared_storage_is_seen_by_both() -> None:
    x = torch.zeros(2, 6, device="npu")
    torch.add(x[0], 1, out=x[1])
    assert torch.equal(x.cpu(), torch.stack([torch.zeros(6), torch.ones(6)]))


def test_complex_parts_are_written_through() -> None:
    x = make(3, dtype=torch.complex64).npu()
    x.real.zero_()
    x.imag.add_(1)
    want = make(3, dtype=torch.complex64)
    want.real.zero_()
    want.imag.add_(1)
    assert torch.equal(x.cpu(), want)
    assert torch.equal(x.conj().imag.cpu(), want.conj().imag)
