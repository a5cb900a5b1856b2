"""accelerate and safetensors find the device and train on it, unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as functional
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import torch_npu  # noqa: F401

accelerate = pytest.importorskip("accelerate")
safetensors = pytest.importorskip("safetensors.torch")


def data() -> TensorDataset:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(64, 8, generator=generator)
    return TensorDataset(x, (x.sum(1) > 0).long())


def test_it_finds_the_device() -> None:
    from accelerate.utils import is_bf16_available, is_npu_available

    assert is_npu_available() and is_bf16_available()
    assert accelerate.Accelerator().device.type == "npu"


@pytest.mark.parametrize("precision", ["no", "bf16", "fp16"])
def test_training_and_its_checkpoint(precision: str, tmp_path: Path) -> None:
    accelerate.state.AcceleratorState._reset_state(reset_partial_state=True)
    accelerator = accelerate.Accelerator(mixed_precision=precision, gradient_accumulation_steps=2)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Dropout(0.1), nn.Linear(32, 2))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    model, optimizer, loader = accelerator.prepare(model, optimizer, DataLoader(data(), batch_size=8, shuffle=True))
    losses = []
    for _ in range(4):
        for x, y in loader:
            assert x.device.type == "npu"
            with accelerator.accumulate(model):
                loss = functional.cross_entropy(model(x), y)
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
            losses.append(loss.item())
    assert sum(losses[-8:]) < 0.7 * sum(losses[:8])
    accelerator.save_state(str(tmp_path))
    want = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    accelerator.load_state(str(tmp_path))
    for name, value in model.state_dict().items():
        assert value.device.type == "npu" and torch.equal(value, want[name])


@pytest.mark.parametrize("device", ["npu", "npu:0", 0])
def test_safetensors(device: str | int, tmp_path: Path) -> None:
    tensors = {"a": torch.randn(3, 4).npu(), "b": torch.arange(5).npu(), "c": torch.ones(2, 2).bfloat16().npu()}
    safetensors.save_file(tensors, tmp_path / "t.safetensors")
    loaded = safetensors.load_file(tmp_path / "t.safetensors", device=device)
    for name, value in tensors.items():
        assert loaded[name].device == torch.device("npu:0") and torch.equal(loaded[name], value)
    assert safetensors.load_file(tmp_path / "t.safetensors")["a"].device.type == "cpu"
