"""Which CANN is loaded, that libraries of two never mix, and what is said about one that is missing or incomplete."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from core.scripts import ROOT, run_ok, run_script

BUNDLED = ROOT / "torch_npu" / "lib" / "softnpu"
LIBRARIES = ("libascendcl.so", "libnnopbase.so", "libopapi.so", "libhccl.so")
QUIET = {"ASCEND_HOME_PATH": "", "ASCEND_TOOLKIT_HOME": ""}

ASK = """
import torch, torch_npu
print(torch_npu._C.cann_info()["directory"], torch_npu._C.cann_info()["version"])
print(torch.npu.device_count(), torch.npu.get_device_name())
"""


def compile_library(file: Path, *options: str) -> None:
    """Build fake_cann.cpp into ``file``."""
    source = Path(__file__).with_name("fake_cann.cpp")
    compiler = shutil.which("c++") or shutil.which("g++")
    assert compiler, "the tests of the loader need a C++ compiler"
    file.parent.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-shared", "-fPIC", "-std=c++17", f"-I{ROOT}/cann/include", *options, str(source)]
    subprocess.run([*command, "-o", str(file)], check=True, capture_output=True, text=True)


@pytest.fixture(scope="module")
def toolkit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A toolkit of the usual layout, of which only the runtime exists and lacks the memory functions."""
    root = tmp_path_factory.mktemp("toolkit")
    compile_library(root / "lib64" / "libascendcl.so", '-DFAKE_VERSION="8.1.RC1"', "-DFAKE_OMIT_MEMORY")
    return root


def test_bundled_is_found_last(tmp_path: Path) -> None:
    out = run_ok(ASK, tmp_path, env=QUIET).splitlines()
    assert out[0].startswith(f"{BUNDLED} ")
    assert out[1] == "8 Ascend910B2"


def test_soft_wins_over_a_toolkit(toolkit: Path, tmp_path: Path) -> None:
    env = {"ASCEND_HOME_PATH": str(toolkit), "TORCH_NPU_CANN": "soft"}
    assert run_ok(ASK, tmp_path, env=env).startswith(f"{BUNDLED} ")


@pytest.mark.parametrize("variable", ["ASCEND_HOME_PATH", "ASCEND_TOOLKIT_HOME", "TORCH_NPU_CANN"])
def test_toolkit_is_found(variable: str, toolkit: Path, tmp_path: Path) -> None:
    out = run_ok(ASK, tmp_path, env=QUIET | {variable: str(toolkit) + "/"}).splitlines()
    assert out == [f"{toolkit}/lib64 8.1.RC1", "3 AscendFake"]


