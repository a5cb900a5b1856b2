"""How the plugin comes into a process: by torch's entry point, by import, or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from core.scripts import ROOT, install_entry_point, run_ok, run_script

from torch_npu._startup import check_torch_version, toolkit_directory

QUICK_CHECK = """
x = torch.randn(2, 2).npu()
y = torch.randn(2, 2).npu()
z = x.mm(y)
print(z)
assert torch.allclose(z.cpu(), x.cpu() @ y.cpu(), atol=1e-6)
"""

# Runs at the moment when torch looks for plugins, inside `import torch`.
AT_AUTOLOAD = """
import importlib.metadata
find = importlib.metadata.entry_points
def entry_points(**query):
    if query.get("group") == "torch.backends":
        import torch
        {code}
    return find(**query)
importlib.metadata.entry_points = entry_points
"""
FAKE_CUDA = AT_AUTOLOAD.format(
    code="torch._C._accelerator_getAccelerator = lambda: torch.device('cuda'); torch.cuda.device_count = lambda: 1"
)
NOT_THERE = """
assert not hasattr(torch, "npu")
assert torch._C._get_privateuse1_backend_name() == "privateuseone"
assert "libtorch_npu" not in open("/proc/self/maps").read()
import sys
assert not [name for name in sys.modules if name.partition(".")[0] == "torch_npu"]
"""


@pytest.fixture
def plugin(tmp_path: Path) -> tuple[Path, ...]:
    """The path of a process in which torch finds the plugin of this checkout."""
    return (install_entry_point(tmp_path / "site"), ROOT)


@pytest.mark.parametrize("first", ["import torch", "import torch_npu, torch", "import torch, torch_npu"])
def test_quick_check(first: str, plugin: tuple[Path, ...], tmp_path: Path) -> None:
    assert "device='npu:0'" in run_ok(first + QUICK_CHECK, tmp_path, path=plugin)


def test_explicit_import_without_autoload(plugin: tuple[Path, ...], tmp_path: Path) -> None:
    code = "import torch\nassert not hasattr(torch, 'npu')\nimport torch_npu" + QUICK_CHECK
    run_ok(code, tmp_path, path=plugin, env={"TORCH_DEVICE_BACKEND_AUTOLOAD": "0"})


def test_submodules_have_one_identity(tmp_path: Path) -> None:
    code = """
    import torch_npu, torch
    import torch.npu.amp, torch.npu.memory
    from torch.npu.random import manual_seed_all
    assert torch.npu is torch_npu.npu and torch.npu.amp is torch_npu.npu.amp
    assert manual_seed_all is torch.npu.manual_seed_all
    import importlib
    importlib.reload(torch_npu)
    """
    run_ok(code, tmp_path)


@pytest.mark.parametrize("first", ["import torch", "import torch_npu, torch"])
def test_switched_off(first: str, plugin: tuple[Path, ...], tmp_path: Path) -> None:
    code = f"""
    {first}
    assert torch.npu.is_available() is False and torch.npu.device_count() == 0
    assert torch._C._get_privateuse1_backend_name() == "privateuseone"
    maps = open("/proc/self/maps").read()
    assert "libtorch_npu" not in maps and "libascendcl" not in maps
    assert not hasattr(torch.Tensor, "npu")
    torch.manual_seed(1)
    torch.npu.manual_seed_all(1)
    import torch_npu
    assert torch_npu.npu is torch.npu
    accelerator = torch.accelerator.current_accelerator()
    assert accelerator is None or accelerator.type != "npu"
    try:
        torch.npu.synchronize()
    except AttributeError as error:
        print(error)
    """
    out = run_ok(code, tmp_path, path=plugin, env={"TORCH_NPU_CANN": "off"})
    assert out == "torch.npu.synchronize is not there because TORCH_NPU_CANN=off switches the npu device off\n"


no_toolkit = {"ASCEND_HOME_PATH": "", "ASCEND_TOOLKIT_HOME": ""}


@pytest.fixture
def without_toolkit(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in no_toolkit:
        monkeypatch.delenv(name, raising=False)
    if toolkit_directory() is not None:
        pytest.skip("needs a machine without a CANN toolkit at its default place")


@pytest.mark.usefixtures("without_toolkit")
def test_another_accelerator_and_no_cann(plugin: tuple[Path, ...], tmp_path: Path) -> None:
    outcome = run_script(FAKE_CUDA + "import torch" + NOT_THERE, tmp_path, path=plugin, env=no_toolkit)
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "")


@pytest.mark.usefixtures("without_toolkit")
def test_another_accelerator_and_explicit_import(plugin: tuple[Path, ...], tmp_path: Path) -> None:
    code = FAKE_CUDA + "import torch" + NOT_THERE + "import torch_npu\nassert torch.npu.is_available()" + QUICK_CHECK
    run_ok(code, tmp_path, path=plugin, env=no_toolkit)


@pytest.mark.usefixtures("without_toolkit")
def test_another_accelerator_and_asked_for(plugin: tuple[Path, ...], tmp_path: Path) -> None:
    code = FAKE_CUDA + "import torch" + QUICK_CHECK
    run_ok(code, tmp_path, path=plugin, env=no_toolkit | {"TORCH_NPU_CANN": "soft"})


@pytest.mark.usefixtures("without_toolkit")
def test_another_accelerator_and_a_toolkit(plugin: tuple[Path, ...], tmp_path: Path) -> None:
    toolkit = tmp_path / "toolkit"
    toolkit.mkdir()
    (toolkit / "lib64").symlink_to(ROOT / "torch_npu" / "lib" / "softnpu")
    code = FAKE_CUDA + "import torch" + QUICK_CHECK + "print(torch.npu._C.cann_info()['directory'])"
    out = run_ok(code, tmp_path, path=plugin, env=no_toolkit | {"ASCEND_HOME_PATH": str(toolkit)})
    assert out.splitlines()[-1].startswith(str(toolkit))


def test_an_absent_other_accelerator_does_not_count(plugin: tuple[Path, ...], tmp_path: Path) -> None:
    code = FAKE_CUDA.replace("lambda: 1", "lambda: 0") + "import torch\nassert torch.npu.is_available()"
    run_ok(code, tmp_path, path=plugin)


def test_another_out_of_tree_device(plugin: tuple[Path, ...], tmp_path: Path) -> None:
    other = AT_AUTOLOAD.format(code="torch.utils.rename_privateuse1_backend('other')")
    code = f"{other}\nimport torch\nassert not hasattr(torch, 'npu')\nimport torch_npu"
    outcome = run_script(code, tmp_path, path=plugin, env={"TORCH_NPU_CANN": "auto"} | no_toolkit)
    assert outcome.status != 0
    assert "one out-of-tree device and 'other' has taken it" in outcome.err.splitlines()[-1]


def test_torch_version() -> None:
    check_torch_version("2.13.0")
    check_torch_version("2.13.0+cu130")
    check_torch_version(torch.__version__)
    for version in ("2.12.1", "2.13.1", "2.14.0+cpu", "3.13.0"):
        with pytest.raises(ImportError, match=rf"works with torch 2\.13\.0 but torch {version[:6]}"):
            check_torch_version(version)


OTHER_TORCH = AT_AUTOLOAD.format(code="torch.__version__ = '2.12.0+cpu'")


@pytest.mark.parametrize("options", [(), ("-W", "error")])
def test_another_torch_is_one_warning_for_autoload(
    options: tuple[str, ...], plugin: tuple[Path, ...], tmp_path: Path
) -> None:
    code = OTHER_TORCH + "import torch" + NOT_THERE
    outcome = run_script(code, tmp_path, path=plugin, options=options)
    assert outcome.status == 0, outcome.err
    assert outcome.err.count("torch works without it: torch_npu 2.13") == 1
    assert "works with torch 2.13.0 but torch 2.12.0+cpu is installed" in outcome.err


def test_another_torch_is_an_import_error(plugin: tuple[Path, ...], tmp_path: Path) -> None:
    outcome = run_script(OTHER_TORCH + "import torch_npu", tmp_path, path=plugin)
    assert outcome.err.splitlines()[-1].startswith("ImportError: torch_npu 2.13")


@pytest.fixture
def unbuilt(tmp_path: Path) -> tuple[Path, ...]:
    """A checkout before make build."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "torch_npu", root / "torch_npu", ignore=shutil.ignore_patterns("*.so", "lib", "__pycache__"))
    return (install_entry_point(tmp_path / "site"), root)


