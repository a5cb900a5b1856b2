"""Training in a rank, on cpu with gloo and on npu with hccl in one process group; both must agree.

Each case trains a small model for ten steps twice, from the same weights with the same data, and compares the losses,
the norms of the gradients and the parameters with the default tolerances of ``torch.testing.assert_close``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict, get_optimizer_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel
from torch.testing import assert_close

STEPS, WIDTH, BATCH = 10, 24, 8


class Model(nn.Module):
    """A residual network with a layer norm, an embedding and a parameter that does not divide by 2 or 4."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, WIDTH)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 33), nn.GELU(), nn.Linear(33, WIDTH)) for _ in range(3)
        )
        self.scale = nn.Parameter(torch.ones(3))
        self.head = nn.Linear(WIDTH, 5)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.embedding(tokens).mean(1)
        for block, factor in zip(self.blocks, self.scale):
            x = x + factor * block(x)
        return self.head(x)


def data(device: torch.device) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """This rank's part of each of the ten batches."""
    generator = torch.Generator().manual_seed(1)
    for _ in range(STEPS):
        tokens = torch.randint(11, (BATCH * dist.get_world_size(), 6), generator=generator)
        labels = torch.randint(5, (BATCH * dist.get_world_size(),), generator=generator)
        mine = slice(dist.get_rank(), None, dist.get_world_size())
        yield tokens[mine].to(device), labels[mine].to(device)


def model_on(device: torch.device) -> Model:
    torch.manual_seed(0)
    return Model().to(device)


def full(value: torch.Tensor) -> torch.Tensor:
    value = value.detach()
    return (value.full_tensor() if isinstance(value, DTensor) else value).cpu()


class Record:
    """What a run did: losses, norms of gradients, parameters at the end."""

    def __init__(self) -> None:
        self.values: dict[str, torch.Tensor] = {}

    def add(self, name: str, value: torch.Tensor) -> None:
        self.values[f"{name} {len(self.values)}"] = full(value)

    def add_parameters(self, model: nn.Module) -> None:
        for name, parameter in model.named_parameters():
            self.add(name.removeprefix("module."), parameter)


def both(train: Callable[[torch.device, Record], None], **tolerances: float) -> None:
    """Run on the CPU and on this rank's npu and compare."""
    expected, found = Record(), Record()
    train(torch.device("cpu"), expected)
    train(torch.device("npu", torch.npu.current_device()), found)
    assert list(expected.values) == list(found.values) and len(found.values) > STEPS
    for name, value in expected.values.items():
        assert_close(found.values[name], value, msg=lambda text, name=name: f"{name}: {text}", **tolerances)


def ddp(device: torch.device, record: Record, *, accumulate: int = 1, hook: bool = False, **options: bool) -> None:
    model = DistributedDataParallel(model_on(device), bucket_cap_mb=0.005, **options)
    if hook:
        from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import fp16_compress_hook

        model.register_comm_hook(None, fp16_compress_hook)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for step, (tokens, labels) in enumerate(data(device)):
        last = (step + 1) % accumulate == 0
        with nullcontext() if last else model.no_sync():
            loss = F.cross_entropy(model(tokens), labels) / accumulate
            loss.backward()
        record.add("loss", loss)
        if last:
            record.add("norm", nn.utils.clip_grad_norm_(model.parameters(), 0.5))
            optimizer.step()
            optimizer.zero_grad()
    record.add_parameters(model)


