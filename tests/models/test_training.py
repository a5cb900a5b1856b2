"""Ten steps of every model on npu are the ten steps of CPU torch, in float32, bfloat16 and mixed precision."""

from __future__ import annotations

import functools

import pytest
import torch
from models.training import CASES, Run, train

DROPPING = [name for name, case in CASES.items() if case.drops]
close = torch.testing.assert_close


IGNORED = -100  # the target at padding, where the CPU says nothing in evaluation


@functools.cache
def on_cpu(name: str) -> Run:
    return train(CASES[name], "cpu")


def states_match(got: torch.nn.Module, want: torch.nn.Module) -> None:
    state = got.state_dict()
    for key, value in want.state_dict().items():
        assert state[key].device.type == "npu"
        close(state[key].cpu(), value, msg=lambda text, key=key: f"{key}: {text}")


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("name", CASES)
def test_ten_steps_are_those_of_the_cpu(name: str) -> None:
    """Losses, parameters and buffers in float32, and what the trained model says in evaluation."""
    want, got = on_cpu(name), train(CASES[name], "npu")
    close(torch.tensor(got.losses), torch.tensor(want.losses))
    assert len(set(got.losses)) == 10
    states_match(got.model, want.model)
    (x, *lengths), target = CASES[name].batch(torch.Generator().manual_seed(2))
    with torch.no_grad():
        answers = [model.eval()(x.to(device), *lengths) for model, device in ((got.model, "npu"), (want.model, "cpu"))]
    assert answers[0].device.type == "npu"
    answers = [(a.cpu().movedim(1, -1) if a.dim() == 4 else a.cpu())[target != IGNORED] for a in answers]
    close(*answers, rtol=1e-4, atol=1e-4)


@pytest.mark.filterwarnings("ignore:.*with bfloat16")
@pytest.mark.parametrize("name", CASES)
def test_bfloat16_weights(name: str) -> None:
    """Everything in bfloat16: the loss is within 2 % of what CPU torch makes of it."""
    want, got = (train(CASES[name], device, dtype=torch.bfloat16) for device in ("cpu", "npu"))
    close(torch.tensor(got.losses), torch.tensor(want.losses), rtol=0.02, atol=0)
    assert all(value.dtype == torch.bfloat16 for value in got.model.parameters())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", CASES)
def test_mixed_precision(name: str, dtype: torch.dtype) -> None:
    """Autocast, with a GradScaler for float16: the loss is within 2 % of CPU torch in float32, and not the same."""
    want, got = on_cpu(name).losses, train(CASES[name], "npu", autocast=dtype).losses
    close(torch.tensor(got), torch.tensor(want), rtol=0.02, atol=0)
    assert got != want


@pytest.mark.parametrize("name", DROPPING)
def test_dropout_follows_the_seed_and_the_loss_falls(name: str) -> None:
    def run(seed: int, steps: int) -> Run:
        return train(CASES[name], "npu", steps=steps, dropout=0.2, seed=seed, fresh=False)

    first, again, other = run(3, 3), run(3, 3), run(4, 60)
    assert first.losses == again.losses
    state = again.model.state_dict()
    assert all(torch.equal(value, state[key]) for key, value in first.model.state_dict().items())
    assert first.losses != other.losses[:3]
    assert sum(other.losses[-5:]) < 0.98 * sum(other.losses[:5]), other.losses


def test_a_model_that_leaves_npu_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of conftest.py sees a fallback even where it is allowed, and errors where it is not."""
    x = torch.ones(3, device="npu")
    with pytest.raises(RuntimeError, match="lgamma"):
        torch.lgamma(x)
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "quiet")
    torch.lgamma(x)
    assert torch.npu.fallback_stats() == {"aten::lgamma.out": 1}
    torch.npu.reset_fallback_stats()
