"""The package as a user meets it: the wheel, installs from source, and a checkout in which nothing is built."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.documents import documented

ROOT = Path(__file__).resolve().parents[1]
__version__ = runpy.run_path(str(ROOT / "torch_npu" / "_version.py"))["__version__"]
SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
EXTENSION = f"torch_npu/_C{sysconfig.get_config_var('EXT_SUFFIX')}"
SOFTNPU = ("ascendcl", "nnopbase", "opapi", "hccl", "hcomm", "acl_op_compiler", "ge_runner", "graph", "acl_tdt_channel")
RPATHS = {
    EXTENSION: "$ORIGIN/lib",
    "torch_npu/lib/libtorch_npu.so": "$ORIGIN",
    **{f"torch_npu/lib/softnpu/lib{name}.so": "$ORIGIN" for name in SOFTNPU},
}
QUICK_CHECK = (
    "import torch; x = torch.randn(2, 2).npu(); y = torch.randn(2, 2).npu(); z = x.mm(y); "
    "assert str(z.device) == 'npu:0', z.device; assert torch.allclose(z.cpu(), x.cpu() @ y.cpu()); print(z); "
)
LOCATION = "import sys, torch_npu; print(torch_npu.__file__); "
MAPPED = "print(*sorted({line.split()[-1] for line in open('/proc/self/maps') if '.so' in line}), sep='\\n')"


def clean_environment(**settings: str) -> dict[str, str]:
    """The environment without what would let the checkout or a chosen CANN in."""
    dropped = ("PYTHONPATH", "TORCH_", "SOFTNPU_", "ASCEND_", "LD_", "CMAKE_ARGS", "MAKE", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(dropped)} | settings


def run(*command: str | Path, cwd: Path, **settings: str) -> str:
    result = subprocess.run(command, cwd=cwd, env=clean_environment(**settings), capture_output=True, text=True)
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module", autouse=True)
def build_tree() -> Iterator[None]:
    """Leave the build tree configured as it was: the environments that these tests build in are gone afterwards."""
    cache = ROOT / "build" / "CMakeCache.txt"
    names = ("Python3_EXECUTABLE", "CMAKE_MAKE_PROGRAM", "TORCH_NPU_BUILD_TESTS", "TORCH_NPU_WERROR")
    before = re.findall(rf"^((?:{'|'.join(names)}):\w+=.*)$", cache.read_text(), re.MULTILINE) if cache.exists() else []
    yield
    if before:
        cmake = Path(sys.executable).parent / "cmake"
        run(cmake, "-S", ROOT, "-B", cache.parent, *(f"-D{setting}" for setting in before), cwd=ROOT)


@pytest.fixture(scope="module")
def dependencies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with all that is installed beside torch_npu, as links: torch without a second copy of it."""
    directory = tmp_path_factory.mktemp("dependencies")
    for entry in SITE_PACKAGES.iterdir():
        if not re.match(r"(torch_npu|__editable__|__pycache__|pip\b|.*\.pth$)", entry.name):
            (directory / entry.name).symlink_to(entry)
    return directory