def fsdp2(
    device: torch.device,
    record: Record,
    *,
    accumulate: int = 1,
    policy: MixedPrecisionPolicy | None = None,
    keep: bool = True,
    resume: bool = False,
) -> None:
    mesh = init_device_mesh(device.type, (dist.get_world_size(),))
    options = {"mesh": mesh, "reshard_after_forward": keep, "mp_policy": policy or MixedPrecisionPolicy()}

    def sharded() -> tuple[nn.Module, torch.optim.Optimizer]:
        model = model_on(device)
        for block in model.blocks:
            fully_shard(block, **options)
        fully_shard(model, **options)
        return model, torch.optim.AdamW(model.parameters(), lr=1e-2)

    model, optimizer = sharded()
    for step, (tokens, labels) in enumerate(data(device)):
        last = (step + 1) % accumulate == 0
        model.set_requires_gradient_sync(last)
        loss = F.cross_entropy(model(tokens).float(), labels) / accumulate
        loss.backward()
        record.add("loss", loss)
        if last:
            record.add("norm", nn.utils.clip_grad_norm_(model.parameters(), 0.5))
            optimizer.step()
            optimizer.zero_grad()
        if resume and step == STEPS // 2:
            model, optimizer = reloaded(model, optimizer, sharded)
    record.add_parameters(model)


def reloaded(
    model: nn.Module, optimizer: torch.optim.Optimizer, sharded: Callable[[], tuple[nn.Module, torch.optim.Optimizer]]
) -> tuple[nn.Module, torch.optim.Optimizer]:
    """A new model with the state of the old one, through sharded state dicts; the full ones are compared."""
    weights, state = copy.deepcopy(model.state_dict()), copy.deepcopy(optimizer.state_dict())
    other, fresh = sharded()
    other.load_state_dict(weights)
    fresh.load_state_dict(state)
    whole = StateDictOptions(full_state_dict=True)
    assert_close(get_model_state_dict(other, options=whole), get_model_state_dict(model, options=whole))
    moments = [get_optimizer_state_dict(*pair, options=whole)["state"] for pair in ((model, optimizer), (other, fresh))]
    assert_close(moments[1], moments[0])
    return other, fresh


BFLOAT16 = MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)


def case_ddp() -> None:
    both(ddp)


def case_ddp_accumulates_without_sync() -> None:
    both(lambda device, record: ddp(device, record, accumulate=2))


def case_ddp_bucket_views_and_static_graph() -> None:
    both(lambda device, record: ddp(device, record, gradient_as_bucket_view=True, static_graph=True))


def case_ddp_unused_parameters() -> None:
    both(lambda device, record: ddp(device, record, find_unused_parameters=True))


def case_ddp_comm_hook() -> None:
    # Gradients are rounded to float16; where a sum differs in its last bit, so may the rounded one.
    both(lambda device, record: ddp(device, record, hook=True), rtol=2e-3, atol=2e-3)


def case_fsdp2() -> None:
    both(fsdp2)


def case_fsdp2_accumulates_without_sync() -> None:
    both(lambda device, record: fsdp2(device, record, accumulate=2))


def case_fsdp2_keeps_parameters_after_forward() -> None:
    both(lambda device, record: fsdp2(device, record, keep=False))


def case_fsdp2_mixed_precision() -> None:
    # The two devices round to bfloat16 in other places of a sum.
    both(lambda device, record: fsdp2(device, record, policy=BFLOAT16), rtol=2e-2, atol=2e-2)


def case_fsdp2_state_dicts() -> None:
    both(lambda device, record: fsdp2(device, record, resume=True))


def case_ddp_autocast_and_grad_scaler() -> None:
    """Float16 autocast with a scaler trains as well as float32 does."""
    device = torch.device("npu", torch.npu.current_device())
    model = DistributedDataParallel(model_on(device))
    optimizer, scaler = torch.optim.SGD(model.parameters(), lr=0.1), torch.amp.GradScaler("npu", init_scale=64.0)
    losses = []
    for _ in range(3):
        for tokens, labels in data(device):
            with torch.autocast("npu", torch.float16):
                loss = F.cross_entropy(model(tokens), labels)
            optimizer.zero_grad()
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            losses.append(loss.item())
    assert sum(losses[-STEPS:]) < sum(losses[:STEPS])
    weights = [torch.empty_like(model.module.head.weight) for _ in range(dist.get_world_size())]
    dist.all_gather(weights, model.module.head.weight.detach())
    assert all(torch.equal(weight, weights[0]) for weight in weights)
