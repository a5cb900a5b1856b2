"""Compiles our contract against the headers of CANN in the vendor's wheel (see vendor_headers.cpp)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from . import contract

# What the wheel's headers do not declare, so that nothing can be compared: layers below them (rt, Msprof), and
# functions that the vendor's plugin looks up by name only. A new name here needs a reason.
UNDECLARED = re.compile(
    r"rt(DevBinaryRegister|FunctionRegister|GetC2cCtrlAddr|KernelLaunch)|Msprof\w+|HcommMem(Alloc|Free)"
    r"|aclprof(GetSupportedFeatures(V2)?|RegisterDeviceCallback|Warmup)|HcclCommSymWin(Der|R)egister"
)


def vendor_include() -> Path:
    """Directory with the vendor's headers, or a skip that says what to set."""
    wheel = os.environ.get("TORCH_NPU_VENDOR_WHEEL")
    if not wheel:
        pytest.skip("TORCH_NPU_VENDOR_WHEEL does not name the site-packages directory of the vendor's torch-npu")
    include = Path(wheel) / "torch_npu" / "include" / "third_party"
    if not (include / "acl" / "inc" / "acl" / "acl.h").is_file():
        pytest.skip(f"{include} has no headers of CANN")
    return include


@pytest.fixture(scope="module")
def vendor() -> tuple[Path, set[str]]:
    """The vendor's directory, and every identifier in its headers outside of comments."""
    include = vendor_include()
    words: set[str] = set()
    for path in [*include.glob("acl/inc/acl/**/*.h"), *include.glob("hccl/inc/hccl/*.h")]:
        text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", path.read_text(errors="replace"), flags=re.S)
        words.update(re.findall(r"\b[A-Za-z_]\w*\b", text))
    return include, words


def write_checks(directory: Path, words: set[str]) -> dict[str, int]:
    """Writes the three .inc files; returns how many checks of each kind they hold."""
    types = contract.text_of(
        "acl/acl_types.h", "acl/acl_enums.h", "acl/acl_structs.h", "acl/acl_error_codes.h", "hccl/hccl_types.h"
    )
    constants = [name for name in contract.constants(types) if name in words]
    lines = [f"constexpr long long vendor_{name} = static_cast<long long>({name});" for name in constants]
    (directory / "vendor_constants.inc").write_text("\n".join(lines) + "\n")

    checks = [f'static_assert(static_cast<long long>({n}) == vendor_{n}, "{n}");' for n in constants]
    enumerators = 0
    for names in contract.enumerators(types).values():
        for name in names:
            if name in words and name not in constants:
                enumerators += 1
                checks.append(f'static_assert(int(ours::{name}) == int(::{name}), "{name}");')
    structures = 0
    for name, fields in contract.structures(types).items():
        if name not in words:
            continue
        structures += 1
        checks.append(f'static_assert(sizeof(ours::{name}) == sizeof(::{name}), "{name}");')
        for field in fields:
            checks.append(
                f'static_assert(offsetof(ours::{name}, {field}) == offsetof(::{name}, {field}), "{name}.{field}");'
            )
    (directory / "vendor_layout.inc").write_text("\n".join(checks) + "\n")

    declared = contract.prototypes(contract.text_of(*contract.headers("acl"), *contract.headers("hccl")))
    known = [text for name, text in declared.items() if name in words]
    (directory / "vendor_prototypes.inc").write_text("".join(f"{text};\n" for text in known))
    return {
        "constants": len(constants),
        "enumerators": enumerators,
        "structures": structures,
        "prototypes": len(known),
    }


def compile_against(include: Path, directory: Path) -> subprocess.CompletedProcess[str]:
    """Runs the compiler over vendor_headers.cpp, without output."""
    compiler = os.environ.get("CXX") or shutil.which("g++") or "c++"
    arguments = ["-std=c++20", "-fsyntax-only", "-w", "-Wno-invalid-offsetof"]
    vendor = [include / "acl" / "inc", include / "hccl" / "inc", include.parent]
    for path in [*vendor, directory, contract.ROOT, contract.INCLUDE]:
        arguments += ["-I", str(path)]
    source = str(contract.ROOT / "tests" / "cann" / "vendor_headers.cpp")
    return subprocess.run([compiler, *arguments, source], capture_output=True, text=True, timeout=300, check=False)


def test_contract_agrees_with_the_vendor(vendor: tuple[Path, set[str]], tmp_path: Path) -> None:
    """Every constant, enumerator, size, offset and prototype that both sides have is the same."""
    include, words = vendor
    counts = write_checks(tmp_path, words)
    result = compile_against(include, tmp_path)
    assert result.returncode == 0, result.stderr[:20000]
    print(counts)
    assert counts["constants"] > 200
    assert counts["enumerators"] > 300
    assert counts["structures"] > 25
    assert counts["prototypes"] > 250


def test_the_check_can_fail(vendor: tuple[Path, set[str]], tmp_path: Path) -> None:
    """A wrong value, a wrong offset and a wrong prototype are each found."""
    include, words = vendor
    write_checks(tmp_path, words)
    for name, old, new in (
        ("vendor_layout.inc", "int(ours::ACL_FLOAT16) ==", "1 + int(ours::ACL_FLOAT16) =="),
        ("vendor_layout.inc", "sizeof(ours::aclrtPhysicalMemProp) ==", "8 + sizeof(ours::aclrtPhysicalMemProp) =="),
        ("vendor_prototypes.inc", "aclError aclrtGetDevice(int32_t* deviceId)", "aclError aclrtGetDevice(float* x)"),
    ):
        path = tmp_path / name
        original = path.read_text()
        assert old in original
        path.write_text(original.replace(old, new))
        assert compile_against(include, tmp_path).returncode != 0, new
        path.write_text(original)


def test_everything_is_compared(vendor: tuple[Path, set[str]]) -> None:
    """Names that the vendor's headers lack are few, and known."""
    _, words = vendor
    declared = contract.prototypes(contract.text_of(*contract.headers("acl"), *contract.headers("hccl")))
    missing = [name for name in declared if name not in words and not UNDECLARED.fullmatch(name)]
    assert missing == [], missing
