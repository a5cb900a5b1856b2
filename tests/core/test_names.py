"""The names of torch.npu: what is public, what torch and old scripts ask for, what is not offered."""

from __future__ import annotations

import inspect
from importlib.resources import files

import pytest
import torch

import torch_npu


def test_public_names_exist_and_are_documented() -> None:
    assert len(torch.npu.__all__) == len(set(torch.npu.__all__))
    for name in torch.npu.__all__:
        thing = getattr(torch.npu, name)
        if inspect.isroutine(thing) or inspect.isclass(thing):
            assert inspect.getdoc(thing), name
    public = {
        name for name in vars(torch.npu) if not name.startswith("_") and not inspect.ismodule(getattr(torch.npu, name))
    }
    assert public - set(torch.npu.__all__) == {"annotations"}


def test_names_torch_asks_for() -> None:
    asked = (
        "_is_in_bad_fork manual_seed_all device_count get_rng_state set_rng_state default_generators device "
        "_initialized get_amp_supported_dtype is_available Event Stream current_device current_stream stream "
        "synchronize memory_summary set_device is_initialized get_device_properties empty_cache memory_stats "
        "memory_allocated memory_reserved is_bf16_supported get_device_name _exchange_device "
        "_maybe_exchange_device _get_generator"
    )
    missing = [name for name in asked.split() if not hasattr(torch.npu, name)]
    assert not missing
    assert torch.npu._utils._get_device_index("npu:0", True) == 0


def test_names_not_offered() -> None:
    for name in ("NPUGraph", "get_soc_version", "mstx"):
        assert not hasattr(torch.npu, name)
        with pytest.raises(AttributeError, match=f"torch.npu.{name} exists in the vendor's plugin"):
            getattr(torch.npu, name)
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        torch.npu.nonsense  # noqa: B018
    with pytest.raises(AttributeError, match="npu_grouped_matmul is an operator"):
        torch_npu.npu_grouped_matmul  # noqa: B018


def test_switches_without_effect() -> None:
    torch.npu.set_compile_mode(jit_compile=False)
    torch.npu.config.allow_internal_format = False
    with pytest.raises(AttributeError):
        torch.npu.config.allow_something = True
    with pytest.raises(TypeError):
        torch.npu.set_compile_mode("no")
    with pytest.warns(UserWarning, match="jit_compile=True changes nothing"):
        torch.npu.set_compile_mode(jit_compile=True)
    with pytest.warns(UserWarning, match="allow_internal_format=True changes nothing"):
        torch.npu.config.allow_internal_format = True
    torch.npu.config.allow_internal_format = False


def test_fractional_device_is_refused() -> None:
    with pytest.raises(TypeError, match="integer"):
        torch.npu.set_device(0.7)


def test_legacy_types() -> None:
    x = torch.npu.FloatTensor([1, 2, 3])
    assert x.device.type == "npu" and x.dtype == torch.float32 and x.tolist() == [1, 2, 3]
    assert x.type() == "torch.npu.FloatTensor"
    assert isinstance(x, torch.npu.FloatTensor) and not isinstance(x.cpu(), torch.npu.FloatTensor)
    assert torch.npu.LongTensor(2, 3).shape == (2, 3) and torch.npu.HalfTensor().numel() == 0
    assert x.type(torch.npu.LongTensor).dtype == torch.int64
    assert torch.ones(2).type("torch.npu.HalfTensor").is_npu
    with pytest.raises(RuntimeError, match="is a type of the npu device"):
        torch.npu.IntTensor([1], device="cpu")


def test_amp() -> None:
    a = torch.ones(4, 4, device="npu")
    with torch.npu.amp.autocast(dtype=torch.bfloat16):
        assert torch.mm(a, a).dtype == torch.bfloat16
    with torch.autocast("npu", dtype=torch.float16):
        assert torch.mm(a, a).dtype == torch.float16
        assert torch.is_autocast_enabled("npu")

    @torch.npu.amp.autocast(dtype=torch.float16)
    def product(x: torch.Tensor) -> torch.Tensor:
        return torch.mm(x, x)

    assert product(a).dtype == torch.float16
    assert torch.npu.amp.GradScaler().is_enabled()
    assert torch.npu.amp.GradScaler(enabled=False).get_scale() == 1.0
    assert issubclass(torch.npu.amp.GradScaler, torch.amp.GradScaler)


def test_custom_autograd_function_under_autocast() -> None:
    class Square(torch.autograd.Function):
        @staticmethod
        @torch.npu.amp.custom_fwd(cast_inputs=torch.float32)
        def forward(ctx: torch.autograd.function.FunctionCtx, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @torch.npu.amp.custom_bwd
        def backward(ctx: torch.autograd.function.FunctionCtx, grad: torch.Tensor) -> torch.Tensor:
            return 2 * ctx.saved_tensors[0] * grad

    x = torch.full((3,), 3.0, device="npu", requires_grad=True)
    with torch.npu.amp.autocast():
        Square.apply(x).sum().backward()
    assert x.grad.tolist() == [6, 6, 6]


def test_fallback_statistics() -> None:
    torch.npu.reset_fallback_stats()
    assert torch.npu.fallback_stats() == {}


def test_type_information_is_installed() -> None:
    assert files("torch_npu").joinpath("py.typed").is_file()
