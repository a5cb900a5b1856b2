"""Bags of embeddings, with gradients, against CPU torch."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as functional
from aten.peer import LAYOUTS, make, same

INDICES = torch.tensor([3, 0, 6, 3, 3, 1, 5, 2])
OFFSETS = torch.tensor([0, 3, 3, 7])  # the second bag is empty


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("padding", [None, 3])
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bags(dtype: torch.dtype, mode: str, padding: int | None, last: bool, layout: str) -> None:
    offsets = torch.cat([OFFSETS, torch.tensor([8])]) if last else OFFSETS

    def run(weight: torch.Tensor, indices: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        return functional.embedding_bag(
            indices, weight, offsets, mode=mode, padding_idx=padding, include_last_offset=last
        )

    same(run, make(7, 4, dtype=dtype), INDICES, offsets, layout=layout, grad=True)


def test_weights_of_samples() -> None:
    def weighted(weight: torch.Tensor, samples: torch.Tensor, *bags: torch.Tensor) -> torch.Tensor:
        return functional.embedding_bag(bags[0], weight, bags[1], mode="sum", per_sample_weights=samples, padding_idx=0)

    same(weighted, make(7, 4), make(8, seed=1), INDICES, OFFSETS, grad=True)


@pytest.mark.parametrize("mode", ["sum", "mean"])
def test_gradients_by_frequency(mode: str) -> None:
    """Each row's gradient is divided by how often its index occurs (the CPU takes another row's count for some)."""

    def gradient(by_frequency: bool, device: str) -> torch.Tensor:
        weight = make(7, 4).to(device).requires_grad_()
        bags = functional.embedding_bag(
            INDICES.to(device), weight, OFFSETS.to(device), mode=mode, scale_grad_by_freq=by_frequency
        )
        bags.backward(make(4, 4, seed=3).to(device))
        return weight.grad.cpu()

    counts = INDICES.bincount(minlength=7).clamp_min(1).unsqueeze(1)
    torch.testing.assert_close(gradient(True, "npu"), gradient(False, "cpu") / counts)


def test_bags_of_one_length_and_of_int32() -> None:
    same(lambda w, i: functional.embedding_bag(i, w), make(7, 4), INDICES.reshape(2, 4), grad=True)
    same(lambda w, i, o: functional.embedding_bag(i, w, o), make(7, 4), INDICES.int(), OFFSETS.int(), grad=True)
    same(lambda w, i, o: functional.embedding_bag(i, w, o), make(7, 4), INDICES[:0], OFFSETS[:1], grad=True)


def test_module_trains() -> None:
    torch.manual_seed(0)
    bag = torch.nn.EmbeddingBag(7, 4, mode="mean", padding_idx=0)
    peer = torch.nn.EmbeddingBag(7, 4, mode="mean", padding_idx=0)
    peer.load_state_dict(bag.state_dict())
    bag.npu()
    for module, move in ((bag, torch.Tensor.npu), (peer, torch.Tensor.cpu)):
        update = torch.optim.SGD(module.parameters(), 0.1)
        for _ in range(3):
            update.zero_grad()
            module(move(INDICES), move(OFFSETS)).square().sum().backward()
            update.step()
    torch.testing.assert_close(bag.weight.cpu(), peer.weight)


def test_wrong_arguments_are_refused() -> None:
    weight, indices, offsets = make(7, 4).npu(), INDICES.npu(), OFFSETS.npu()
    with pytest.raises(RuntimeError, match="indices and offsets of int64 or int32, but got Float"):
        torch.embedding_bag(weight, indices.float(), offsets)
    with pytest.raises(RuntimeError, match="expected a floating weight, but got Long"):
        torch.embedding_bag(weight.long(), indices, offsets)
    with pytest.raises(RuntimeError, match="only supported for mode='sum'"):
        torch.embedding_bag(weight, indices, offsets, False, 1, False, make(8).npu())
    with pytest.raises(RuntimeError, match="mode is 5"):
        torch.embedding_bag(weight, indices, offsets, False, 5)
