"""The process-group backend ``hccl`` of torch.distributed: collectives of npu tensors.

``torch.distributed.init_process_group()`` takes it for npu tensors by itself; ``"hccl"`` and ``"cpu:gloo,npu:hccl"``
name it. Its options are ``ProcessGroupHCCL.Options``, the ``pg_options`` of ``init_process_group`` and ``new_group``.
"""

from __future__ import annotations

import atexit
import copy

import torch.distributed as dist
from torch.distributed.distributed_c10d import _DistributedBackendOptions

from torch_npu import _C

ProcessGroupHCCL = _C._distributed_c10d.ProcessGroupHCCL

__all__ = ["ProcessGroupHCCL", "is_hccl_available"]

BACKEND = "hccl"

# How long the exit of the interpreter waits for collectives of groups that were not destroyed.
_EXIT_MILLISECONDS = 5000


def is_hccl_available() -> bool:
    """Whether the CANN in use has HCCL, so that ``init_process_group("hccl")`` can work. Uses no device."""
    return _C._distributed_c10d.is_available()


def register() -> None:
    """Tell torch.distributed about the backend; a second call does nothing."""
    if BACKEND.upper() in dist.Backend._plugins:
        return
    dist.Backend.register_backend(BACKEND, _create, extended_api=True, devices=["npu"])
    dist.is_hccl_available = is_hccl_available
    atexit.register(_C._distributed_c10d.shutdown_all, _EXIT_MILLISECONDS)


def _create(group: _DistributedBackendOptions, options: ProcessGroupHCCL.Options | None) -> ProcessGroupHCCL:
    if options is None:
        options = ProcessGroupHCCL.Options()
    elif not isinstance(options, ProcessGroupHCCL.Options):
        raise TypeError(
            f"pg_options of a group of hccl must be torch_npu.distributed.ProcessGroupHCCL.Options, "
            f"not {type(options).__module__}.{type(options).__qualname__}"
        )
    options = copy.copy(options)  # the caller may give the same ones to several groups
    options._timeout = group.timeout
    options.group_name = group.group_id
    options.global_ranks_in_group = group.global_ranks_in_group
    return ProcessGroupHCCL(group.store, group.group_rank, group.group_size, options)
