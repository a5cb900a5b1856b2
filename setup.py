"""Package torch_npu: CMake and Ninja compile, setuptools only packs what they made.

``python setup.py build_ext --inplace`` leaves the libraries in ``torch_npu/``; a wheel gets the same files, stripped.
Environment: CMAKE_ARGS (further arguments of the configure step), MAX_JOBS (parallel compiles).
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, find_packages, setup
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
BUILD = ROOT / "build"


def find_tool(name: str) -> str:
    """Return the path of a build tool, this environment's before the system's (the environment may not be active)."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    tool = shutil.which(name, path=path)
    if tool is None:
        raise SystemExit(f"{name} is not installed: pip install {name}")
    return tool


def parallel_jobs() -> int:
    """Return how many compiles run at once: one a core, and 2 GiB of memory for each."""
    if jobs := os.environ.get("MAX_JOBS"):
        return int(jobs)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(len(os.sched_getaffinity(0)), memory // 2**31))


def compile_libraries() -> None:
    """Bring the libraries in ``torch_npu/`` up to date, configuring only when the configuration changed."""
    cmake = find_tool("cmake")
    configure = [cmake, "-S", str(ROOT), "-B", str(BUILD), "-G", "Ninja"]
    configure += [f"-DPython3_EXECUTABLE={sys.executable}", f"-DCMAKE_MAKE_PROGRAM={find_tool('ninja')}"]
    configure += shlex.split(os.environ.get("CMAKE_ARGS", ""))
    configured = BUILD / "configured.txt"
    if not configured.exists() or configured.read_text() != "\n".join(configure):
        subprocess.run(configure, check=True)
        configured.write_text("\n".join(configure))
    subprocess.run([cmake, "--build", str(BUILD), "--parallel", str(parallel_jobs())], check=True)


class FreshBuild(build):
    """The ``build`` step, from an empty directory: a wheel must not hold what an earlier one held."""

    def run(self) -> None:
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()


class CMakeBuild(build_ext):
    """The ``build_ext`` step: everything that is compiled, in one CMake project."""

    def run(self) -> None:
        compile_libraries()
        if not self.inplace:
            install = [find_tool("cmake"), "--install", str(BUILD), "--prefix", self.build_lib, "--strip"]
            subprocess.run(install, check=True, stdout=subprocess.DEVNULL)

    def get_outputs(self) -> list[str]:
        return [] if self.inplace else [str(path) for path in Path(self.build_lib).rglob("*.so")]

    def get_output_mapping(self) -> dict[str, str]:
        return {}


setup(
    packages=find_packages(include=["torch_npu", "torch_npu.*"])
    + ["torch_npu.launch", *(f"torch_npu.launch.{name}" for name in find_packages("launch"))],
    package_dir={"torch_npu.launch": "launch"},
    ext_modules=[Extension("torch_npu._C", sources=[])],
    cmdclass={"build": FreshBuild, "build_ext": CMakeBuild},
)
