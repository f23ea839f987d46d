"""From one example to syntheses, in one call: fields and images, arrays and tensors."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gsn.systems.synthesis import colours, models, operands
from gsn.transforms.statistics import Statistic


@dataclass(frozen=True)
class Synthesis:
    """Syntheses of an example.

    Attributes:
        fields: Syntheses, (n, H, W) or (n, c, H, W), of the kind and the dtype of the example.
        planes: Model of each plane that varies, the one of most variance first. A field has one
            plane; an image has one for each principal axis of its colours.
        axes: Principal axes of the colours as columns, (c, c); None for a field.
    """

    fields: Any
    planes: tuple[models.Model, ...]
    axes: np.ndarray | None

    @property
    def statistic(self) -> Statistic:
        """Fitted statistics of the first plane, the only one of a field."""
        return self.planes[0].statistic

    @property
    def losses(self) -> np.ndarray:
        """Relative errors of the first plane, the only one of a field, (steps + 1, n)."""
        return self.planes[0].losses

    @property
    def error(self) -> np.ndarray:
        """Relative errors of the syntheses at the end, the largest one of the planes, (n,)."""
        return np.max([plane.error for plane in self.planes], axis=0)

    @property
    def count(self) -> int:
        """Number of numbers that the model keeps, of all planes."""
        return sum(plane.moments for plane in self.planes)

    @property
    def seconds(self) -> float:
        """Time of the descents."""
        return sum(plane.seconds for plane in self.planes)


@torch.inference_mode(False)
def synthesized(
    x: Any,
    name: str,
    n: int,
    *,
    mask: Any = None,
    seed: int,
    checkpoint: str | Path | None = None,
    **run,
) -> Synthesis:
    """Return syntheses of an example; see `gsn.systems.synthesis.synthesize`.

    Args:
        x: Example, (H, W) or (c, H, W).
        name: Name of the statistics.
        n: Number of syntheses.
        mask: Points that count, (H, W) bool.
        seed: Seed of the noise.
        checkpoint: Folder of the states of the descents; None to keep none.
        run: Other arguments of `models.synthesized`.
    """
    image = operands.example(x)
    points = operands.mask(mask, image)
    image = operands.filled(image, points)
    Q = None
    planes = image[None] if image.ndim == 2 else image
    if image.ndim == 3:
        Q = colours.axes(image, points)
        planes = colours.rotated(image, Q)
    made, found = [], []
    for i, varies in enumerate(colours.varying(planes, points)):
        if not varies:  # a grey image of three colours has two such planes
            made.append(planes[i].mean().expand(n, *planes.shape[1:]))
            continue
        own: dict[str, Any] = {"mask": points, "seed": _seed(seed, i)}
        own["stamp"] = f"{name} {run['settings']}"
        if checkpoint is not None:
            own["checkpoint"] = Path(checkpoint) / f"plane_{i}.pt"
        found.append(models.synthesized(planes[i : i + 1], name, n, **own, **run))
        made.append(found[-1].x)
    fields = torch.stack(made, dim=1)  # (n, c, H, W)
    fields = fields[:, 0] if Q is None else colours.rotated(fields, Q.T)
    if not isinstance(x, torch.Tensor):
        fields = fields.cpu().numpy()
    return Synthesis(fields, tuple(found), None if Q is None else Q.cpu().numpy())


def _seed(seed: int, plane: int) -> int:
    """Return the seed of the noise of a plane; that of the first is the seed itself."""
    if not plane:
        return seed
    return int(np.random.SeedSequence([seed, plane]).generate_state(1)[0])
