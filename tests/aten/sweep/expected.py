"""What the sweep finds wrong and why it stays so for now; fallbacks have their reasons in tests/known_gaps.py.

A row is a pattern over the entry, one over the column, the state, a part of what is said, and a reason. A row that
covers nothing fails ``make operators``.
"""

from __future__ import annotations

import fnmatch

SPARSE = "sparse tensors on npu do not exist"

EXPECTED: list[tuple[str, str, str, str, str]] = [
    ("optim.SparseAdam", "for-loop", "error", "Sparsenpu", SPARSE),
    ("sparse.*", "*", "error", "SparseCsrnpu", SPARSE),
    (
        "fft.ihfft[2n]",
        "out=",
        "fail",
        "with gaps",
        "torch leaves such a result unwritten for one dimension, on the CPU too",
    ),
    ("to_sparse", "*", "error", "Sparsenpu", SPARSE),
]

# Operators that have a kernel, which some arguments are sent past, and why; the others are in tests/known_gaps.py.
SOMETIMES: dict[str, str] = {
    "sgn.out": "of complex numbers: CANN has no operator",
}


def reason(name: str, column: str, state: str, why: str) -> str | None:
    """Return why this state of a column is known, or nothing when it is not."""
    for entry, columns, known, part, text in EXPECTED:
        if fnmatch.fnmatchcase(name, entry) and fnmatch.fnmatchcase(column, columns) and state == known and part in why:
            return text
    return None
