"""One table of models with their data, losses and optimizers, and the loop that trains one of them on any device."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from models.zoo import Gpt, Recurrent, ResNet18, Tagger, UNet
from torch import nn, optim

Batch = tuple[tuple[torch.Tensor, ...], torch.Tensor]


@dataclass(frozen=True)
class Case:
    """A model, its optimizer, and batches made on the CPU from a generator."""

    build: Callable[..., nn.Module]  # build(dropout=p) where ``drops``
    optimizer: Callable[..., optim.Optimizer]
    batch: Callable[[torch.Generator], Batch]
    drops: bool = False
    clip: float | None = None

    def model(self, dropout: float = 0.0) -> nn.Module:
        return self.build(dropout=dropout) if self.drops else self.build()


def images(generator: torch.Generator) -> Batch:
    x = torch.randn(8, 3, 64, 64, generator=generator)
    return (x,), torch.randint(10, (8,), generator=generator)


def maps(generator: torch.Generator) -> Batch:
    return (torch.randn(2, 3, 16, 16, generator=generator),), torch.randint(3, (2, 16, 16), generator=generator)


def text(generator: torch.Generator) -> Batch:
    tokens = torch.randint(40, (4, 13), generator=generator)
    return (tokens[:, :-1].contiguous(),), tokens[:, 1:].contiguous()


def padded(generator: torch.Generator) -> Batch:
    tokens = torch.randint(1, 20, (4, 9), generator=generator)
    tokens[1, 6:] = tokens[3, 3:] = 0
    return (tokens,), torch.randint(5, (4, 9), generator=generator).masked_fill(tokens == 0, -100)


def sequences(generator: torch.Generator) -> Batch:
    tokens = torch.randint(20, (4, 7), generator=generator)
    return (tokens, torch.tensor([3, 7, 5, 6])), torch.randint(5, (4,), generator=generator)


def recurrent(kind: type[nn.RNNBase], **settings: object) -> Callable[..., nn.Module]:
    return lambda dropout=0.0: Recurrent(kind, dropout=dropout, **settings)


def sgd(p: object) -> optim.Optimizer:
    return optim.SGD(p, 5e-3, momentum=0.9, weight_decay=1e-4)


# The bias of the keys has no gradient but rounding errors, of 1e-9: softmax takes no notice of it. Divided by their
# own size they would become steps of the size of the learning rate, different on every machine.
EPS = 1e-5


CASES: dict[str, Case] = {
    "resnet18": Case(ResNet18, sgd, images),
    "gpt": Case(Gpt, lambda p: optim.AdamW(p, 1e-3, eps=EPS), text, drops=True, clip=1.0),
    "gpt bool mask": Case(
        lambda dropout=0.0: Gpt(dropout, "bool"), lambda p: optim.Adam(p, 1e-3, eps=EPS, fused=True), text, drops=True
    ),
    "gpt float mask": Case(
        lambda dropout=0.0: Gpt(dropout, "float"), lambda p: optim.NAdam(p, 1e-3, eps=EPS), text, drops=True
    ),
    "encoder": Case(Tagger, lambda p: optim.SGD(p, 0.05, momentum=0.9, nesterov=True), padded, drops=True),
    "encoder norm first": Case(
        lambda dropout=0.0: Tagger(dropout, True, "gelu"),
        lambda p: optim.AdamW(p, 1e-3, eps=EPS, fused=True),
        padded,
        True,
    ),
    "lstm": Case(
        recurrent(nn.LSTM, num_layers=2, bidirectional=True, batch_first=True),
        lambda p: optim.RMSprop(p, 1e-3),
        sequences,
        drops=True,
        clip=0.5,
    ),
    "lstm packed": Case(
        recurrent(nn.LSTM, packed=True, num_layers=2), lambda p: optim.Adagrad(p, 1e-2), sequences, drops=True
    ),
    "gru": Case(recurrent(nn.GRU, num_layers=2), lambda p: optim.Adamax(p, 1e-3), sequences, drops=True),
    "gru packed": Case(
        recurrent(nn.GRU, packed=True, num_layers=2, bidirectional=True, batch_first=True),
        lambda p: optim.RAdam(p, 1e-2),
        sequences,
        drops=True,
    ),
    "rnn": Case(
        recurrent(nn.RNN, num_layers=2, batch_first=True), lambda p: optim.Adadelta(p, 1.0), sequences, drops=True
    ),
    "unet transposed": Case(UNet, sgd, maps),
    "unet bilinear": Case(lambda: UNet("bilinear", "batch"), sgd, maps),
    "unet nearest": Case(lambda: UNet("nearest", "group"), lambda p: optim.SGD(p, 0.02), maps),
}


@dataclass
class Run:
    """What training left: the loss of every step and the model."""

    losses: list[float]
    model: nn.Module


def loss_of(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Cross entropy in float; the classes of sequences are last, those of images second."""
    if target.dim() == 2:
        logits = logits.movedim(-1, 1)
    return functional.cross_entropy(logits.float(), target)


def train(
    case: Case,
    device: str,
    *,
    steps: int = 10,
    dtype: torch.dtype = torch.float32,
    autocast: torch.dtype | None = None,
    dropout: float = 0.0,
    seed: int = 0,
    fresh: bool = True,
) -> Run:
    """Train from the same start on any device; with ``fresh`` every step has a batch of its own.

    With float16 autocast the gradients are scaled, from a scale at which none of these models overflows.
    """
    torch.manual_seed(0)
    model = case.model(dropout).to(dtype).to(device)
    optimizer = case.optimizer(model.parameters())
    scaler = torch.amp.GradScaler(device, init_scale=1024.0, enabled=autocast is torch.float16)
    generator = torch.Generator().manual_seed(1)
    torch.manual_seed(seed)  # dropout draws from here
    losses = []
    for step in range(steps):
        if fresh or step == 0:
            (x, *lengths), target = case.batch(generator)
            x, target = x.to(device, dtype if x.is_floating_point() else None), target.to(device)
        optimizer.zero_grad(set_to_none=step % 2 == 0)
        with torch.autocast(device, dtype=autocast) if autocast else contextlib.nullcontext():
            loss = loss_of(model(x, *lengths), target)
        scaler.scale(loss).backward()
        if case.clip is not None:
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), case.clip)
        scaler.step(optimizer)
        scaler.update()
        losses.append(loss.item())
    return Run(losses, model)
