"""Wrong use is answered with one sentence that names what is wrong, and leaves a working device behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from core.scripts import run_ok, run_script

import torch_npu  # noqa: F401

COUNT = torch.npu.device_count()


@pytest.fixture(autouse=True)
def still_works_afterwards() -> object:
    yield
    assert torch.npu.current_device() == 0
    assert (torch.ones(3, device="npu") + 1).sum().item() == 6
    torch.npu.synchronize()


@pytest.mark.parametrize("index", [COUNT, 100, 300])
@pytest.mark.parametrize(
    "use",
    [
        torch.npu.set_device,
        torch.npu.synchronize,
        torch.npu.get_device_name,
        torch.npu.get_device_properties,
        torch.npu.mem_get_info,
        torch.npu.memory_stats,
        torch.npu.get_rng_state,
        torch.npu.current_stream,
        torch.npu.Stream,
        lambda index: torch.npu.device(index).__enter__(),
        lambda index: torch.npu.manual_seed_all(1) or torch.npu.set_rng_state(torch.npu.get_rng_state(), index),
    ],
)
def test_index_out_of_range(use: object, index: int) -> None:
    with pytest.raises(RuntimeError) as caught:
        use(index)
    sentence = str(caught.value).splitlines()[0]
    assert f"npu:{index}" in sentence and str(COUNT) in sentence, sentence


@pytest.mark.parametrize(
    "use",
    [
        lambda device: torch.empty(2, device=device),
        lambda device: torch.ones(2).to(device),
        lambda device: torch.ones(2).npu(device),
        lambda device: torch.nn.Linear(2, 2).to(device),
        lambda device: torch.Generator(device),
        lambda device: torch.Stream(device),
    ],
)
def test_index_out_of_range_in_torch(use: object) -> None:
    with pytest.raises(RuntimeError) as caught:
        use(torch.device("npu", COUNT))
    sentence = str(caught.value).splitlines()[0]
    assert str(COUNT) in sentence and f"npu:{COUNT}" in sentence, sentence


def test_another_device_type() -> None:
    for use in (torch.npu.set_device, torch.npu.synchronize, torch.npu.device, torch.npu.Stream):
        with pytest.raises(ValueError, match="expected an npu device but got 'cpu'"):
            use("cpu")
    with pytest.raises(ValueError, match="needs a device"):
        torch.npu.set_device(None)
    with pytest.raises(ValueError, match="expected a stream of an npu device"):
        torch.npu.stream("npu:0")


@pytest.mark.parametrize(
    "use",
    [
        lambda x, y: x + y,
        lambda x, y: x.add_(y),
        lambda x, y: x.mm(y),
        lambda x, y: torch.cat([x, y]),
        lambda x, y: torch.where(x > 0, x, y),
        lambda x, y: torch.nn.functional.linear(x, y),
        lambda x, y: torch.mul(x, x, out=y),
    ],
)
def test_cpu_tensor_in_an_npu_operator(use: object) -> None:
    with pytest.raises(RuntimeError) as caught:
        use(torch.ones(2, 2, device="npu"), torch.ones(2, 2))
    sentence = str(caught.value).splitlines()[0]
    assert "npu:0" in sentence and "cpu" in sentence, sentence


@pytest.mark.skipif(COUNT < 2, reason="needs two devices")
def test_tensors_of_two_devices() -> None:
    with pytest.raises(RuntimeError, match=r"npu:0.*npu:1|npu:1.*npu:0"):
        torch.ones(2, device="npu:0") + torch.ones(2, device="npu:1")


def test_wrong_dtype() -> None:
    x = torch.ones(2, 2, device="npu")
    with pytest.raises(RuntimeError, match="(?i)float.*double|double.*float"):
        x.mm(x.double())
    with pytest.raises((RuntimeError, NotImplementedError), match="(?i)long|int64"):
        torch.ones(2, 2, dtype=torch.int64, device="npu").softmax(0)


def test_out_of_memory() -> None:
    total = torch.npu.mem_get_info()[1]
    kept = torch.ones(1 << 20, device="npu")
    before = torch.npu.memory_allocated()
    with pytest.raises(torch.OutOfMemoryError) as caught:
        torch.empty(total + 1, dtype=torch.uint8, device="npu")
    text = str(caught.value)
    assert "npu:0" in text and len(re.findall(r"\d+(?:\.\d+)? (?:GiB|MiB)", text)) >= 4, text
    assert torch.npu.memory_allocated() == before
    assert torch.npu.memory_stats()["num_ooms"] >= 1
    assert kept.sum().item() == 1 << 20


def test_no_cann_at_the_path(tmp_path: Path) -> None:
    for path in ("/nowhere/at/all", str(tmp_path), "sfot"):
        outcome = run_script("import torch_npu", tmp_path, env={"TORCH_NPU_CANN": path})
        last = outcome.err.strip().splitlines()[-1]
        assert outcome.status == 1
        assert last.startswith("ImportError: ") and "TORCH_NPU_CANN" in last and path in last, outcome.err


FIRST_USE = """
import torch, torch_npu
print(torch.npu.is_available(), torch.npu.device_count())
try:
    torch.ones(2, device="npu")
except RuntimeError as error:
    print(str(error).splitlines()[0])
"""


@pytest.mark.parametrize(("devices", "token"), [("x", "'x'"), ("-1,0", "'-1'"), ("0,0", "'0'"), ("999", "'999'")])
def test_visible_devices_without_a_device(devices: str, token: str, tmp_path: Path) -> None:
    lines = run_ok(FIRST_USE, tmp_path, env={"ASCEND_RT_VISIBLE_DEVICES": devices}).splitlines()
    assert lines[0] == "False 0"
    assert f"ASCEND_RT_VISIBLE_DEVICES={devices}" in lines[1] and token in lines[1]


@pytest.mark.parametrize(("devices", "token"), [("0,y", "'y'"), ("0,,1", "''"), ("0,999", "'999'")])
def test_visible_devices_that_are_ignored(devices: str, token: str, tmp_path: Path) -> None:
    outcome = run_script(FIRST_USE, tmp_path, env={"ASCEND_RT_VISIBLE_DEVICES": devices})
    assert outcome.out == "True 1\n"
    assert outcome.err.count(f"ASCEND_RT_VISIBLE_DEVICES={devices} selects 1 device only, because {token}") == 1


def test_no_device_at_all(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    assert torch.npu.is_available() is False and torch.npu.device_count() == 0
    torch.manual_seed(1), torch.npu.seed(), torch.npu.seed_all(), torch.npu.manual_seed(1)
    for use in (lambda: torch.ones(2, device="npu"), torch.npu.init, torch.npu.synchronize, torch.npu.get_device_name):
        try:
            use()
        except RuntimeError as error:
            print(str(error).splitlines()[0])
        else:
            raise AssertionError
    """
    lines = run_ok(code, tmp_path, env={"ASCEND_RT_VISIBLE_DEVICES": "-1"}).splitlines()
    assert len(lines) == 4 and all("device" in line for line in lines), lines


def test_bad_random_state() -> None:
    with pytest.raises(ValueError, match="has 16 bytes, but this one has 5"):
        torch.npu.set_rng_state(torch.zeros(5, dtype=torch.uint8))
    with pytest.raises(TypeError, match="ByteTensor"):
        torch.npu.set_rng_state(torch.zeros(16))
