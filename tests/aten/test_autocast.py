"""Autocast on npu follows upstream's lists, keeps its state like upstream's, and its gradients can be scaled."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as functional
from aten.peer import make, no_fallback
from torch import nn

import torch_npu  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
LOW = (torch.float16, torch.bfloat16)


def test_upstreams_lists() -> None:
    """Each entry has upstream's dtype and the numbers of arguments cast by hand, in float16 and bfloat16."""
    environment = {**os.environ, "TORCH_NPU_FALLBACK": "error", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", Path(__file__).with_name("autocast_lists.py")]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    *wrong, last = result.stdout.splitlines()
    assert wrong == []
    assert int(last.removeprefix("entries: ")) > 230


def test_the_same_operators_as_for_other_accelerators() -> None:
    listed = torch._C._dispatch_get_registrations_for_dispatch_key
    theirs = {name for name in listed("AutocastCUDA") if "cudnn" not in name}
    assert len(theirs) > 100 and set(listed("AutocastPrivateUse1")) == theirs


@pytest.mark.parametrize("dtype", LOW)
def test_operators_that_the_lists_leave_out(dtype: torch.dtype) -> None:
    x, image = make(4, 4).npu(), make(1, 2, 4, 4).npu()
    q = make(2, 3, 4, 8).npu()
    with torch.autocast("npu", dtype=dtype), no_fallback():
        assert torch.einsum("ij,jk->ik", x, x).dtype == dtype
        assert functional.scaled_dot_product_attention(q, q, q, is_causal=True).dtype == dtype
        low = x @ x
        assert functional.huber_loss(low, low).dtype == torch.float32
        assert functional.interpolate(image.to(dtype), scale_factor=2, mode="bilinear").dtype == torch.float32
        for same in (functional.relu, functional.gelu, lambda t: t + t, lambda t: t.max(), lambda t: t.mean()):
            assert same(low).dtype == dtype and same(x).dtype == torch.float32
        assert (low + x).dtype == torch.float32
        assert torch.mm(x.double(), x.double()).dtype == torch.float64, "double is left alone"


def test_default_dtype_and_state() -> None:
    x = make(4, 4).npu()
    assert torch.get_autocast_dtype("npu") == torch.float16 and not torch.is_autocast_enabled("npu")
    for make_context in (
        lambda **kw: torch.autocast("npu", **kw),
        lambda **kw: torch.amp.autocast("npu", **kw),
        lambda **kw: torch.npu.amp.autocast(**kw),
        lambda **kw: torch.autocast(x.device.type, **kw),
    ):
        with make_context():
            assert torch.is_autocast_enabled("npu") and not torch.is_autocast_enabled("cpu")
            assert (x @ x).dtype == torch.float16
            with make_context(dtype=torch.bfloat16):
                assert (x @ x).dtype == torch.bfloat16
                with make_context(enabled=False):
                    assert (x @ x).dtype == torch.float32 and not torch.is_autocast_enabled("npu")
                assert (x @ x).dtype == torch.bfloat16
            assert (x @ x).dtype == torch.float16
            with torch.autocast("cpu", dtype=torch.bfloat16):
                assert (x.cpu() @ x.cpu()).dtype == torch.bfloat16 and (x @ x).dtype == torch.float16
        assert (x @ x).dtype == torch.float32
    with pytest.raises(ZeroDivisionError), torch.autocast("npu"):
        raise ZeroDivisionError
    assert not torch.is_autocast_enabled("npu")


def test_a_dtype_that_autocast_does_not_know() -> None:
    x = make(4, 4).npu()
    with pytest.warns(UserWarning, match="not supported"), torch.autocast("npu", dtype=torch.float64):
        assert (x @ x).dtype == torch.float32


def test_casts_of_weights_are_kept_until_the_end() -> None:
    x, weight = torch.ones(1, 1, device="npu"), nn.Parameter(torch.ones(1, 1, device="npu"))

    def second_product(clear: bool = False, **settings: bool) -> float:
        with torch.no_grad():
            weight.fill_(1)
        with torch.autocast("npu", **settings):
            assert (x @ weight).item() == 1
            weight.data.fill_(2)  # behind autograd's back: the kept copy does not know
            if clear:
                torch.clear_autocast_cache()
            return (x @ weight).item()

    assert second_product() == 1
    assert second_product(clear=True) == 2
    assert second_product(cache_enabled=False) == 2
    with torch.autocast("npu"):
        assert (x @ weight).item() == 2, "nothing is kept from one context to the next"


@pytest.mark.parametrize("cast_inputs", [None, torch.float32])
def test_custom_functions(cast_inputs: torch.dtype | None) -> None:
    """Backward runs in forward's state; with ``cast_inputs`` that is without autocast, and only under one."""
    seen: list[torch.dtype] = []

    class Product(torch.autograd.Function):
        @staticmethod
        @torch.amp.custom_fwd(device_type="npu", cast_inputs=cast_inputs)
        def forward(ctx: torch.autograd.function.FunctionCtx, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(a, b)
            seen.extend((a.dtype, (a @ b).dtype))
            return a @ b

        @staticmethod
        @torch.amp.custom_bwd(device_type="npu")
        def backward(ctx: torch.autograd.function.FunctionCtx, grad: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            a, b = ctx.saved_tensors
            result = grad @ b.T, a.T @ grad
            seen.append(result[0].dtype)
            return result

    a, b = make(3, 3).half().npu().requires_grad_(), make(3, 3, seed=1).half().npu().requires_grad_()
    with torch.autocast("npu", dtype=torch.float16):
        result = Product.apply(a, b)
    result.sum().backward()
    inner = cast_inputs or torch.float16
    assert seen == [inner] * 3 and result.dtype == inner and a.grad.dtype == torch.float16
    want = make(3, 3).half().float().T @ torch.ones(3, 3)
    torch.testing.assert_close(b.grad.cpu().float(), want, rtol=1e-2, atol=1e-2)
    seen.clear()
    Product.apply(a, b)
    assert seen == [torch.float16] * 2, "no autocast, no cast"


def test_gradients_have_the_dtype_of_the_parameters() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 3))
    peer = copy.deepcopy(model).npu()
    functional.cross_entropy(model(make(5, 4)), torch.arange(5) % 3).backward()
    with torch.autocast("npu", dtype=torch.bfloat16), no_fallback():
        logits = torch.utils.checkpoint.checkpoint(peer, make(5, 4).npu(), use_reentrant=False)
        loss = functional.cross_entropy(logits, torch.arange(5, device="npu") % 3)
    assert logits.dtype == torch.bfloat16 and loss.dtype == torch.float32
    loss.backward()
    for got, want in zip(peer.parameters(), model.parameters()):
        assert got.grad.dtype == torch.float32
        torch.testing.assert_close(got.grad.cpu(), want.grad, rtol=0.1, atol=0.02)


def test_binary_cross_entropy_is_refused() -> None:
    x = make(4, 4).npu().sigmoid()
    with torch.autocast("npu"):
        for loss in (functional.binary_cross_entropy, nn.BCELoss()):
            with pytest.raises(RuntimeError, match="unsafe to autocast on npu"):
                loss(x, x)
        with torch.autocast("npu", enabled=False):
            assert functional.binary_cross_entropy(x, x).isfinite().item()


# ---------------------------------------------------------------------- GradScaler

FORMS = [{"foreach": False}, {"foreach": True}, {"fused": True}]


def weights() -> list[nn.Parameter]:
    return [nn.Parameter(torch.tensor([1.0, 2.0], device="npu")), nn.Parameter(torch.tensor([3.0], device="npu"))]


@pytest.mark.parametrize("form", FORMS)
def test_scale_grows_and_backs_off_and_bad_steps_are_skipped(form: dict[str, bool]) -> None:
    parameters = weights()
    optimizer = torch.optim.SGD(parameters, 0.5, **form)
    scaler = torch.amp.GradScaler("npu", init_scale=8.0, growth_factor=4.0, backoff_factor=0.25, growth_interval=2)
    scales, firsts = [], []
    with no_fallback():
        for factor in (1.0, 1.0, float("inf"), 1.0, float("nan"), 1.0, 1.0):
            optimizer.zero_grad()
            loss = factor * sum(p.sum() for p in parameters)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            scales.append(scaler.get_scale())
            firsts.append(parameters[0][0].item())
    assert scales == [8.0, 32.0, 8.0, 8.0, 2.0, 2.0, 8.0]
    assert firsts == [0.5, 0.0, 0.0, -0.5, -0.5, -1.0, -1.5]


@pytest.mark.parametrize("form", FORMS)
def test_unscale_then_clip(form: dict[str, bool]) -> None:
    parameters = weights()
    optimizer = torch.optim.SGD(parameters, 1.0, **form)
    scaler = torch.amp.GradScaler("npu", init_scale=1024.0)
    with no_fallback():
        scaler.scale(2 * sum(p.sum() for p in parameters)).backward()
        assert parameters[0].grad.tolist() == [2048.0, 2048.0]
        scaler.unscale_(optimizer)
        assert parameters[0].grad.tolist() == [2.0, 2.0]
        total = nn.utils.clip_grad_norm_(parameters, 1.0)
        assert total.item() == pytest.approx(12**0.5)
        scaler.step(optimizer)
        scaler.update()
    assert parameters[1].item() == pytest.approx(3 - 2 / 12**0.5, abs=1e-5)
    scaler.scale(parameters[1].sum()).backward()
    scaler.unscale_(optimizer)
    with pytest.raises(RuntimeError, match="already been called"):
        scaler.unscale_(optimizer)


def test_only_the_optimizer_with_the_overflow_skips() -> None:
    (good, bad), scaler = weights(), torch.amp.GradScaler("npu", init_scale=4.0)
    optimizers = [torch.optim.Adam([p], 0.1) for p in (good, bad)]
    before = good.detach().clone(), bad.detach().clone()
    scaler.scale(good.sum() + bad.sum() * float("inf")).backward()
    for optimizer in optimizers:
        scaler.step(optimizer)
    scaler.update()
    assert not torch.equal(good, before[0]) and torch.equal(bad, before[1])
    assert scaler.get_scale() == 2.0


def test_half_gradients_overflow_where_float_ones_do_not() -> None:
    """A gradient above 65504 is infinite in float16: the scale comes down until it is not."""
    layer = nn.Linear(8, 8, bias=False).npu()
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    scaler = torch.amp.GradScaler("npu", init_scale=2.0**20)
    start, scales = layer.weight.detach().clone(), []
    for _ in range(12):
        optimizer.zero_grad()
        with torch.autocast("npu", dtype=torch.float16), no_fallback():
            loss = (layer(torch.ones(4, 8, device="npu")).float() ** 2).sum()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        scales.append(scaler.get_scale())
        if not torch.equal(layer.weight, start):
            break
    assert scales[0] == 2.0**19 and scales[-1] < 2.0**19 and scales[-1] == scales[-2]
    assert layer.weight.isfinite().all().item()


def test_scaler_state_round_trip(tmp_path: Path) -> None:
    parameters = weights()
    optimizer = torch.optim.SGD(parameters, 0.1)
    scaler = torch.amp.GradScaler("npu", init_scale=16.0, growth_interval=3)
    for factor in (float("inf"), 1.0, 1.0):
        scaler.scale(factor * parameters[0].sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
    torch.save(scaler.state_dict(), tmp_path / "scaler.pt")
    other = torch.npu.amp.GradScaler()
    other.load_state_dict(torch.load(tmp_path / "scaler.pt", weights_only=True))
    assert other.state_dict() == scaler.state_dict()
    assert other.state_dict()["scale"] == 8.0 and other.state_dict()["_growth_tracker"] == 2
    for each in (scaler, other):  # the third good step in a row
        each.scale(parameters[0].sum()).backward()
        each.step(optimizer)
        each.update()
        optimizer.zero_grad()
        assert each.get_scale() == 16.0


def test_disabled_scaler_is_not_there() -> None:
    parameters, scaler = weights(), torch.amp.GradScaler("npu", enabled=False)
    loss = parameters[0].sum()
    assert scaler.scale(loss) is loss and scaler.state_dict() == {}
    loss.backward()
    scaler.step(torch.optim.SGD(parameters, 1.0))
    scaler.update()
    assert parameters[0].tolist() == [0.0, 1.0]
