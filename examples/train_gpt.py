"""Train a byte-level GPT on several devices with FSDP2 and bfloat16 mixed precision.

The model is a decoder-only transformer with layer norm before each block (Radford et al., "Language Models are
Unsupervised Multitask Learners", 2019). Each block is sharded with ``fully_shard``; the optimizer is AdamW with a
clipped gradient, a warm-up and a cosine schedule. The text is the language reference that every full Python
installation carries (``pydoc_data.topics``, about 450 KB).

    npurun --nproc-per-node 2 examples/train_gpt.py                      # two npu, backend hccl
    npurun --nproc-per-node 2 examples/train_gpt.py --resume             # go on from the last checkpoint
    torchrun --nproc-per-node 2 examples/train_gpt.py --device cpu       # the same run on the CPU, backend gloo
    python examples/train_gpt.py                                         # one device, no launcher

Prints a progress bar and a sample of generated text, writes a loss curve as PNG and a distributed checkpoint, and ends
with one line: ``loss first=<x> last=<y> steps=<n> world=<ranks> backend=<backend> device=<device>``.

Everything random in a step follows from the seed, the step and, for dropout, the rank: the same seed gives the same run
on every device, and a resumed run continues as if it had not been interrupted.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from dataclasses import replace
from pathlib import Path
from pydoc_data.topics import topics

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch import nn
from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.nn import functional as F
from tqdm import tqdm

VOCABULARY = 256
BACKENDS = {"npu": "hccl", "cpu": "gloo"}


class Block(nn.Module):
    """Attention and a multilayer perceptron, each behind a layer norm and around a residual; (batch, time, width)."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.project = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, time, width = x.shape
        q, k, v = (
            part.view(batch, time, self.heads, width // self.heads).transpose(1, 2)
            for part in self.qkv(self.norm1(x)).chunk(3, dim=-1)
        )
        rate = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(q, k, v, dropout_p=rate, is_causal=True)
        x = x + F.dropout(self.project(mixed.transpose(1, 2).reshape(batch, time, width)), rate)
        return x + F.dropout(self.down(F.gelu(self.up(self.norm2(x)))), rate)


class GPT(nn.Module):
    """Next-byte logits of shape (batch, time, 256) from int64 bytes of shape (batch, time <= context)."""

    def __init__(self, context: int, width: int, layers: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.context = context
        self.bytes, self.positions = nn.Embedding(VOCABULARY, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, VOCABULARY, bias=False)
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.bytes(tokens) + self.positions(torch.arange(tokens.shape[1], device=tokens.device))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def build(args: argparse.Namespace, device: torch.device) -> nn.Module:
    """Return the model, initialised on the CPU from the seed and sharded over all ranks."""
    torch.manual_seed(args.seed)
    model = GPT(args.context, args.width, args.layers, args.heads, args.dropout).to(device)
    kind = torch.float32 if args.dtype == "float32" else torch.bfloat16
    mesh = init_device_mesh(device.type, (dist.get_world_size(),))
    policy = MixedPrecisionPolicy(param_dtype=kind, reduce_dtype=torch.float32)  # gradients are summed in float32
    for block in model.blocks:
        fully_shard(block, mesh=mesh, mp_policy=policy)
    # The logits leave in float32, in which the loss is computed.
    return fully_shard(model, mesh=mesh, mp_policy=replace(policy, output_dtype=torch.float32))


def corpus() -> torch.Tensor:
    """Return the text as bytes: an int64 tensor of shape (length,) on the CPU."""
    text = "".join(topics[key] for key in sorted(topics)).encode()
    return torch.frombuffer(bytearray(text), dtype=torch.uint8).long()


def batch_of(step: int, args: argparse.Namespace, text: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return this rank's share of the global batch: contexts and the bytes after each, (batch / world, context)."""
    generator = torch.Generator().manual_seed(args.seed * 1_000_003 + step)
    starts = torch.randint(len(text) - args.context - 1, (args.batch,), generator=generator)
    mine = starts[dist.get_rank() :: dist.get_world_size()]
    windows = text[mine.unsqueeze(1) + torch.arange(args.context + 1)]
    return windows[:, :-1], windows[:, 1:]


def rate_of(step: int, args: argparse.Namespace) -> float:
    """Return the factor of the learning rate: a linear warm-up, then half a cosine down to a tenth."""
    warmup = max(args.steps // 20, 1)
    if step < warmup:
        return (step + 1) / warmup
    return 0.55 + 0.45 * math.cos(math.pi * (step - warmup) / max(args.steps - warmup, 1))


class Training:
    """A model and its optimizer, with their state in a distributed checkpoint (one directory for each saved step)."""

    def __init__(self, args: argparse.Namespace, device: torch.device) -> None:
        self.args, self.device = args, device
        self.model = build(args, device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=args.lr, betas=(0.9, 0.95), weight_decay=0.1)
        self.text = corpus()
        self.done = 0
        self.first_loss = math.nan

    def step(self) -> torch.Tensor:
        """Train one step and return this rank's loss, a scalar on the device (nats per byte)."""
        if self.args.dropout > 0:
            torch.manual_seed((self.args.seed * 1_000_003 + self.done) * 1024 + dist.get_rank())
        contexts, following = (part.to(self.device) for part in batch_of(self.done, self.args, self.text))
        for group in self.optimizer.param_groups:
            group["lr"] = self.args.lr * rate_of(self.done, self.args)
        loss = F.cross_entropy(self.model(contexts).flatten(0, 1), following.flatten())
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.done += 1
        return loss.detach()

    def _state(self) -> dict[str, object]:
        model, optimizer = get_state_dict(self.model, self.optimizer)
        progress = torch.tensor([self.done, self.first_loss], dtype=torch.float64)
        return {"model": model, "optimizer": optimizer, "progress": progress}

    def save(self) -> None:
        dcp.save(self._state(), checkpoint_id=self.args.checkpoint / f"step-{self.done:06d}")

    def resume(self) -> None:
        """Load the newest checkpoint that was written to its end."""
        complete = sorted(path.parent for path in self.args.checkpoint.glob("step-*/.metadata"))
        if not complete:
            raise SystemExit(f"--resume: there is no checkpoint in {self.args.checkpoint}")
        state = self._state()
        dcp.load(state, checkpoint_id=complete[-1])
        set_state_dict(self.model, self.optimizer, model_state_dict=state["model"], optim_state_dict=state["optimizer"])
        done, self.first_loss = state["progress"].tolist()
        self.done = int(done)


def train(training: Training) -> list[float]:
    """Train up to ``args.steps`` steps; return the loss of each step of this run, averaged over the ranks."""
    args, losses = training.args, []
    steps = range(training.done, args.steps)
    quiet = args.quiet or dist.get_rank() != 0
    progress = tqdm(steps, unit="step", disable=quiet, mininterval=0.5, initial=training.done, total=args.steps)
    for step in progress:
        losses.append(training.step())
        if step == 0:
            training.first_loss = mean_over_ranks(losses[0]).item()
        # Reading a loss waits for the device: rarely enough that the host keeps running ahead of it.
        if step % 20 == 0:
            progress.set_postfix(loss=f"{losses[-1].item():.3f}", refresh=False)
        if args.checkpoint_every and training.done % args.checkpoint_every == 0 and training.done < args.steps:
            training.save()
    return mean_over_ranks(torch.stack(losses)).tolist() if losses else []


def mean_over_ranks(values: torch.Tensor) -> torch.Tensor:
    total = values.float().clone()
    dist.all_reduce(total)
    return total / dist.get_world_size()


@torch.no_grad()
def sample(model: nn.Module, prompt: str, length: int, args: argparse.Namespace, device: torch.device) -> str:
    """Return ``length`` bytes after the prompt. Every rank takes part, since each holds a part of the weights."""
    model.eval()
    generator = torch.Generator().manual_seed(args.seed)
    tokens = list(prompt.encode())
    for _ in range(length):
        window = torch.tensor([tokens[-args.context :]], device=device)
        odds = torch.softmax(model(window)[0, -1].float().cpu() / 0.8, dim=-1)
        tokens.append(int(torch.multinomial(odds, 1, generator=generator)))
    model.train()
    return bytes(tokens).decode(errors="replace")


def check_device(model: nn.Module, device: torch.device) -> None:
    """Raise RuntimeError when a parameter left the device or an operator silently ran on the CPU."""
    strays = [name for name, parameter in model.named_parameters() if parameter.device.type != device.type]
    if strays:
        raise RuntimeError(f"parameters are not on {device.type}: {', '.join(strays)}")
    if device.type == "npu" and torch.npu.fallback_stats():
        raise RuntimeError(f"operators fell back to the CPU: {torch.npu.fallback_stats()}")


def plot(losses: list[float], first: int, path: Path, title: str) -> None:
    """Write the loss curve as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(range(first, first + len(losses)), losses, linewidth=0.8)
    axes.set(xlabel="step", ylabel="loss (nats per byte)", title=title)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=sorted(BACKENDS), default="npu")
    parser.add_argument("--dtype", choices=["bfloat16", "float32"], default="bfloat16", help="of the computation")
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--batch", type=int, default=32, help="sequences in a step, over all ranks")
    parser.add_argument("--context", type=int, default=64, help="bytes that the model sees")
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--lr", type=float, default=3e-3, help="peak learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint", type=Path, default=Path("checkpoints"), help="directory of the checkpoints")
    parser.add_argument("--checkpoint-every", type=int, default=0, help="also save after so many steps")
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint")
    parser.add_argument("--sample", type=int, default=160, help="bytes of text to generate at the end")
    parser.add_argument("--plot", type=Path, default=Path("loss.png"), help="where the loss curve goes")
    parser.add_argument("--losses", type=Path, help="also write the loss of every step as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    args = parser.parse_args(argv)
    for name in ("steps", "batch", "context", "width", "layers", "heads"):
        if getattr(args, name) < 1:
            parser.error(f"--{name} must be at least 1, not {getattr(args, name)}")
    if args.width % args.heads:
        parser.error(f"--width {args.width} is not a multiple of --heads {args.heads}")
    if args.batch % int(os.environ.get("WORLD_SIZE", "1")):
        parser.error(f"--batch {args.batch} is not a multiple of the number of ranks, {os.environ['WORLD_SIZE']}")
    return args


def start(name: str) -> torch.device:
    """Join the process group, or make one of this process alone, and return this rank's device."""
    alone = {"store": dist.HashStore(), "rank": 0, "world_size": 1}
    rendezvous = {} if "RANK" in os.environ else alone
    device = torch.device(name)
    if name == "npu":
        if not torch.npu.is_available():
            raise SystemExit("no npu is available: TORCH_NPU_CANN=off is set, or the toolkit sees no device")
        device = torch.device("npu", int(os.environ.get("LOCAL_RANK", "0")))
        torch.npu.set_device(device)
    dist.init_process_group(BACKENDS[name], **rendezvous)
    return device


def main() -> int:
    args = parse()
    if args.device == "npu":
        import torch_npu  # noqa: F401  registers the device; needless where torch loads it by its entry point
    device = start(args.device)
    training = Training(args, device)
    if args.resume:
        training.resume()
    begin = training.done
    losses = train(training)
    if losses:
        training.save()
    text = sample(training.model, "The ", args.sample, args, device)
    check_device(training.model, device)
    if dist.get_rank() == 0:
        last = losses[-1] if losses else training.first_loss
        run = f"world={dist.get_world_size()} backend={dist.get_backend()} device={device.type}"
        if args.losses:
            args.losses.write_text(json.dumps(losses))
        plot(losses, begin, args.plot, f"byte-level GPT, {run}")
        print(f"sample: {text!r}")
        print(f"loss first={training.first_loss:.4f} last={last:.4f} steps={training.done} {run}")
        sys.stdout.flush()
    dist.destroy_process_group()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
