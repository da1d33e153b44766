"""Photographs for the tests: ink on paper or board, under the light, the lens and the hand of a real one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

Gray = np.ndarray  # (height, width) float32, 0…1


@dataclass(frozen=True)
class Scene:
    """How a picture of a digit was taken.

    Attributes:
        width, height: of the picture, in pixels.
        size: of the digit's longer side, in parts of the picture's shorter side; x, y: of its middle, in parts of each side.
        tilt: degrees.
        paper, ink: brightness, 0…1; an ink brighter than its paper is chalk.
        light: how much darker the dark end of a gradient is, 0…1, and `light_from`, its direction in degrees.
        shadow: how much darker a hard-edged shadow across the picture is, 0…1.
        rules: "", "ruled", "squared" or "margin"; rule: their brightness.
        blur: radius of the lens's blur in pixels; noise: the sensor's standard deviation.
        table: whether a dark table shows beyond the paper's edge.
    """

    width: int = 640
    height: int = 480
    size: float = 0.45
    x: float = 0.5
    y: float = 0.5
    tilt: float = 0.0
    paper: float = 0.86
    ink: float = 0.2
    light: float = 0.0
    light_from: float = 30.0
    shadow: float = 0.0
    rules: str = ""
    rule: float = 0.62
    blur: float = 0.8
    noise: float = 0.0
    table: bool = False


def photograph(marks: np.ndarray | list[tuple[np.ndarray, Scene]], scene: Scene, seed: int = 0) -> np.ndarray:
    """(height, width) uint8: `marks` (ink coverage, any size, 255 on 0) as this scene shows it; or several, each placed
    by its own scene."""
    rng = np.random.default_rng(seed)
    if isinstance(marks, np.ndarray):
        marks = [(marks, scene)]
    rows, columns = np.mgrid[: scene.height, : scene.width].astype(np.float32)
    surface = np.full((scene.height, scene.width), scene.paper, np.float32)
    surface += soft_noise(surface.shape, rng) * 0.015
    rule(surface, scene, rows, columns)
    coverage = np.zeros_like(surface)
    for mark, placed in marks:
        coverage = np.maximum(coverage, place(mark, placed))
    grain = 1 + 0.12 * rng.standard_normal(surface.shape).astype(np.float32)  # pencil and chalk are not smooth
    surface = surface + (scene.ink - surface) * np.clip(coverage * grain, 0, 1)
    if scene.table:
        surface = np.where(columns + 0.08 * rows > 0.93 * scene.width, 0.25, surface)
    angle = np.deg2rad(scene.light_from)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    across = (cos * columns / scene.width + sin * rows / scene.height) / (abs(cos) + abs(sin))
    surface = surface * (1 - scene.light * across)
    if scene.shadow:
        edge = 0.62 * scene.width - 0.35 * rows
        surface = surface * (1 - scene.shadow * np.clip((columns - edge) / 12 + 0.5, 0, 1))
    image = Image.fromarray(np.uint8(np.clip(surface, 0, 1) * 255)).filter(ImageFilter.GaussianBlur(scene.blur))
    if not scene.noise:
        return np.array(image)
    seen = np.asarray(image, np.float32) + 255 * scene.noise * rng.standard_normal(surface.shape)
    return np.uint8(np.clip(seen, 0, 255))


def place(mark: np.ndarray, scene: Scene) -> Gray:
    """The coverage of one mark, cut out, scaled, turned and put where the scene says."""
    inked = np.argwhere(mark > 40)
    (top, left), (bottom, right) = inked.min(axis=0), inked.max(axis=0) + 1
    cut = Image.fromarray(np.pad(mark[top:bottom, left:right], 2))
    zoom = scene.size * min(scene.width, scene.height) / max(bottom - top, right - left)
    size = (max(3, round(cut.width * zoom)), max(3, round(cut.height * zoom)))
    cut = cut.resize(size, Image.Resampling.BICUBIC).rotate(-scene.tilt, Image.Resampling.BICUBIC, expand=True)
    canvas = Image.new("L", (scene.width, scene.height))
    canvas.paste(cut, (round(scene.x * scene.width - cut.width / 2), round(scene.y * scene.height - cut.height / 2)))
    coverage = np.asarray(canvas, np.float32) / 255
    return np.clip((coverage - 0.3) / 0.4, 0, 1)  # a pen's edge is sharp, an enlarged image's is not


def rule(surface: Gray, scene: Scene, rows: Gray, columns: Gray) -> None:
    """Draw the paper's printed lines, turned with the paper."""
    if not scene.rules:
        return
    angle = np.deg2rad(scene.tilt)
    down = np.cos(angle) * rows - np.sin(angle) * columns + 1000
    right = np.cos(angle) * columns + np.sin(angle) * rows + 1000
    gap = {"ruled": 0.17, "squared": 0.11, "margin": 0.17}[scene.rules] * min(scene.width, scene.height)
    lines = down % gap < 2
    if scene.rules == "squared":
        lines |= right % gap < 2
    if scene.rules == "margin":
        lines |= np.abs(right - 1000 - 0.16 * scene.width) < 1.5
    surface[lines] = scene.rule


def soft_noise(shape: tuple[int, int], rng: np.random.Generator) -> Gray:
    """Clouds of standard deviation about 1: paper is never quite even."""
    small = rng.standard_normal((max(2, shape[0] // 40), max(2, shape[1] // 40))).astype(np.float32)
    return np.asarray(Image.fromarray(small).resize(shape[::-1], Image.Resampling.BICUBIC))


def any_scene(rng: np.random.Generator) -> Scene:
    """A scene as people take them: no two the same."""
    chalk = rng.random() < 0.15
    return Scene(
        width=int(rng.integers(420, 1400)),
        height=int(rng.integers(420, 1400)),
        size=rng.uniform(0.25, 0.75),
        x=rng.uniform(0.4, 0.6),
        y=rng.uniform(0.4, 0.6),
        tilt=rng.uniform(-8, 8),
        paper=rng.uniform(0.15, 0.3) if chalk else rng.uniform(0.65, 0.95),
        ink=rng.uniform(0.7, 0.95) if chalk else rng.uniform(0.05, 0.5),
        light=rng.uniform(0, 0.5),
        light_from=rng.uniform(-90, 90),
        shadow=rng.choice([0, 0, rng.uniform(0.1, 0.4)]),
        rules="" if chalk else rng.choice(["", "", "ruled", "squared", "margin"]),
        rule=rng.uniform(0.5, 0.62),
        blur=rng.uniform(0.5, 2.5),
        noise=rng.uniform(0, 0.04),
        table=not chalk and rng.random() < 0.15,
    )
