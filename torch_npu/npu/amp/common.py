"""What torch.autocast asks the device."""

import torch

from torch_npu.npu.device import is_bf16_supported

__all__ = ["get_amp_supported_dtype"]


def get_amp_supported_dtype() -> list[torch.dtype]:
    """The dtypes that ``torch.autocast("npu", dtype=...)`` accepts on this chip. Initialises no device."""
    return [torch.float16, torch.bfloat16] if is_bf16_supported() else [torch.float16]
