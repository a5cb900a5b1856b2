"""The CPU fallback: counted, warned about once, refused on request; views and generators."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch
from aten.peer import make

import torch_npu  # noqa: F401

# Operators that CANN does not have, so that they fall back for good.
MISSING = "aten::special_airy_ai.out"


def airy(x: torch.Tensor) -> torch.Tensor:
    return torch.special.airy_ai(x)


def test_the_result_is_the_cpus_and_the_call_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    torch.npu.reset_fallback_stats()
    assert torch.npu.fallback_stats() == {}
    x = make(3, 4)
    y = airy(x.npu())
    assert y.device == torch.device("npu:0")
    torch.testing.assert_close(y.cpu(), airy(x))
    assert torch.npu.fallback_stats() == {MISSING: 1}
    airy(x.npu().t())
    assert torch.npu.fallback_stats() == {MISSING: 2}
    torch.npu.reset_fallback_stats()
    assert torch.npu.fallback_stats() == {}


def test_out_and_inplace_fall_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    x, out = make(3, 4), torch.zeros(4, 3, device="npu").t()
    assert torch.special.airy_ai(x.npu(), out=out) is out
    torch.testing.assert_close(out.cpu(), airy(x))
    y = make(3, 4).npu()
    y[:, ::2].digamma_()
    want = make(3, 4)
    want[:, ::2].digamma_()
    torch.testing.assert_close(y.cpu(), want)


def test_error_mode_names_the_operator() -> None:
    before = torch.npu.fallback_stats()
    with pytest.raises(NotImplementedError, match=r"aten::special_airy_ai.*npu.*TORCH_NPU_FALLBACK=error"):
        airy(make(3).npu())
    assert torch.npu.fallback_stats() == before


def test_an_unknown_mode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "loud")
    with pytest.raises(ValueError, match="TORCH_NPU_FALLBACK.*loud.*warn"):
        airy(make(3).npu())


def test_one_warning_for_each_operator() -> None:
    script = (
        "import torch, torch_npu\n"
        "x = torch.ones(3, device='npu')\n"
        "for _ in range(3): torch.special.airy_ai(x)\n"
        "torch.special.bessel_j0(x)\n"
    )
    environment = {**os.environ, "TORCH_NPU_FALLBACK": "warn"}
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True, env=environment
    )
    assert run.stderr.count("special_airy_ai.out runs on the CPU instead of npu") == 1
    assert run.stderr.count("special_bessel_j0.out runs on the CPU instead of npu") == 1


def test_quiet_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        torch.special.bessel_y0(make(3).abs().npu())


def test_an_operator_whose_kernel_finds_no_cann_operator_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    x = make(3, dtype=torch.complex64)
    with pytest.raises(NotImplementedError, match=r"aten::sgn.*CANN has no operator"):
        torch.sgn(x.npu())
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    torch.npu.reset_fallback_stats()
    torch.testing.assert_close(torch.sgn(x.npu()).cpu(), torch.sgn(x))
    assert torch.npu.fallback_stats() == {"aten::sgn.out": 1}


def test_random_operators_follow_the_seed_of_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    alpha = torch.full((50,), 2.0, device="npu")
    draws = []
    for seed in (1, 1, 2):
        torch.npu.manual_seed(seed)
        draws.append((torch._standard_gamma(alpha).cpu(), torch._standard_gamma(alpha).cpu()))
    assert "aten::_standard_gamma" in torch.npu.fallback_stats()
    assert torch.equal(draws[0][0], draws[1][0]) and torch.equal(draws[0][1], draws[1][1])
    assert not torch.equal(draws[0][0], draws[0][1])
    assert not torch.equal(draws[0][0], draws[2][0])


def test_random_operators_leave_the_cpu_generator_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    before = torch.get_rng_state()
    torch._standard_gamma(torch.full((50,), 2.0, device="npu"))
    assert torch.equal(torch.get_rng_state(), before)


def test_an_explicit_generator_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    generator = torch.Generator(device="npu")
    alpha = torch.full((50,), 2.0, device="npu")
    generator.manual_seed(3)
    first = torch._standard_gamma(alpha, generator=generator)
    generator.manual_seed(3)
    assert torch.equal(torch._standard_gamma(alpha, generator=generator).cpu(), first.cpu())


def test_gradients_pass_through_a_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    x = make(3, 4).abs().add(1).requires_grad_()
    y = x.detach().npu().requires_grad_()
    torch.digamma(x).sum().backward()
    torch.digamma(y).sum().backward()
    torch.testing.assert_close(y.grad.cpu(), x.grad)


def test_a_second_device_falls_back_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    if torch.npu.device_count() < 2:
        pytest.skip("needs two devices")
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    assert airy(make(3).to("npu:1")).device == torch.device("npu:1")


def test_a_second_device_draws_from_its_own_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    if torch.npu.device_count() < 2:
        pytest.skip("needs two devices")
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    before = [torch.npu.get_rng_state(device) for device in (0, 1)]
    torch.poisson(make(3).abs().to("npu:1"))
    after = [torch.npu.get_rng_state(device) for device in (0, 1)]
    assert torch.equal(before[0], after[0])
    assert not torch.equal(before[1], after[1])


def test_autocast_takes_operators_that_are_not_in_its_lists() -> None:
    x = make(4, 4).npu()
    with torch.autocast("npu", dtype=torch.bfloat16):
        assert (x @ x).dtype == torch.bfloat16
        assert torch.exp(x).dtype == torch.float32
        assert (x + x).dtype == torch.float32
        assert x.sum().dtype == torch.float32
        assert torch.nn.functional.relu(x).dtype == torch.float32
        with pytest.raises(RuntimeError, match="unsafe to autocast"):
            torch.nn.functional.binary_cross_entropy(x.sigmoid(), x.sigmoid())
    assert (x @ x).dtype == torch.float32


def test_sleep_is_an_operator_too() -> None:
    torch.ops.npu._sleep(1000)
    with pytest.raises(ValueError, match="not negative"):
        torch.ops.npu._sleep(-1)
    torch.npu.synchronize()


def test_an_operator_that_this_cann_lacks_falls_back(tmp_path: Path) -> None:
    """A toolkit without two symbols: the warning names operator, symbol and CANN, and the call is counted."""
    libraries = Path(torch_npu.__file__).parent / "lib" / "softnpu"
    shutil.copytree(libraries, tmp_path / "cann")
    operators = tmp_path / "cann" / "libopapi.so"
    code = operators.read_bytes()
    for symbol in (b"\0aclnnExp2GetWorkspaceSize\0", b"\0aclnnMulGetWorkspaceSize\0"):
        assert symbol in code
        code = code.replace(symbol, symbol.replace(b"aclnn", b"xclnn"))
    operators.write_bytes(code)
    script = (
        "import torch, torch_npu\n"
        "x = torch.arange(4.0)\n"
        "for _ in range(2): assert torch.equal(torch.exp2(x.npu()).cpu(), torch.exp2(x))\n"
        "assert torch.equal((x.npu() * x.npu()).cpu(), x * x)\n"
        "y = x.npu(); y[1:].mul_(y[1:]); assert torch.equal(y.cpu(), x * x)\n"
        "out = torch.zeros(4, device='npu'); torch.mul(y, y, out=out); assert torch.equal(out.cpu(), (y * y).cpu())\n"
        "print(torch.npu.fallback_stats())\n"
    )
    environment = {**os.environ, "TORCH_NPU_CANN": str(tmp_path / "cann"), "TORCH_NPU_FALLBACK": "warn"}
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False, env=environment
    )
    assert run.returncode == 0, run.stderr
    counts = {"aten::exp2.out": 2, "aten::mul.Tensor": 2, "aten::mul_.Tensor": 1, "aten::mul.out": 1}
    assert ast.literal_eval(run.stdout) == counts
    assert re.search(r"aten::exp2\.out runs on the CPU.*CANN [\d.]+ in \S+ has no operator aclnnExp2", run.stderr)
    assert run.stderr.count("aten::exp2.out runs on the CPU") == 1
