"""PyTorch's own catalogue of what a device has to do: its operators, modules and optimizers, by name.

An entry is a record of torch.testing._internal: an ``OpInfo`` (``abs``, ``nn.functional.conv2d``, ``sum``), a
``ModuleInfo`` (``nn.Linear``) or an ``OptimizerInfo`` (``optim.Adam``), with the columns that are checked for it. The
entries of SABOTAGE are not PyTorch's: they crash, hang and spoil the device, and are run only by who names them.
"""

from __future__ import annotations

import dataclasses
import functools
import warnings
from typing import Any

import torch

OPERATOR = ("forward", "backward", "out=", "in-place", "non-contiguous", "refusals")
MODULE = ("forward", "backward", "non-contiguous")
OPTIMIZER = ("for-loop", "foreach", "fused")
SABOTAGE = ("sabotage.crash", "sabotage.hang", "sabotage.device")


@dataclasses.dataclass(frozen=True)
class Entry:
    name: str
    kind: str  # operator, module, optimizer, sabotage
    columns: tuple[str, ...]
    info: Any

    @property
    def has_float32(self) -> bool:
        return self.kind == "optimizer" or self.kind == "sabotage" or torch.float32 in self.info.dtypes


@functools.cache
def entries() -> dict[str, Entry]:
    """Return every entry by its name; loading the catalogue takes seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
        from torch.testing._internal.common_modules import module_db
        from torch.testing._internal.common_optimizers import optim_db
    found = [Entry(operator_name(info), "operator", OPERATOR, info) for info in op_db]
    found += [Entry(info.name, "module", MODULE, info) for info in module_db]
    found += [Entry(f"optim.{info.optim_cls.__name__}", "optimizer", OPTIMIZER, info) for info in optim_db]
    found += [Entry(name, "sabotage", ("forward",), None) for name in SABOTAGE]
    by_name = {entry.name: entry for entry in found}
    assert len(by_name) == len(found), "two entries of the catalogue have one name"
    return by_name


def operator_name(info: Any) -> str:
    """Return the operator's name and, after a slash, the variant's: ``linalg.pinv/hermitian``."""
    return f"{info.name}/{info.variant_test_name}" if info.variant_test_name else info.name


def swept() -> list[str]:
    """Return the sorted names of what the sweep covers: all entries that take float32."""
    return sorted(entry.name for entry in entries().values() if entry.has_float32 and entry.kind != "sabotage")


def without_float32() -> list[str]:
    """Return the sorted names of the entries that know other dtypes only."""
    return sorted(entry.name for entry in entries().values() if not entry.has_float32)
