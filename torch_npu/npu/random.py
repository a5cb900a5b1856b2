"""Random numbers: one Philox generator per device, whose state is a seed and an offset on the host.

Nothing here initialises a device, and seeding is safe where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch

from torch_npu import _C
from torch_npu.npu._utils import DeviceLike, _existing_device_index

__all__ = [
    "get_rng_state",
    "get_rng_state_all",
    "initial_seed",
    "manual_seed",
    "manual_seed_all",
    "seed",
    "seed_all",
    "set_rng_state",
    "set_rng_state_all",
]


def _default_generators() -> tuple[torch.Generator, ...]:
    return tuple(_C.default_generator(index) for index in range(_C.device_count()))


def _get_generator(device: DeviceLike = None) -> torch.Generator:
    return _C.default_generator(_existing_device_index(device))


def get_rng_state(device: DeviceLike = "npu") -> torch.Tensor:
    """State of a device's generator: a CPU tensor of 16 uint8, the seed and the offset as 64-bit integers.

    Raises:
        RuntimeError: there is no such device.
    """
    return _get_generator(device).get_state()


def get_rng_state_all() -> list[torch.Tensor]:
    """States of the generators of all devices, see :func:`get_rng_state`."""
    return [generator.get_state() for generator in _default_generators()]


def set_rng_state(new_state: torch.Tensor, device: DeviceLike = "npu") -> None:
    """Set the state of a device's generator to one from :func:`get_rng_state`.

    Raises:
        RuntimeError: there is no such device, or ``new_state`` is not a CPU tensor of 16 uint8.
    """
    with torch._C._DisableFuncTorch():
        new_state = new_state.clone(memory_format=torch.contiguous_format)
    _get_generator(device).set_state(new_state)


def set_rng_state_all(new_states: Iterable[torch.Tensor]) -> None:
    """Set the states of all devices, in their order, see :func:`set_rng_state`."""
    for index, state in enumerate(new_states):
        set_rng_state(state, index)


def manual_seed(seed: int) -> None:
    """Seed the generator of the current device; does nothing where there is no device."""
    if _C.device_count() > 0:
        _get_generator().manual_seed(int(seed))


def manual_seed_all(seed: int) -> None:
    """Seed the generators of all devices; ``torch.manual_seed`` calls this."""
    for generator in _default_generators():
        generator.manual_seed(int(seed))


def seed() -> None:
    """Seed the generator of the current device with a random number; nothing where there is no device."""
    if _C.device_count() > 0:
        _get_generator().seed()


def seed_all() -> None:
    """Seed the generators of all devices with one random number."""
    generators = _default_generators()
    if generators:
        manual_seed_all(generators[0].seed())


def initial_seed() -> int:
    """The seed of the current device's generator.

    Raises:
        RuntimeError: there is no device.
    """
    return _get_generator().initial_seed()


def _get_rng_state_offset(device: DeviceLike = "npu") -> int:
    return _get_generator(device).get_offset()


def _set_rng_state_offset(offset: int, device: DeviceLike = "npu") -> None:
    _get_generator(device).set_offset(offset)
