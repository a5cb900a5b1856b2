"""Switches of the vendor's plugin that scripts set and that have nothing to switch here."""

from __future__ import annotations

import warnings

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
    if jit_compile:
        warnings.warn("jit_compile=True changes nothing: operators are never compiled at run time", stacklevel=2)


class _Config:
    """``torch.npu.config``: accepts the settings that scripts write.

    Attributes:
        allow_internal_format: kept as written and without effect: tensors always have the format of their
            shape, which is what the vendor's plugin does for False.
    """

    allow_internal_format: bool

    def __init__(self) -> None:
        self.allow_internal_format = False

    def __setattr__(self, name: str, value: object) -> None:
        if name != "allow_internal_format":
            raise AttributeError(f"torch.npu.config has no setting {name!r}")
        if value:
            warnings.warn("allow_internal_format=True changes nothing: tensors keep their base format", stacklevel=2)
        super().__setattr__(name, bool(value))


config = _Config()
