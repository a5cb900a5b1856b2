"""Train a byte-level language model on one device.

The model predicts the next byte of real text from the bytes before it: an embedding of each byte of the context, then a
multilayer perceptron (Bengio et al., "A Neural Probabilistic Language Model", JMLR 2003), trained with AdamW. The text
is the language reference that every full Python installation carries (``pydoc_data.topics``, about 450 KB).

    python examples/train_lm.py                 # on npu
    python examples/train_lm.py --device cpu    # the same run, for comparison

Prints a progress bar, writes a loss curve as PNG and ends with one line:
``loss first=<x> last=<y> steps=<n> world=1 device=<device>``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from pydoc_data.topics import topics

import torch
from torch import nn
from torch.nn import functional as F
from tqdm import tqdm

VOCABULARY = 256


def corpus() -> torch.Tensor:
    """Return the text as bytes: an int64 tensor of shape (length,), values 0 to 255."""
    text = "".join(topics[key] for key in sorted(topics)).encode()
    return torch.frombuffer(bytearray(text), dtype=torch.uint8).long()


class ByteModel(nn.Module):
    """Next-byte logits of shape (batch, 256) from int64 bytes of shape (batch, context)."""

    def __init__(self, context: int, width: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width)
        self.layers = nn.Sequential(
            nn.Linear(context * width, hidden),
            nn.LayerNorm(hidden),
            nn.GELU(),
            nn.Linear(hidden, hidden),
            nn.GELU(),
            nn.Linear(hidden, VOCABULARY),
        )

    def forward(self, contexts: torch.Tensor) -> torch.Tensor:
        return self.layers(self.embedding(contexts).flatten(1))


class Batches:
    """Random windows of the text, all on the device.

    The positions come from a CPU generator, so that every device sees the same batches for a given seed.
    """

    def __init__(self, text: torch.Tensor, batch: int, context: int, seed: int) -> None:
        self.text, self.batch, self.context = text, batch, context
        self.offsets = torch.arange(context + 1, device=text.device)
        self.generator = torch.Generator().manual_seed(seed)

    def next(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (contexts of shape (batch, context), next bytes of shape (batch,)), int64, on the device."""
        last = len(self.text) - self.context
        starts = torch.randint(last, (self.batch, 1), generator=self.generator).to(self.text.device)
        windows = self.text[starts + self.offsets]
        return windows[:, :-1], windows[:, -1]


def train(args: argparse.Namespace) -> list[float]:
    """Train for ``args.steps`` steps and return the loss of each step (nats per byte)."""
    torch.manual_seed(args.seed)
    device = torch.device(args.device)
    model = ByteModel(args.context, args.width, args.hidden).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=args.lr, total_steps=args.steps)
    batches = Batches(corpus().to(device), args.batch, args.context, args.seed)

    losses: list[torch.Tensor] = []
    progress = tqdm(range(args.steps), unit="step", disable=args.quiet, mininterval=0.5)
    for step in progress:
        contexts, following = batches.next()
        loss = F.cross_entropy(model(contexts), following)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.detach())
        # Reading a loss waits for the device: rarely enough that the host keeps running ahead of it.
        if step % 20 == 0:
            progress.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    check_device(model, device)
    return torch.stack(losses).tolist()


def check_device(model: nn.Module, device: torch.device) -> None:
    """Raise RuntimeError when a parameter left the device or an operator silently ran on the CPU."""
    strays = [name for name, parameter in model.named_parameters() if parameter.device.type != device.type]
    if strays:
        raise RuntimeError(f"parameters are not on {device.type}: {', '.join(strays)}")
    if device.type == "npu" and torch.npu.fallback_stats():
        raise RuntimeError(f"operators fell back to the CPU: {torch.npu.fallback_stats()}")


def plot(losses: list[float], path: Path, device: str) -> None:
    """Write the loss curve as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(losses, linewidth=0.8)
    axes.set(xlabel="step", ylabel="loss (nats per byte)", title=f"byte-level language model on {device}")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="npu", help="npu, npu:<index> or cpu")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=256, help="windows of text in a step")
    parser.add_argument("--context", type=int, default=16, help="bytes that the model sees")
    parser.add_argument("--width", type=int, default=32, help="width of a byte's embedding")
    parser.add_argument("--hidden", type=int, default=256, help="width of the hidden layers")
    parser.add_argument("--lr", type=float, default=3e-3, help="peak learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", type=Path, default=Path("loss.png"), help="where the loss curve goes")
    parser.add_argument("--losses", type=Path, help="also write the loss of every step as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    args = parser.parse_args(argv)
    for name in ("steps", "batch", "context", "width", "hidden"):
        if getattr(args, name) < 1:
            parser.error(f"--{name} must be at least 1, not {getattr(args, name)}")
    return args


def main() -> int:
    args = parse()
    if args.device.startswith("npu"):
        import torch_npu  # noqa: F401  registers the device; needless where torch loads it by its entry point

        if not torch.npu.is_available():
            print("no npu is available: TORCH_NPU_CANN=off is set, or the toolkit sees no device", file=sys.stderr)
            return 1
    losses = train(args)
    if args.losses:
        args.losses.write_text(json.dumps(losses))
    device = torch.device(args.device).type
    plot(losses, args.plot, device)
    print(f"loss first={losses[0]:.4f} last={losses[-1]:.4f} steps={args.steps} world=1 device={device}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
