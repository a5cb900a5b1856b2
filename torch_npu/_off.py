"""``torch.npu`` when ``TORCH_NPU_CANN=off``: it answers that there is no device, and nothing else exists."""

__all__ = ["device_count", "is_available", "is_bf16_supported", "is_initialized", "manual_seed", "manual_seed_all"]


def is_available() -> bool:
    """False: the device is switched off."""
    return False


def device_count() -> int:
    """0: the device is switched off."""
    return 0


def is_initialized() -> bool:
    """False: the device is switched off."""
    return False


def is_bf16_supported() -> bool:
    """False: the device is switched off."""
    return False


def manual_seed(seed: int) -> None:
    """There is no generator to seed."""


def manual_seed_all(seed: int) -> None:
    """There is no generator to seed."""


def _is_in_bad_fork() -> bool:
    return False


def __getattr__(name: str) -> object:
    raise AttributeError(f"torch.npu.{name} is not there because TORCH_NPU_CANN=off switches the npu device off")
