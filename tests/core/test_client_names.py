"""The names of torch.npu that two or more public libraries call, called the way they call them.

The list comes from a search of 36 packages and 5 repositories that use the device; the vendor's own are not counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

import torch_npu


def streams() -> None:
    stream = torch.npu.Stream(device=0)
    with torch.npu.stream(stream):
        assert torch.npu.current_stream() == stream
        event = torch.npu.Event(enable_timing=True)
        event.record()
    stream.synchronize()
    assert event.query() and torch.npu.current_stream() == torch.npu.default_stream()


def rng() -> None:
    state, states = torch.npu.get_rng_state(), torch.npu.get_rng_state_all()
    assert len(states) == torch.npu.device_count()
    first = torch.rand(4, device="npu")
    torch.npu.set_rng_state(state)
    assert torch.equal(torch.rand(4, device="npu"), first)
    torch.npu.set_rng_state_all(states)
    assert torch.equal(torch.rand(4, device="npu"), first)


def seeds() -> None:
    torch.npu.manual_seed(3)
    assert torch.npu.initial_seed() == 3
    torch.npu.manual_seed_all(4)
    assert torch.npu.initial_seed() == 4


def memory() -> None:
    torch.npu.reset_peak_memory_stats()
    torch.npu.reset_max_memory_allocated()
    torch.npu.reset_max_memory_cached()
    before = torch.npu.memory_allocated()
    block = torch.empty(1 << 20, dtype=torch.uint8, device="npu")
    assert torch.npu.memory_allocated() - before == block.numel()
    assert torch.npu.max_memory_allocated() >= torch.npu.memory_allocated()
    assert torch.npu.max_memory_reserved() >= torch.npu.memory_reserved() >= torch.npu.memory_allocated()
    assert torch.npu.memory_stats()["allocated_bytes.all.current"] == torch.npu.memory_allocated()
    free, total = torch.npu.mem_get_info(0)
    assert 0 < free < total
    del block
    torch.npu.empty_cache()


def mixed_precision() -> None:
    scaler = torch.npu.amp.GradScaler()
    weight = torch.ones(4, 4, device="npu", requires_grad=True)
    with torch.npu.amp.autocast(dtype=torch.float16):
        loss = (weight @ weight).sum()
    scaler.scale(loss).backward()
    scaler.step(torch.optim.SGD([weight], 0.1))
    scaler.update()
    assert weight.dtype == torch.float32 and math.isfinite(weight.sum().item())


def methods() -> None:
    assert torch.ones(2).npu().is_npu and torch.ones(2).npu(0).device.index == 0
    assert torch.nn.Linear(2, 2).npu().weight.is_npu


def accepts_compile_mode() -> None:
    torch.npu.set_compile_mode(jit_compile=False)


CALLS: dict[str, Callable[[], object]] = {
    "is_available device_count": lambda: torch.npu.is_available() and torch.npu.device_count() >= 1,
    "current_device set_device": lambda: (torch.npu.set_device("npu:0"), torch.npu.current_device() == 0)[1],
    "get_device_name get_device_properties": lambda: (
        torch.npu.get_device_properties(0).name == torch.npu.get_device_name()
        and torch.npu.get_device_properties("npu:0").total_memory > 0
    ),
    "get_device_capability": lambda: torch.npu.get_device_capability() is None,
    "is_bf16_supported": lambda: torch.npu.is_bf16_supported() is True,
    "synchronize": lambda: torch.npu.synchronize() is None and torch.npu.synchronize(0) is None,
    "LongTensor": lambda: torch.npu.LongTensor([1, 2]).tolist() == [1, 2],
    "Stream stream current_stream default_stream Event": streams,
    "get_rng_state set_rng_state get_rng_state_all set_rng_state_all": rng,
    "manual_seed manual_seed_all initial_seed": seeds,
    "memory_allocated max_memory_allocated memory_reserved max_memory_reserved memory_stats mem_get_info empty_cache "
    "reset_peak_memory_stats reset_max_memory_allocated reset_max_memory_cached": memory,
    "amp.autocast amp.GradScaler": mixed_precision,
    "set_compile_mode": accepts_compile_mode,
    "npu()": methods,
}


@pytest.mark.parametrize("names", CALLS)
def test_call(names: str) -> None:
    assert CALLS[names]() in (None, True)


def test_module_and_version() -> None:
    assert torch_npu.npu is torch.npu
    assert torch_npu.__version__.split("+")[0] == torch.__version__.split("+")[0]
    assert torch_npu.__file__.endswith("__init__.py") and list(torch_npu.__path__)


NOT_OFFERED = """
    npu_grouped_matmul npu_moe_token_permute npu_moe_token_unpermute
    npu_format_cast npu_cross_entropy_loss optim contrib profiler utils float8_e4m3fn hifloat8
    npu.NPUGraph npu.graph npu.get_soc_version npu.npurt npu.native_device npu.profile npu.mstx npu.stop_device
    npu.MemPool npu.use_mem_pool npu.memory.NPUPluggableAllocator
    """


@pytest.mark.parametrize("name", NOT_OFFERED.split())
def test_names_that_are_not_offered_say_so(name: str) -> None:
    *modules, last = name.split(".")
    owner = torch_npu
    for module in modules:
        owner = getattr(owner, module)
    assert not hasattr(owner, last)
    with pytest.raises(AttributeError, match=rf"{last} .*(offered here|offer) yet"):
        getattr(owner, last)


def test_modules_that_are_not_offered_cannot_be_imported() -> None:
    for name in ("contrib.transfer_to_npu", "optim", "profiler", "utils"):
        with pytest.raises(ImportError, match="torch_npu"):
            __import__(f"torch_npu.{name}")
