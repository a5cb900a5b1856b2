"""The table that torch.npu.memory_summary prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping

_BYTES_ROWS = (
    ("Allocated memory", "allocated_bytes"),
    ("Active memory", "active_bytes"),
    ("Requested memory", "requested_bytes"),
    ("Reserved memory", "reserved_bytes"),
    ("Non-releasable memory", "inactive_split_bytes"),
)
_COUNT_ROWS = (
    ("Allocations", "allocation"),
    ("Active allocations", "active"),
    ("Reserved segments", "segment"),
    ("Non-releasable blocks", "inactive_split"),
)
_UNPOOLED_ROWS = (
    ("Oversize allocations", "oversize_allocations"),
    ("Oversize segments", "oversize_segments"),
)
_COLUMNS = (("Now", "current"), ("Peak", "peak"), ("Allocated", "allocated"), ("Freed", "freed"))
_WIDTH = 27 + 14 * len(_COLUMNS)


def _size(value: int) -> str:
    units = ("B", "KiB", "MiB", "GiB", "TiB")
    size, unit = float(value), 0
    while abs(size) >= 1024 and unit < len(units) - 1:
        size, unit = size / 1024, unit + 1
    return f"{value} B" if unit == 0 else f"{size:.1f} {units[unit]}"


def _row(title: str, key: str, stats: Mapping[str, int], show: Callable[[int], str]) -> str:
    cells = (show(stats[f"{key}.{column}"]) for _, column in _COLUMNS)
    return f"| {title:<25}" + "".join(f"| {cell:>11} " for cell in cells) + "|"


def format_summary(stats: Mapping[str, int], device: int, abbreviated: bool) -> str:
    """Lay out flat allocator statistics (bytes and counts) of one device as text."""
    rule = "-" * (_WIDTH + 1)
    head = f"npu:{device}: {stats['num_ooms']} out of memory, {stats['num_alloc_retries']} allocation retries"
    title = f"| {'Caching allocator':<25}" + "".join(f"| {name:>11} " for name, _ in _COLUMNS) + "|"
    lines = [rule, f"| {head:<{_WIDTH - 2}}|", rule, title]
    pools = ("all",) if abbreviated else ("all", "large_pool", "small_pool")
    for rows, show in ((_BYTES_ROWS, _size), (_COUNT_ROWS, str)):
        for name, key in rows:
            lines.append(rule)
            for pool in pools:
                label = name if pool == "all" else f"  {pool.replace('_', ' ')}"
                lines.append(_row(label, f"{key}.{pool}", stats, show))
    for name, key in _UNPOOLED_ROWS:
        lines += [rule, _row(name, key, stats, str)]
    return "\n".join([*lines, rule]) + "\n"
