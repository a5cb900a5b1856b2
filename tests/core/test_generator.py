"""Philox generators: seeds, the 16 bytes of state, offsets, clones, and threads."""

from __future__ import annotations

import struct
import threading
from pathlib import Path

import pytest
import torch
from core.scripts import run_ok

import torch_npu  # noqa: F401


def fields(state: torch.Tensor) -> tuple[int, int]:
    return struct.unpack("=QQ", bytes(state.tolist()))


def test_state_is_seed_and_offset() -> None:
    generator = torch.Generator("npu")
    assert generator.device == torch.device("npu", 0)
    assert generator.initial_seed() == 67280421310721
    generator.manual_seed(0x1122334455667788)
    state = generator.get_state()
    assert state.dtype == torch.uint8 and state.device.type == "cpu" and state.shape == (16,)
    assert fields(state) == (0x1122334455667788, 0)
    generator.set_offset(40)
    assert fields(generator.get_state()) == (0x1122334455667788, 40) and generator.get_offset() == 40
    generator.manual_seed(3)
    assert fields(generator.get_state()) == (3, 0)
    generator.manual_seed(-1)
    assert fields(generator.get_state()) == (2**64 - 1, 0)


def test_set_state() -> None:
    generator = torch.Generator("npu")
    generator.set_state(torch.tensor(list(struct.pack("=QQ", 9, 400)), dtype=torch.uint8))
    assert generator.initial_seed() == 9 and generator.get_offset() == 400
    kept = generator.get_state()
    for wrong, error in (
        (torch.zeros(8, dtype=torch.uint8), ValueError),
        (torch.zeros(32, dtype=torch.uint8), ValueError),
        (torch.zeros(16), TypeError),
        (torch.zeros(32, dtype=torch.uint8)[::2], RuntimeError),
        (torch.tensor(list(struct.pack("=QQ", 1, 3)), dtype=torch.uint8), ValueError),
    ):
        with pytest.raises(error):
            generator.set_state(wrong)
        assert torch.equal(generator.get_state(), kept)
    with pytest.raises(ValueError, match="multiple of 4"):
        generator.set_offset(6)


def test_seed_is_random_and_exact_as_a_double() -> None:
    generator = torch.Generator("npu")
    seeds = {generator.seed() for _ in range(8)}
    assert len(seeds) == 8 and all(int(float(seed)) == seed for seed in seeds)
    assert generator.get_offset() == 0


def test_clone_and_shared_state() -> None:
    generator = torch.Generator("npu").manual_seed(5)
    generator.set_offset(8)
    clone = generator.clone_state()
    generator.set_offset(12)
    assert (clone.initial_seed(), clone.get_offset()) == (5, 8)
    other = torch.Generator("npu")
    other.graphsafe_set_state(generator.graphsafe_get_state())
    generator.set_offset(16)
    assert other.get_offset() == 16
    with pytest.raises(TypeError, match="npu generator"):
        generator.graphsafe_set_state(torch.Generator("cpu"))


def test_default_generators() -> None:
    generators = torch.npu.default_generators
    assert len(generators) == torch.npu.device_count()
    torch.manual_seed(11)
    assert {generator.initial_seed() for generator in generators} == {11}
    torch.npu.manual_seed(12)
    assert generators[0].initial_seed() == 12
    if len(generators) > 1:
        assert generators[1].initial_seed() == 11
        torch.npu.set_rng_state(torch.npu.get_rng_state(0), 1)
        assert generators[1].initial_seed() == 12


def test_default_seed_differs_between_processes(tmp_path: Path) -> None:
    code = "import torch, torch_npu; print(torch.npu.initial_seed(), torch.npu.is_initialized())"
    first, second = run_ok(code, tmp_path).split(), run_ok(code, tmp_path).split()
    assert first[0] != second[0] and first[1] == second[1]


def test_seeds_repeat_draws_and_offsets_advance() -> None:
    torch.npu.manual_seed(7)
    first = [torch.rand(1000, device="npu").cpu() for _ in range(3)]
    offset = torch.npu.default_generators[0].get_offset()
    assert offset > 0 and offset % 4 == 0
    assert not torch.equal(first[0], first[1])
    state = torch.npu.get_rng_state()
    after = torch.rand(1000, device="npu").cpu()
    torch.npu.set_rng_state(state)
    assert torch.equal(torch.rand(1000, device="npu").cpu(), after)
    torch.npu.manual_seed(7)
    assert all(torch.equal(x, torch.rand(1000, device="npu").cpu()) for x in first)
    torch.manual_seed(1)
    cpu = torch.get_rng_state()
    torch.rand(1000, device="npu")
    assert torch.equal(torch.get_rng_state(), cpu), "npu drew from the generator of the CPU"


def test_an_own_generator() -> None:
    generator = torch.Generator("npu").manual_seed(3)
    default = torch.npu.get_rng_state()
    x = torch.randn(64, device="npu", generator=generator)
    assert torch.equal(torch.npu.get_rng_state(), default)
    generator.manual_seed(3)
    assert torch.equal(x.cpu(), torch.randn(64, device="npu", generator=generator).cpu())
    with pytest.raises(RuntimeError, match="(?i)generator|device"):
        torch.randn(4, device="npu", generator=torch.Generator("cpu"))


def test_fork_rng() -> None:
    torch.npu.manual_seed(21)
    before = torch.npu.get_rng_state()
    with torch.random.fork_rng(devices=[0], device_type="npu"):
        torch.npu.manual_seed(1)
        torch.rand(10, device="npu")
    assert torch.equal(torch.npu.get_rng_state(), before)


@pytest.mark.parametrize("shared", [False, True], ids=["one generator", "one state"])
def test_threads_never_draw_the_same_numbers(shared: bool) -> None:
    """Each draw takes its own range of offsets, whatever the threads do at the same time."""
    generators = [torch.Generator("npu").manual_seed(99)] * 8
    if shared:
        generators = [generators[0]] + [torch.Generator("npu") for _ in range(7)]
        for generator in generators[1:]:
            generator.graphsafe_set_state(generators[0].graphsafe_get_state())
    drawn: list[torch.Tensor] = []
    barrier = threading.Barrier(8)

    def draw(generator: torch.Generator) -> None:
        barrier.wait()
        for _ in range(40):
            drawn.append(torch.randint(0, 2**62, (4,), device="npu", generator=generator).cpu())

    threads = [threading.Thread(target=draw, args=(generator,)) for generator in generators]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = {tuple(x.tolist()) for x in drawn}
    assert len(rows) == len(drawn) == 320
