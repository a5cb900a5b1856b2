"""The legacy tensor types: torch.npu.FloatTensor and its like.

torch makes such types for CPU and CUDA only. These construct, answer isinstance() and can be given to
``Tensor.type()``; new code says ``device="npu"`` and ``dtype=``.
"""

from __future__ import annotations

from typing import Any

import torch

_DTYPES = {
    "BFloat16Tensor": torch.bfloat16,
    "BoolTensor": torch.bool,
    "ByteTensor": torch.uint8,
    "CharTensor": torch.int8,
    "DoubleTensor": torch.float64,
    "FloatTensor": torch.float32,
    "HalfTensor": torch.float16,
    "IntTensor": torch.int32,
    "LongTensor": torch.int64,
    "ShortTensor": torch.int16,
}

__all__ = list(_DTYPES)


class _TypedTensorMeta(type):
    dtype: torch.dtype
    is_cuda = False
    is_sparse = False

    def __call__(cls, *args: Any, device: Any = "npu") -> torch.Tensor:
        if torch.device(device).type != "npu":
            raise RuntimeError(f"torch.npu.{cls.__name__} is a type of the npu device, not of '{device}'")
        sizes = args[0] if len(args) == 1 and isinstance(args[0], torch.Size) else args
        if all(isinstance(size, int) for size in sizes):
            return torch.empty(tuple(sizes) if sizes else (0,), dtype=cls.dtype, device=device)
        if len(args) != 1:
            raise TypeError(f"torch.npu.{cls.__name__} takes sizes, a sequence or a tensor")
        return torch.as_tensor(args[0], dtype=cls.dtype, device=device)

    def __instancecheck__(cls, instance: object) -> bool:
        return (
            isinstance(instance, torch.Tensor)
            and instance.device.type == "npu"
            and instance.dtype == cls.dtype
            and instance.layout == torch.strided
        )


def _typed_tensor(name: str, dtype: torch.dtype) -> type:
    # Tensor.type(cls) reads the C-level name of the class, which for a Python class is its __name__
    doc = f"Tensors on npu of {dtype}: construct from sizes (uninitialised), a sequence or a tensor."
    return _TypedTensorMeta(f"torch.npu.{name}", (), {"dtype": dtype, "__doc__": doc, "__module__": "torch.npu"})


globals().update({name: _typed_tensor(name, dtype) for name, dtype in _DTYPES.items()})
