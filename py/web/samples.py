"""The page's sample digits as arrays."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

Samples = list[dict[str, Any]]
"""What `assets/samples.json` holds: `{"label", "pixels"}` each, 28×28 bytes in base64."""


def sample_arrays(samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 28, 28) float32, 0…1, and labels (n,)."""
    pixels = b"".join(base64.b64decode(sample["pixels"]) for sample in samples)
    images = np.frombuffer(pixels, np.uint8).reshape(-1, 28, 28).astype(np.float32) / 255
    return images, np.array([sample["label"] for sample in samples], np.int64)
