"""What torch builds on a process group: FSDP2, DTensor and distributed checkpoints, against one process."""

from __future__ import annotations

from pathlib import Path

import torch
from distributed.world import World


def network() -> torch.nn.Sequential:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(8, 13), torch.nn.GELU(), torch.nn.Linear(13, 4))


def fully_sharded(rank: int, size: int) -> None:
    """Three steps of FSDP2 with Adam give the weights of one process with the whole batch."""
    from torch.distributed.fsdp import fully_shard

    single, sharded = network(), network().npu()
    for layer in sharded:
        if isinstance(layer, torch.nn.Linear):
            fully_shard(layer)
    fully_shard(sharded)
    optimizers = [torch.optim.Adam(model.parameters(), lr=0.01) for model in (single, sharded)]
    for step in range(3):
        batch = torch.randn(4 * size, 8, generator=torch.Generator().manual_seed(step))
        single(batch).square().mean().backward()
        sharded(batch[4 * rank : 4 * rank + 4].npu()).square().mean().backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
    for left, right in zip(sharded.parameters(), single.parameters()):
        torch.testing.assert_close(left.full_tensor().cpu(), right.data, atol=1e-5, rtol=1e-4)


def distributed_tensors(rank: int, size: int) -> None:
    from torch.distributed.tensor import DTensor, Replicate, Shard, distribute_tensor, init_device_mesh

    mesh = init_device_mesh("npu", (size,))
    whole = torch.arange(24.0).view(6, 4)
    rows = distribute_tensor(whole.npu(), mesh, [Shard(0)])
    assert isinstance(rows, DTensor) and torch.equal(rows.full_tensor().cpu(), whole)
    columns = rows.redistribute(placements=[Shard(1)])
    assert torch.equal(columns.full_tensor().cpu(), whole)
    product = (columns @ distribute_tensor(whole.t().contiguous().npu(), mesh, [Shard(0)])).redistribute(
        placements=[Replicate()]
    )
    assert torch.equal(product.to_local().cpu(), whole @ whole.t())


def checkpoint(rank: int, size: int, directory: str) -> None:
    import torch.distributed.checkpoint as checkpoints
    from torch.distributed.checkpoint.state_dict import get_model_state_dict, set_model_state_dict
    from torch.distributed.fsdp import fully_shard

    saved = fully_shard(network().npu())
    checkpoints.save(get_model_state_dict(saved), checkpoint_id=directory)
    torch.manual_seed(1 + rank)
    loaded = fully_shard(torch.nn.Sequential(*[type(layer)(*sizes(layer)) for layer in network()]).npu())
    state = get_model_state_dict(loaded)
    checkpoints.load(state, checkpoint_id=directory)
    set_model_state_dict(loaded, state)
    for left, right in zip(loaded.parameters(), network().parameters()):
        assert torch.equal(left.full_tensor().cpu(), right.data)


def sizes(layer: torch.nn.Module) -> tuple[int, ...]:
    return (layer.in_features, layer.out_features) if isinstance(layer, torch.nn.Linear) else ()


def test_fsdp(two: World) -> None:
    two.run(fully_sharded)


def test_dtensor(two: World) -> None:
    two.run(distributed_tensors)


def test_checkpoint(two: World, tmp_path: Path) -> None:
    two.run(checkpoint, str(tmp_path))
