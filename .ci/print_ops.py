"""Print the operators of torch that have a kernel of CANN on npu: a line for each packet, with its overloads.

``make ops`` runs it. In-place and out forms count with their packet; operators that are compositions of others, and
views, are not listed.
"""

from __future__ import annotations

from collections import defaultdict

import torch  # noqa: F401  (its libraries have to be loaded before ours)

from torch_npu import _C


def packets() -> dict[str, list[str]]:
    """Return the names of the native kernels by packet: ``{"add": ["add.Tensor", "add_.Tensor", "add.out"]}``."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in _C.native_operators():
        if "::" in name:  # an operator of our own
            continue
        packet = name.split(".")[0]
        found[packet if packet.startswith("__") else packet.rstrip("_")].append(name)
    return dict(found)


def main() -> None:
    native = packets()
    for packet, names in sorted(native.items()):
        print(f"aten::{packet:40} {' '.join(names)}")
    print(f"{len(native)} packets, {sum(map(len, native.values()))} kernels")


if __name__ == "__main__":
    main()