def test_first_variable_wins_and_an_empty_directory_is_said(toolkit: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    env = {"ASCEND_HOME_PATH": str(empty), "ASCEND_TOOLKIT_HOME": str(toolkit)}
    outcome = run_script(ASK, tmp_path, env=env)
    assert outcome.status == 0 and outcome.out.startswith(f"{toolkit}/lib64 ")
    assert f"ASCEND_HOME_PATH={empty}" in outcome.err and "libascendcl.so" in outcome.err


def test_one_line_says_which(tmp_path: Path) -> None:
    quiet = run_script(ASK, tmp_path, env=QUIET)
    assert str(BUNDLED) not in quiet.err
    outcome = run_script(ASK, tmp_path, env=QUIET | {"TORCH_NPU_LOG": "info"})
    lines = [line for line in outcome.err.splitlines() if "CANN" in line]
    assert len(lines) == 1 and str(BUNDLED) in lines[0] and lines[0].startswith("[torch_npu] info: "), outcome.err


def test_import_loads_nothing(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    maps = open("/proc/self/maps").read()
    assert "libtorch_npu.so" in maps and "libascendcl.so" not in maps and "libopapi.so" not in maps
    torch.npu.device_count()
    maps = open("/proc/self/maps").read()
    assert "libascendcl.so" in maps and "libopapi.so" not in maps
    assert not torch.npu.is_initialized()
    """
    run_ok(code, tmp_path)


@pytest.mark.parametrize("file", ["", "libascendcl.so"])
def test_unknown_path(file: str, tmp_path: Path) -> None:
    outcome = run_script("import torch_npu", tmp_path, env={"TORCH_NPU_CANN": str(tmp_path / file)})
    sentence = outcome.err.strip().splitlines()[-1]
    assert outcome.status == 1
    for part in (f"TORCH_NPU_CANN={tmp_path}", "libascendcl.so", f"{tmp_path / file}/lib64", "auto, soft, off"):
        assert part in sentence, outcome.err


def test_missing_function(toolkit: Path, tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    assert torch.npu.is_available()
    for _ in range(2):
        try:
            torch.empty(3, device="npu")
        except RuntimeError as error:
            print(str(error).splitlines()[0])
    """
    out = run_ok(code, tmp_path, env={"TORCH_NPU_CANN": str(toolkit)}).splitlines()
    assert len(out) == 2
    for part in ("aclrtMalloc ", f"{toolkit}/lib64/libascendcl.so", "8.1.RC1"):
        assert part in out[0], out


def test_missing_library(toolkit: Path, tmp_path: Path) -> None:
    root = tmp_path / "no_operators"
    compile_library(root / "libascendcl.so", '-DFAKE_VERSION="9.0"')
    code = """
    import torch, torch_npu
    x = torch.empty(3, device="npu")
    try:
        x.add_(1)
    except RuntimeError as error:
        print(str(error).splitlines()[0])
    """
    out = run_ok(code, tmp_path, env={"TORCH_NPU_CANN": str(root)})
    assert f"{root}/libnnopbase.so" in out, out


def test_too_old(tmp_path: Path) -> None:
    compile_library(tmp_path / "cann" / "libascendcl.so", '-DFAKE_VERSION="7.0.RC1"')
    code = """
    import torch, torch_npu
    print(torch.npu.is_available())
    try:
        torch.empty(3, device="npu")
    except RuntimeError as error:
        print(str(error).splitlines()[0])
    """
    out = run_ok(code, tmp_path, env={"TORCH_NPU_CANN": str(tmp_path / "cann")})
    assert out.startswith("False\n") and "7.0.RC1" in out and "8.0" in out, out


def test_version_from_the_files_of_a_toolkit(tmp_path: Path) -> None:
    root = tmp_path / "cann"
    compile_library(root / "x86_64-linux" / "lib64" / "libascendcl.so")
    shutil.copytree(root / "x86_64-linux", root / "aarch64-linux")
    for arch in ("x86_64-linux", "aarch64-linux"):
        (root / arch / "ascend_toolkit_install.info").write_text("package_name=toolkit\nversion=8.2.RC1\n")
    out = run_ok(ASK, tmp_path, env={"TORCH_NPU_CANN": str(root)})
    assert out.splitlines()[0].endswith("-linux/lib64 8.2.RC1"), out


def test_library_that_does_not_load(tmp_path: Path) -> None:
    (tmp_path / "libascendcl.so").write_text("not a library")
    code = """
    import torch, torch_npu
    print(torch.npu.is_available(), torch.npu.device_count())
    try:
        torch.empty(3, device="npu")
    except RuntimeError as error:
        print(str(error).splitlines()[0])
    """
    outcome = run_script(code, tmp_path, env={"TORCH_NPU_CANN": str(tmp_path)})
    assert outcome.status == 0 and outcome.out.startswith("False 0\n"), outcome.err
    assert f"{tmp_path}/libascendcl.so" in outcome.out and "TORCH_NPU_CANN" in outcome.out
    assert f"{tmp_path}/libascendcl.so" in outcome.err  # said once where nobody asked, too


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Libraries of another CANN under the same names, which print when they are loaded."""
    root = tmp_path_factory.mktemp("foreign")
    for name in LIBRARIES:
        compile_library(root / name, f'-DFAKE_MARK="FOREIGN {name}"', f"-Wl,-soname,{name}")
    return root


COMPUTE = """
import torch, torch_npu
x = torch.ones(8, device="npu")
print((x + x).sum().item())
foreign = [line for line in open("/proc/self/maps") if "foreign" in line]
assert not foreign, foreign
"""


def test_foreign_cann_in_the_library_path(foreign: Path, tmp_path: Path) -> None:
    out = run_ok(COMPUTE, tmp_path, env=QUIET | {"LD_LIBRARY_PATH": str(foreign)})
    assert out == "16.0\n"


def test_foreign_library_that_is_loaded_already(foreign: Path, tmp_path: Path) -> None:
    code = f"""
    import ctypes
    ctypes.CDLL("{foreign}/libnnopbase.so")
    import torch, torch_npu
    try:
        print((torch.ones(8, device="npu") + 1).sum().item())
    except RuntimeError as error:
        print(str(error).splitlines()[0])
    """
    last = run_ok(code, tmp_path, env=QUIET).splitlines()[-1]
    assert "mixed" in last and f"{foreign}/libnnopbase.so" in last and str(BUNDLED) in last, last


def test_off(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    assert not torch.npu.is_available() and torch.npu.device_count() == 0
    assert torch._C._get_privateuse1_backend_name() == "privateuseone"
    assert "libascendcl" not in open("/proc/self/maps").read()
    """
    run_ok(code, tmp_path, env={"TORCH_NPU_CANN": "off"})


def test_threads_load_once(tmp_path: Path) -> None:
    code = """
    import threading, torch, torch_npu
    barrier, results = threading.Barrier(16), []
    def use():
        barrier.wait()
        results.append((torch.ones(4, device="npu") + 1).sum().item())
    threads = [threading.Thread(target=use) for _ in range(16)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    assert results == [8.0] * 16, results
    """
    outcome = run_script(code, tmp_path, env={"TORCH_NPU_LOG": "info"})
    assert outcome.status == 0, outcome.err
    assert outcome.err.count("using CANN") == 1, outcome.err
