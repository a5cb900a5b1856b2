"""Switches of the vendor's plugin that scripts set and that have nothing to switch here."""

from __future__ import annotations

__all__ = ["config", "set_compile_mode"]


def set_compile_mode(jit_compile: bool = False) -> None:
    """Accepts ``jit_compile=False``, the way this plugin always works: operators are not compiled at run time.

    Args:
        jit_compile: False, or True for which nothing changes but how the vendor's plugin would run.

    Raises:
        TypeError: ``jit_compile`` is not a bool.
    """
    if not isinstance(jit_compile, bool):
        raise TypeError(f"jit_compile must be a bool but is a {type(jit_compile).__name__}")


class _Config:
    """``torch.npu.config``: accepts the settings that scripts write.

    Attributes:
        allow_internal_format: kept as written and without effect: tensors always have the format of their
            shape, which is what the vendor's plugin does for False.
    """

    __slots__ = ("allow_internal_format",)

    def __init__(self) -> None:
        self.allow_internal_format = False


config = _Config()
