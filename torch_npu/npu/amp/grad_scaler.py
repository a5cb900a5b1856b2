"""torch.amp.GradScaler with the device filled in."""

from __future__ import annotations

import torch

__all__ = ["GradScaler"]


class GradScaler(torch.amp.GradScaler):
    """``torch.amp.GradScaler("npu", ...)``: scales a float16 loss and skips steps with infinite gradients.

    Args:
        init_scale: the first factor.
        growth_factor: what the factor is multiplied with after ``growth_interval`` good steps.
        backoff_factor: what the factor is multiplied with after a step with infinities or NaNs.
        growth_interval: number of good steps in a row.
        enabled: False makes every method pass its argument through.
    """

    def __init__(
        self,
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        super().__init__("npu", init_scale, growth_factor, backoff_factor, growth_interval, enabled)
