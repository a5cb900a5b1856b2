"""The device ``npu`` for PyTorch, on top of CANN or, where there is none, on top of the bundled software NPU.

``import torch`` is enough: torch finds this package through the entry point group ``torch.backends``.
``import torch_npu`` does the same explicitly and says why when it cannot.
"""

import sys


def _autoload() -> None:
    """Entry point of ``torch.backends``: start the device at the end of ``import torch``, or leave torch alone.

    Defined above ``import torch`` because torch calls it while this module is still being imported when the
    program's first import is ``import torch_npu``; in that case there is nothing to do here.
    """
    if _imported_by_torch:
        from torch_npu._startup import start_from_torch

        start_from_torch()


_imported_by_torch = getattr(getattr(sys.modules.get("torch"), "__spec__", None), "_initializing", False)

import torch  # noqa: E402, F401  (the order is explained in _autoload)

from torch_npu._version import __version__  # noqa: E402

if not _imported_by_torch:
    from torch_npu._startup import start

    start()

__all__ = ["__version__", "npu"]

# Operators of our own that are public, under the names that users of the vendor's plugin know.
_OPERATORS = ("npu_fusion_attention", "npu_rms_norm", "npu_rotary_mul", "npu_swiglu")


def __getattr__(name: str) -> object:
    from torch_npu._not_offered import is_vendor_attribute

    if name in _OPERATORS:
        return getattr(torch.ops.npu, name)
    if name.startswith("npu_"):
        raise AttributeError(
            f"torch_npu.{name} is an operator of the vendor's plugin that this version does not offer yet"
        )
    if is_vendor_attribute(name):
        raise AttributeError(f"torch_npu.{name} exists in the vendor's plugin and is not offered here yet")
    raise AttributeError(f"module 'torch_npu' has no attribute '{name}'")
