"""The table of environment variables, and what happens with values outside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from core.scripts import ROOT, run_ok, run_script

import torch_npu

ROWS = {row[0]: row for row in torch_npu._C.env_table()}

USE = """
import torch, torch_npu
try:
    x = torch.ones(4, device="npu")
    torch.npu.synchronize()
    torch.npu.current_stream().synchronize()
    print((x + 1).sum().item())
except (RuntimeError, ValueError) as error:
    print(type(error).__name__, str(error).splitlines()[0])
"""


def test_every_row_is_complete() -> None:
    assert len(ROWS) == len(torch_npu._C.env_table())
    for name, kind, default, allowed, doc in ROWS.values():
        assert re.fullmatch(r"[A-Z0-9_]+", name)
        assert kind in ("flag", "integer", "choice", "text") and allowed
        assert doc.endswith(".") and len(doc) > 20
        if kind == "flag":
            assert default in ("0", "1")
        if kind == "choice":
            assert default in allowed.split("|")
        if kind == "integer":
            int(default)


def test_every_variable_that_is_read_has_a_row() -> None:
    read = set()
    for path in (ROOT / "csrc").rglob("*.cpp"):
        read |= set(re.findall(r'(?:get_text|get_choice|get_integer|get_flag|is_set)\("(\w+)"\)', path.read_text()))
    assert read and read <= set(ROWS)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("ASCEND_LAUNCH_BLOCKING", "yes", "0 or 1"),
        ("PYTORCH_NO_NPU_MEMORY_CACHING", "true", "0 or 1"),
        ("ACL_DEVICE_SYNC_TIMEOUT", "soon", "seconds"),
        ("ACL_STREAM_TIMEOUT", "12ms", "milliseconds"),
        ("ACL_STREAM_TIMEOUT", "-7", "milliseconds"),
        ("PYTORCH_NPU_ALLOC_CONF", "max_split_size_mb", "PYTORCH_NPU_ALLOC_CONF"),
        ("PYTORCH_NPU_ALLOC_CONF", "no_such_key:1", "no_such_key"),
    ],
)
def test_wrong_value_is_a_sentence(name: str, value: str, allowed: str, tmp_path: Path) -> None:
    kind, _, sentence = run_ok(USE, tmp_path, env={name: value}).strip().partition(" ")
    assert kind in ("ValueError", "RuntimeError"), sentence
    assert name in sentence and f"'{value}'" in sentence and allowed in sentence, sentence


def test_wrong_log_level_does_not_stop_anything(tmp_path: Path) -> None:
    outcome = run_script(USE, tmp_path, env={"TORCH_NPU_LOG": "loud"})
    assert outcome.out == "8.0\n"
    lines = [line for line in outcome.err.splitlines() if "TORCH_NPU_LOG" in line]
    assert len(lines) <= 1
    outcome = run_script(USE, tmp_path, env={"TORCH_NPU_LOG": "loud", "ASCEND_HOME_PATH": "/nowhere"})
    lines = [line for line in outcome.err.splitlines() if "TORCH_NPU_LOG" in line]
    assert len(lines) == 1 and "'loud'" in lines[0] and "error, warning, info or debug" in lines[0], outcome.err


def test_empty_is_unset(tmp_path: Path) -> None:
    by_cann = "ASCEND_RT_VISIBLE_DEVICES"  # CANN's rule: an empty list is a list without devices
    env = dict.fromkeys((name for name in ROWS if name != by_cann), "")
    assert run_ok(USE, tmp_path, env=env) == "8.0\n"


def test_launch_blocking_raises_where_the_error_is_made(tmp_path: Path) -> None:
    assert run_ok(USE, tmp_path, env={"ASCEND_LAUNCH_BLOCKING": "1"}) == "8.0\n"
