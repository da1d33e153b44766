"""The same training with PyTorch on CPython, for training.py: what the machine can do outside of a browser."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import numpy as np

try:
    import torch
    from torch import nn
except ImportError:
    torch = None  # optional: `pip install torch`

RATE = 1e-3


def network(convolutional: bool) -> nn.Sequential:
    """784-128-64-10, or 28x28-conv16-pool-conv32-pool-128-10, with He initialization."""
    hidden = [nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)]
    if convolutional:
        images = [nn.Unflatten(1, (1, 28, 28))]
        images += [nn.Conv2d(1, 16, 3, padding=1), nn.MaxPool2d(2), nn.ReLU()]
        images += [nn.Conv2d(16, 32, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten()]
        hidden = [*images, nn.Linear(7 * 7 * 32, 128), nn.ReLU(), nn.Linear(128, 10)]
    layers = nn.Sequential(*hidden)
    for layer in layers:
        if hasattr(layer, "weight"):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    return layers


def seconds(mnist: Path, count: int, batch: int, threads: int, convolutional: bool) -> float:
    """The time to train on `count` images once, after a few batches to warm up."""
    torch.set_num_threads(threads)
    pixels, labels = (
        _read(mnist / f"train-{kind}-ubyte", header) for kind, header in (("images-idx3", 16), ("labels-idx1", 8))
    )
    x = torch.from_numpy(pixels.reshape(-1, 784)[:count].astype(np.float32) / 255)
    y = torch.from_numpy(labels[:count].astype(np.int64))
    model = network(convolutional)
    optimizer = torch.optim.Adam(model.parameters(), RATE)

    def train(steps: int) -> None:
        for start in range(0, steps * batch, batch):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[start : start + batch]), y[start : start + batch]).backward()
            optimizer.step()

    train(3)
    began = time.perf_counter()
    train(count // batch)
    return time.perf_counter() - began


def _read(path: Path, header: int) -> np.ndarray:
    data = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes())
    return np.frombuffer(data, np.uint8, offset=header)
