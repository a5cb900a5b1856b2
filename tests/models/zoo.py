"""The architectures that training on npu has to serve, in small: true topologies, few channels, short sequences."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import nn


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, which is a 1x1 convolution where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)) + shortcut)


class ResNet18(nn.Module):
    """ResNet-18: stem, four stages of two blocks, the mean over the image, a linear layer."""

    def __init__(self, width: int = 4, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        stages, inputs = [], width
        for stage in range(4):
            outputs = width << stage
            stages += [BasicBlock(inputs, outputs, 1 if stage == 0 else 2), BasicBlock(outputs, outputs, 1)]
            inputs = outputs
        self.stages = nn.Sequential(*stages)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(inputs, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, BasicBlock):
                nn.init.zeros_(module.bn2.weight)  # every block starts as its shortcut: rounding does not grow

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        return self.fc(torch.flatten(self.avgpool(self.stages(x)), 1))


class GptBlock(nn.Module):
    """Causal attention and a feed-forward layer, each behind a layer norm and beside a shortcut."""

    def __init__(self, width: int, heads: int, dropout: float, mask: str) -> None:
        super().__init__()
        self.heads, self.p, self.mask = heads, dropout, mask
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.dropout = nn.Dropout(dropout)

    def attend(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        settings = {"dropout_p": self.p if self.training else 0.0}
        if self.mask == "causal":
            settings["is_causal"] = True
        elif self.mask == "bool":
            settings["attn_mask"] = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
        else:
            future = torch.full((length, length), float("-inf"), dtype=q.dtype, device=x.device).triu(1)
            settings["attn_mask"] = future
        y = functional.scaled_dot_product_attention(q, k, v, **settings)
        return self.proj(y.transpose(1, 2).reshape(batch, length, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.dropout(self.attend(self.ln1(x)))
        return x + self.dropout(self.mlp(self.ln2(x)))


class Gpt(nn.Module):
    """A GPT with learned positions and an output layer that shares the embedding's weight."""

    def __init__(self, dropout: float = 0.0, mask: str = "causal", vocabulary: int = 40, width: int = 16) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(12, width)
        self.blocks = nn.ModuleList(GptBlock(width, 2, dropout, mask) for _ in range(2))
        self.ln, self.dropout = nn.LayerNorm(width), nn.Dropout(dropout)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.tokens.weight
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.05)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.tokens(tokens) + self.positions(torch.arange(tokens.shape[1], device=tokens.device))
        x = self.dropout(x)
        for block in self.blocks:
            x = block(x)
        return self.head(self.ln(x))


class Tagger(nn.Module):
    """A transformer encoder over padded sequences of tokens; the padding token is 0."""

    def __init__(self, dropout: float = 0.0, norm_first: bool = False, activation: str = "relu") -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 16, padding_idx=0)
        layer = nn.TransformerEncoderLayer(16, 2, 32, dropout, activation, batch_first=True, norm_first=norm_first)
        self.encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(16), enable_nested_tensor=not norm_first)
        self.out = nn.Linear(16, 5)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.out(self.encoder(self.embedding(tokens), src_key_padding_mask=tokens == 0))


class Recurrent(nn.Module):
    """A recurrent network over packed or padded sequences, read out at its last states."""

    def __init__(self, kind: type[nn.RNNBase], packed: bool = False, dropout: float = 0.0, **settings: object) -> None:
        super().__init__()
        self.packed = packed
        self.embedding = nn.Embedding(20, 8)
        self.rnn = kind(8, 8, dropout=dropout, **settings)
        self.out = nn.Linear(8 * (2 if self.rnn.bidirectional else 1), 5)

    def forward(self, tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        x = self.embedding(tokens)
        batch_first = self.rnn.batch_first
        x = x if batch_first else x.transpose(0, 1)
        if self.packed:
            x = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=batch_first, enforce_sorted=False)
        states, _ = self.rnn(x)
        if self.packed:
            states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=batch_first)
        return self.out(states.mean(1 if batch_first else 0))


class DoubleConvolution(nn.Sequential):
    def __init__(self, inputs: int, outputs: int, norm: str) -> None:
        def normalise() -> nn.Module:
            return nn.GroupNorm(2, outputs) if norm == "group" else nn.BatchNorm2d(outputs)

        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1),
            normalise(),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1),
            normalise(),
            nn.SiLU(),
        )


class UNet(nn.Module):
    """Two levels down, two levels up, each joined with what the way down saw at that level."""

    def __init__(self, up: str = "transposed", norm: str = "group", width: int = 4, classes: int = 3) -> None:
        super().__init__()
        widths = [width, 2 * width, 4 * width]
        self.down = nn.ModuleList(DoubleConvolution(i, o, norm) for i, o in zip([3, *widths[:-1]], widths, strict=True))
        self.pool = nn.MaxPool2d(2)
        self.raise_ = nn.ModuleList(self.upward(i, i // 2, up) for i in widths[:0:-1])
        self.up = nn.ModuleList(DoubleConvolution(i, i // 2, norm) for i in widths[:0:-1])
        self.out = nn.Conv2d(width, classes, 1)

    @staticmethod
    def upward(inputs: int, outputs: int, up: str) -> nn.Module:
        if up == "transposed":
            return nn.ConvTranspose2d(inputs, outputs, 2, 2)
        settings = {} if up == "nearest" else {"align_corners": False}
        return nn.Sequential(nn.Upsample(scale_factor=2, mode=up, **settings), nn.Conv2d(inputs, outputs, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else self.pool(x))
            seen.append(x)
        seen.pop()
        for grow, block in zip(self.raise_, self.up, strict=True):
            x = block(torch.cat([seen.pop(), grow(x)], dim=1))
        return self.out(x)
