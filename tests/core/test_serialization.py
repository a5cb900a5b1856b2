"""Saving and loading: where tensors of npu come back to."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from core.scripts import run_ok

import torch_npu  # noqa: F401


def saved(value: object) -> io.BytesIO:
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return file


def test_comes_back_to_its_device() -> None:
    last = torch.npu.device_count() - 1
    x = torch.arange(6.0, device=f"npu:{last}").reshape(2, 3).t()
    y = torch.load(saved(x))
    assert y.device == x.device and y.stride() == x.stride()
    assert torch.equal(x.cpu(), y.cpu())


@pytest.mark.parametrize("where", ["npu", "npu:0", torch.device("npu", 0), {"cpu": "npu:0"}, lambda s, _: s.npu()])
def test_map_to_npu(where: object) -> None:
    y = torch.load(saved(torch.arange(4)), map_location=where)
    assert y.device == torch.device("npu:0") and y.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("where", ["cpu", torch.device("cpu"), {"npu:0": "cpu"}])
def test_map_to_cpu(where: object) -> None:
    y = torch.load(saved(torch.arange(4, device="npu:0")), map_location=where)
    assert y.device.type == "cpu" and y.tolist() == [0, 1, 2, 3]


def test_views_keep_sharing() -> None:
    base = torch.zeros(4, device="npu")
    loaded = torch.load(saved([base, base[1:3]]))
    loaded[1].add_(1)
    assert loaded[0].tolist() == [0, 1, 1, 0]


def test_parameters_and_optimizer(tmp_path: Path) -> None:
    model = torch.nn.Linear(3, 2).npu()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    model(torch.ones(2, 3, device="npu")).sum().backward()
    optimizer.step()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "state.pt")
    for mmap in (False, True):
        state = torch.load(tmp_path / "state.pt", map_location="cpu", mmap=mmap)
        assert {value.device.type for value in state["model"].values()} == {"cpu"}
        copy = torch.nn.Linear(3, 2).npu()
        copy.load_state_dict(state["model"])
        assert torch.equal(copy.weight.cpu(), model.weight.cpu())
        again = torch.optim.AdamW(copy.parameters(), lr=0.1)
        again.load_state_dict(state["optimizer"])
        assert again.state[copy.weight]["exp_avg"].is_npu


def test_a_device_that_is_not_there(tmp_path: Path) -> None:
    if torch.npu.device_count() < 2:
        pytest.skip("needs two devices")
    torch.save(torch.ones(2, device="npu:1"), tmp_path / "state.pt")
    code = """
    import torch, torch_npu
    assert torch.npu.device_count() == 1
    try:
        torch.load("state.pt")
    except RuntimeError as error:
        assert "NPU device 1" in str(error) and "device_count() is 1" in str(error), error
    else:
        raise AssertionError
    print(torch.load("state.pt", map_location="npu:0").sum().item())
    """
    assert run_ok(code, tmp_path, env={"ASCEND_RT_VISIBLE_DEVICES": "0"}) == "2.0\n"


def test_switched_off_reads_what_npu_wrote(tmp_path: Path) -> None:
    torch.save(torch.ones(2, device="npu"), tmp_path / "state.pt")
    code = "import torch\nprint(torch.load('state.pt', map_location='cpu').sum().item())"
    assert run_ok(code, tmp_path, env={"TORCH_NPU_CANN": "off"}) == "2.0\n"
    run_ok(code, tmp_path, env={"TORCH_DEVICE_BACKEND_AUTOLOAD": "0"})


def test_generator_and_device_objects() -> None:
    assert torch.load(saved({"device": torch.device("npu:0")}))["device"] == torch.device("npu:0")
    state = torch.load(saved(torch.npu.get_rng_state()))
    torch.npu.set_rng_state(state)