@pytest.fixture(scope="module")
def fresh_environment(dependencies: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Make virtual environments that have torch and the build tools, but neither torch_npu nor the checkout."""

    def make() -> Path:
        directory = tmp_path_factory.mktemp("environment")
        run(sys.executable, "-m", "venv", directory, cwd=directory)
        site_packages = next(directory.glob("lib/python3*/site-packages"))
        (site_packages / "dependencies.pth").write_text(f"{dependencies}\n")
        for tool in ("cmake", "ninja"):
            (directory / "bin" / tool).symlink_to(Path(sys.executable).parent / tool)
        return directory

    return make


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as README says to build it; the objects of the build tree are used again."""
    directory = tmp_path_factory.mktemp("dist")
    pip = Path(sys.executable).parent / "pip"
    build = "pip wheel --no-build-isolation --no-deps --wheel-dir dist ."
    run(*documented(build, pip=pip, dist=directory), cwd=ROOT)
    return next(directory.glob("*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory)
    return directory


def rpath_and_needed(library: Path) -> tuple[list[str], list[str]]:
    dynamic = run("readelf", "-d", "-W", library, cwd=ROOT)
    return re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", dynamic), re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)


# ---------------------------------------------------------------- what is in the wheel


def test_wheel_tags_and_metadata(wheel: Path, unpacked: Path) -> None:
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    assert wheel.name == f"torch_npu-{__version__}-{python}-{python}-{platform}.whl"
    info = unpacked / f"torch_npu-{__version__}.dist-info"
    metadata = (info / "METADATA").read_text()
    assert "\nName: torch_npu\n" in metadata or "\nName: torch-npu\n" in metadata
    assert f"\nVersion: {__version__}\n" in metadata
    assert "\nRequires-Dist: torch==2.13.0\n" in metadata
    assert "\nLicense-Expression: BSD-3-Clause\n" in metadata
    assert "torch_npu = torch_npu:_autoload" in (info / "entry_points.txt").read_text()
    assert list(info.rglob("LICENSE"))
    assert "Root-Is-Purelib: false" in (info / "WHEEL").read_text()


def test_wheel_holds_our_libraries_and_no_others(unpacked: Path) -> None:
    libraries = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*.so*")}
    assert libraries == set(RPATHS)


def test_wheel_holds_the_python_package(unpacked: Path) -> None:
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "torch_npu").rglob("*.py")}
    sources |= {f"torch_npu/{path.relative_to(ROOT)}" for path in (ROOT / "launch").rglob("*.py")}
    packed = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*.py")}
    assert packed == sources
    assert (unpacked / "torch_npu" / "py.typed").exists()


@pytest.mark.parametrize("name", RPATHS)
def test_libraries_find_only_their_neighbours(unpacked: Path, name: str) -> None:
    rpaths, needed = rpath_and_needed(unpacked / name)
    assert rpaths == [RPATHS[name]]
    allowed = {f"lib{library}.so" for library in SOFTNPU} if "softnpu" in name else {"libtorch_npu.so"}
    system = r"(lib(c|m|dl|pthread|rt|gcc_s|stdc\+\+|gomp)\.so\.\d+|ld-linux.*|lib(torch_cpu|c10|torch_python)\.so)$"
    assert not [library for library in needed if library not in allowed and not re.match(system, library)]


@pytest.mark.parametrize("name", RPATHS)
def test_libraries_name_no_path_of_the_build(unpacked: Path, name: str) -> None:
    content = (unpacked / name).read_bytes()
    for path in {str(ROOT), str(SITE_PACKAGES), sys.prefix}:
        assert path.encode() not in content


# ---------------------------------------------------------------- the wheel, installed


def test_wheel_in_a_fresh_environment(wheel: Path, fresh_environment: Callable[[], Path], tmp_path: Path) -> None:
    environment = fresh_environment()
    python, pip = environment / "bin" / "python", environment / "bin" / "pip"
    run(*documented("pip install dist/torch_npu-*.whl", pip=pip, wheel=wheel), cwd=tmp_path)
    code = QUICK_CHECK + LOCATION + MAPPED
    output = run(python, "-c", code, cwd=tmp_path, TORCH_NPU_CANN="soft")
    assert output.startswith("tensor(")
    assert "device='npu:0')" in output
    assert str(environment / "lib") in output
    ours = [line for line in output.splitlines() if line.startswith((str(ROOT / "torch_npu"), str(ROOT / "build")))]
    assert not ours, "the installed package loads libraries of the checkout"
    doctor = documented(".venv/bin/python -m torch_npu.launch.doctor", python=python)
    assert "everything is in order" in run(*doctor, cwd=tmp_path, TORCH_NPU_CANN="soft")
    code = "from importlib.metadata import version; print(version('torch_npu'))"
    assert run(python, "-c", code, cwd=tmp_path).strip() == __version__
    run(*documented("pip uninstall --yes torch_npu", pip=pip), cwd=tmp_path)
    assert not list(environment.glob("lib/python3*/site-packages/torch_npu*"))
    assert "torch_npu" not in run(python, "-c", "import sys, torch; print(*sys.modules)", cwd=tmp_path)


@pytest.mark.parametrize("editable", [False, True], ids=["copied", "editable"])
def test_install_from_source(editable: bool, fresh_environment: Callable[[], Path], tmp_path: Path) -> None:
    environment = fresh_environment()
    python, pip = environment / "bin" / "python", environment / "bin" / "pip"
    tools = 'pip install torch==2.13.0 "setuptools>=77" cmake ninja'
    run(*documented(tools, pip=pip), cwd=tmp_path)
    copied, linked = "pip install --no-build-isolation .", "pip install --no-build-isolation --editable ."
    run(*(documented(linked, pip=pip) if editable else documented(copied, pip=pip)), cwd=ROOT)
    output = run(python, "-c", QUICK_CHECK + LOCATION, cwd=tmp_path, TORCH_NPU_CANN="soft")
    assert output.startswith("tensor(")
    assert output.splitlines()[-1].startswith(str(ROOT if editable else environment))
    run(python, "-m", "torch_npu.launch.doctor", cwd=tmp_path, TORCH_NPU_CANN="soft")


# ---------------------------------------------------------------- the checkout before `make build`


@pytest.fixture
def unbuilt_checkout(tmp_path: Path) -> Path:
    """The sources as git gives them, without what a build leaves."""
    ignore = shutil.ignore_patterns("lib", "*.so", "__pycache__")
    for name in ("torch_npu", "tests", "launch"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("arguments", [("-c", "import torch_npu"), ("-m", "pytest")], ids=["python", "pytest"])
def test_before_the_build(unbuilt_checkout: Path, arguments: tuple[str, ...]) -> None:
    settings = clean_environment(TORCH_DEVICE_BACKEND_AUTOLOAD="0")
    command = [sys.executable, *arguments]
    result = subprocess.run(command, cwd=unbuilt_checkout, env=settings, capture_output=True, text=True)
    assert result.returncode != 0
    assert "run make build" in result.stdout + result.stderr
