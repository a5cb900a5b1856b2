"""torch.npu: the npu device as torch.cuda is for CUDA.

Importing it and asking questions (counts, names, availability) initialises no device; the first use does.
"""

from __future__ import annotations

from torch_npu import _C
from torch_npu._not_offered import is_vendor_name as _is_vendor_name
from torch_npu.npu import _utils as _utils
from torch_npu.npu import amp, diagnostics, memory, options, random, streams, tensors
from torch_npu.npu import device as _device
from torch_npu.npu.amp.common import get_amp_supported_dtype
from torch_npu.npu.device import *  # noqa: F403
from torch_npu.npu.device import (  # noqa: F401
    _exchange_device,
    _is_in_bad_fork,
    _lazy_call,
    _lazy_init,
    _maybe_exchange_device,
)
from torch_npu.npu.diagnostics import *  # noqa: F403
from torch_npu.npu.diagnostics import _sleep  # noqa: F401
from torch_npu.npu.memory import *  # noqa: F403
from torch_npu.npu.options import *  # noqa: F403
from torch_npu.npu.random import *  # noqa: F403
from torch_npu.npu.random import (  # noqa: F401
    _default_generators,
    _get_generator,
    _get_rng_state_offset,
    _set_rng_state_offset,
)
from torch_npu.npu.streams import *  # noqa: F403
from torch_npu.npu.streams import _set_stream_by_id  # noqa: F401
from torch_npu.npu.tensors import *  # noqa: F403

__all__ = [
    "amp",
    "default_generators",  # noqa: F405  (see __getattr__)
    "get_amp_supported_dtype",
    "memory",
    "random",
    "streams",
    *_device.__all__,
    *diagnostics.__all__,
    *memory.__all__,
    *options.__all__,
    *random.__all__,
    *streams.__all__,
    *tensors.__all__,
]


def __getattr__(name: str) -> object:
    if name == "_initialized":  # a state of the C++ side, which may initialise without Python
        return _C.is_initialized()
    if name == "default_generators":
        return _default_generators()
    if _is_vendor_name(name):
        raise AttributeError(f"torch.npu.{name} exists in the vendor's plugin and is not offered here yet")
    raise AttributeError(f"module 'torch.npu' has no attribute '{name}'")