def test_unbuilt_says_make_build(unbuilt: tuple[Path, ...], tmp_path: Path) -> None:
    outcome = run_script("import torch_npu", tmp_path, path=unbuilt)
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1].startswith("ImportError: torch_npu in ")
    assert outcome.err.endswith("run make build\n")


def test_unbuilt_leaves_torch_alone(unbuilt: tuple[Path, ...], tmp_path: Path) -> None:
    outcome = run_script("import torch" + NOT_THERE + "print(torch.ones(2))", tmp_path, path=unbuilt)
    assert outcome.status == 0, outcome.err
    assert outcome.err.count("run make build") == 1


def test_cost_of_import(tmp_path: Path) -> None:
    code = """
    import sys, time, torch
    before = set(sys.modules)
    start = time.process_time()
    import torch_npu
    print(time.process_time() - start)
    heavy = ("torch._dynamo", "torch.distributed.fsdp", "torch.distributed.tensor", "torch._inductor", "sympy")
    assert not [name for name in sys.modules if name.startswith(heavy)]
    new = {name for name in set(sys.modules) - before if not name.startswith(("torch_npu", "torch.npu"))}
    assert not [name for name in new if name.startswith("torch.")], new
    assert not torch.npu.is_initialized()
    """
    env = {"TORCH_DEVICE_BACKEND_AUTOLOAD": "0"}
    times = sorted(float(run_ok(code, tmp_path, env=env)) for _ in range(5))
    assert times[len(times) // 2] <= 0.1, times


def test_nothing_of_torch_is_replaced(tmp_path: Path) -> None:
    code = """
    import sys, torch

    def attributes():
        found = {}
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] != "torch" or name.startswith("torch.npu"):
                continue
            for key, value in list(vars(module).items()):
                found[name, key] = value
                if isinstance(value, type) and value.__module__.partition(".")[0] == "torch":
                    for member, inner in list(vars(value).items()):
                        found[f"{value.__module__}.{value.__qualname__}", member] = inner
        return found

    before = attributes()
    import torch_npu
    after = attributes()
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) is not after.get(key) or (key in before) != (key in after):
            print(*key)
    """
    changed = set(run_ok(code, tmp_path, env={"TORCH_DEVICE_BACKEND_AUTOLOAD": "0"}).splitlines())
    assert "torch npu" in changed
    renamed_enums = {
        f"{enum} {member}"
        for enum in ("torch._C._profiler.ProfilerActivity", "torch._C._autograd.DeviceType")
        for member in ("NPU", "__repr__", "__str__", "name")
    } | {f"torch._C._profiler._{enum} {member}" for enum in ("ProfilerActivity",) for member in ("NPU",)}
    by_registration = {
        "torch npu",
        "torch.utils.backend_registration _privateuse1_backend_name",
        "torch.distributed.distributed_c10d.Backend HCCL",
        "torch.distributed is_hccl_available",  # where torch looks for it; the one name that we add
        *(f"torch.{cls} {name}" for cls in ("Tensor", "_tensor.Tensor") for name in ("npu", "is_npu")),
        "torch.nn.modules.module.Module npu",
        *(f"torch.nn.utils.rnn.PackedSequence {name}" for name in ("npu", "is_npu")),
        *(f"torch.storage.{cls} {name}" for cls in ("_StorageBase", "TypedStorage") for name in ("npu", "is_npu")),
    }
    assert changed <= by_registration | renamed_enums
