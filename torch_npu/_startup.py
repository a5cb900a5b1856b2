"""What happens at import: decide whether to start, load the libraries, register the device with torch.

Only torch's own registration calls are used, nothing of torch is replaced. Nothing here touches a device.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import platform
import sys
import warnings
from pathlib import Path
from types import ModuleType

import torch

from torch_npu._version import __version__

DEVICE = "npu"


def start() -> None:
    """Load ``torch_npu._C`` and register the device ``npu``; a second call does nothing.

    Raises:
        ImportError: torch is of another release, the libraries are not built or do not load, the directory
            named by ``TORCH_NPU_CANN`` cannot be used, or another plugin owns torch's out-of-tree device.
    """
    check_torch_version(torch.__version__)
    if _cann_setting() == "off":
        _publish(_load_switched_off())
        return
    _check_owner()
    _C = _load_libraries()
    from torch_npu import npu

    if getattr(torch, DEVICE, None) is npu:
        return
    atexit.register(_C.shutdown)  # early in the life of the process, so late at its end
    torch.utils.rename_privateuse1_backend(DEVICE)
    torch._register_device_module(DEVICE, npu)
    torch.utils.generate_methods_for_privateuse1_backend(
        for_tensor=True, for_module=True, for_packed_sequence=True, for_storage=True
    )
    _alias_submodules()
    if torch.distributed.is_available():
        from torch_npu import distributed

        distributed.register()


def start_from_torch() -> None:
    """Start on behalf of ``import torch``, which must succeed whatever happens here.

    On a host with another accelerator and without CANN nothing is started, silently. A failure becomes one
    warning. In both cases the package is withdrawn, so that a later ``import torch_npu`` starts or raises.
    """
    try:
        if _wanted():
            start()
        else:
            _withdraw()
    except Exception as error:
        _withdraw()
        _warn(f"torch_npu was not loaded, torch works without it: {error}")


def check_torch_version(found: str) -> None:
    """Raise ImportError unless ``found`` is of the torch release that this package is built for.

    Args:
        found: a version as in ``torch.__version__``; a local part such as ``+cpu`` does not count.
    """
    built_for = __version__.split("+")[0]
    if found.split("+")[0] != built_for:
        raise ImportError(
            f"torch_npu {__version__} works with torch {built_for} but torch {found} is installed: "
            f"install torch {built_for}, or a torch_npu built for torch {found}"
        )


def _wanted() -> bool:
    """Whether ``import torch`` alone should start the device."""
    return _cann_setting() != "auto" or not other_accelerator() or toolkit_directory() is not None


def _cann_setting() -> str:
    return os.environ.get("TORCH_NPU_CANN", "").strip() or "auto"


def other_accelerator() -> str | None:
    """Name of an accelerator other than npu that this host can use, or None.

    Only counts devices (for CUDA through NVML where it can), so no context is created.
    """
    owner = torch._C._get_privateuse1_backend_name()
    if owner not in ("privateuseone", DEVICE):
        return owner
    accelerator = torch.accelerator.current_accelerator()
    if accelerator is None or accelerator.type in ("privateuseone", DEVICE):
        return None
    return accelerator.type if torch.accelerator.device_count() > 0 else None


def toolkit_directory() -> Path | None:
    """Library directory of the toolkit that the automatic choice would take, or None.

    Looks where csrc/acl/Library.cpp looks, without loading anything into the process.
    """
    roots = [os.environ.get(name) for name in ("ASCEND_HOME_PATH", "ASCEND_TOOLKIT_HOME")]
    for root in [*roots, "/usr/local/Ascend/ascend-toolkit/latest", "/usr/local/Ascend/cann"]:
        for below in ("", "lib64", f"{platform.machine()}-linux/lib64", "runtime/lib64", "compiler/lib64"):
            if root and Path(root, below, "libascendcl.so").is_file():
                return Path(root, below)
    return None


def _check_owner() -> None:
    owner = torch._C._get_privateuse1_backend_name()
    if owner not in ("privateuseone", DEVICE):
        raise ImportError(
            f"torch has room for one out-of-tree device and '{owner}' has taken it: "
            f"uninstall that plugin, or set TORCH_DEVICE_BACKEND_AUTOLOAD=0 and import torch_npu only"
        )


def _load_libraries() -> ModuleType:
    package = Path(__file__).parent
    found = importlib.util.find_spec("torch_npu._C")
    # An editable installation of another checkout would lend us its libraries.
    if found is None or found.origin is None or Path(found.origin).parent.resolve() != package.resolve():
        python = ".".join(map(str, sys.version_info[:2]))
        raise ImportError(f"torch_npu in {package} is not built for Python {python}: run make build")
    try:
        from torch_npu import _C

        _C.start()
    except ImportError as error:
        raise ImportError(f"torch_npu's library does not load, run make build again: {error}") from error
    except (RuntimeError, ValueError) as error:
        raise ImportError(str(error)) from error
    return _C


def _load_switched_off() -> ModuleType:
    from torch_npu import _off

    return _off


def _publish(module: ModuleType) -> None:
    """Make ``torch.npu`` answer questions without giving torch a device (no rename, no library)."""
    sys.modules["torch_npu"].npu = sys.modules["torch_npu.npu"] = module
    if not hasattr(torch, DEVICE):
        torch.npu = module
        sys.modules["torch.npu"] = module


def _alias_submodules() -> None:
    """Let ``import torch.npu.amp`` find the module that ``torch.npu.amp`` already is."""
    for name, module in list(sys.modules.items()):
        if name.startswith("torch_npu.npu."):
            sys.modules[name.replace("torch_npu.", "torch.", 1)] = module


def _withdraw() -> None:
    """Forget the package but for its C++ part, which a process can only load once."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "torch_npu"]:
        if name != "torch_npu._C":
            del sys.modules[name]


def _warn(message: str) -> None:
    try:
        warnings.warn(message, RuntimeWarning, stacklevel=2)
    except RuntimeWarning:  # the user turned warnings into errors, and import torch still has to succeed
        print(f"warning: {message}", file=sys.stderr)
