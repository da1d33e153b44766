"""Photographs of handwriting: real handwritten digits on synthetic paper, under bad light."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from photographs import Scene, any_scene, photograph

from digits import shipped_models
from digits.connected_components import components
from digits.digit_finder import find_digit
from digits.mnist import as_inputs, load_mnist
from digits.photo import contrast, is_even
from digits.preprocessing import preprocess
from digits.recognizer import Recognizer
from digits.ruled_lines import without_rules
from vendoring import vendor

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"


@pytest.fixture(scope="module")
def mnist() -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_mnist(vendor.ensure("mnist"), "test")
    return images.reshape(-1, 28, 28), labels


def alike(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum() / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-9))


def test_photographs_are_read_nearly_as_well_as_the_digits_themselves(mnist: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = mnist
    recognizer = Recognizer.load(shipped_models.default_weights(WEIGHTS))
    clean = photographed = 0
    chosen = np.random.default_rng(1).permutation(len(images))[:40]
    for i in chosen:
        scene = any_scene(np.random.default_rng([2, i]))
        steps, _ = find_digit(photograph(images[i], scene, seed=i))
        photographed += recognizer.read_steps(steps).digit == labels[i]
        clean += int(recognizer.network.predict(as_inputs(images[i : i + 1])).argmax() == labels[i])
    print(f"\nread right: {photographed} of {len(chosen)} photographs, {clean} of the digits themselves")
    assert photographed >= clean - 0.04 * len(chosen)


SCENES = {
    "a lamp on one side": Scene(light=0.6),
    "a hard shadow": Scene(shadow=0.3),
    "faint pencil": Scene(ink=0.66, light=0.3),
    "out of focus": Scene(blur=4),
    "grainy": Scene(noise=0.06),
    "ruled paper": Scene(rules="ruled", tilt=4),
    "squared paper": Scene(rules="squared", tilt=-6),
    "a margin": Scene(rules="margin"),
    "rules as dark as the pencil": Scene(rules="ruled", ink=0.5, rule=0.5),
    "chalk on a board": Scene(paper=0.2, ink=0.85, light=0.4),
    "a table's edge": Scene(table=True, x=0.4),
    "tiny in a corner": Scene(size=0.15, x=0.15, y=0.2, light=0.3),
    "filling the picture": Scene(size=0.9, light=0.3),
    "upright and narrow": Scene(width=420, height=1400, light=0.3),
    "large": Scene(width=1000, height=1000, noise=0.04, light=0.3, blur=3),
    "small": Scene(width=160, height=120, light=0.3),
}


@pytest.mark.parametrize("name", SCENES)
def test_each_hardship_alone_leaves_the_digit(name: str, mnist: tuple[np.ndarray, np.ndarray]) -> None:
    images, _ = mnist
    scene = SCENES[name]
    found = [alike(find_digit(photograph(images[i], scene, seed=i))[0].image, turned(images[i], scene)) for i in range(5)]
    assert np.median(found) > 0.85, found
    assert min(found) > 0.6, found


def turned(image: np.ndarray, scene: Scene) -> np.ndarray:
    """The digit as it should come out: photographed in the same place, in perfect light, on blank paper."""
    ideal = Scene(size=0.5, tilt=scene.tilt, paper=1.0, ink=0.0)
    return preprocess(photograph(image, ideal)).image


def test_blank_paper_has_no_ink() -> None:
    nothing = np.zeros((28, 28), np.uint8)
    nothing[10:18, 14] = 255
    for scene in (Scene(ink=0.86, light=0.4), Scene(ink=0.86, noise=0.03), Scene(ink=0.86, shadow=0.3, light=0.3)):
        steps, _ = find_digit(photograph(nothing, scene))
        assert steps.box is None or steps.image.sum() < 200


def test_light_is_evened_out(mnist: tuple[np.ndarray, np.ndarray]) -> None:
    gray = photograph(mnist[0][0], Scene(light=0.6, ink=0.2)) / np.float32(255)
    assert gray[:, :50].mean() > 1.3 * gray[:, -50:].mean()
    even = contrast(gray)
    assert abs(even[:, :50].mean() - even[:, -50:].mean()) < 0.05
    assert not is_even(gray)


def test_rules_go_and_strokes_that_cross_them_stay() -> None:
    ink = np.zeros((200, 300), np.float32)
    ink[40:160, 140:152] = 1  # a stroke
    without = ink.copy()
    for level in range(20, 200, 40):
        ink[level : level + 3] = 1
    ink[:, 60:62] = 1
    found = without_rules(ink)
    assert (found[40:160, 140:152] == 1).mean() > 0.9
    assert found[:, :130].sum() == 0
    np.testing.assert_array_equal(without_rules(without), without)


def test_components_are_those_found_pixel_by_pixel() -> None:
    rng = np.random.default_rng(0)
    for share in (0.1, 0.4, 0.6):
        mask = rng.random((30, 41)) < share
        parts = components(mask)
        expected = flooded(mask)
        assert len(parts) == expected.max()
        pairs = set(zip(parts.labels[mask].tolist(), expected[mask].tolist(), strict=True))
        assert len(pairs) == len(parts), "each label stands for one part"
        for i, (top, bottom, left, right) in enumerate(parts.boxes):
            rows, columns = np.nonzero(parts.labels == i + 1)
            assert (top, bottom, left, right) == (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1)
            assert parts.areas[i] == len(rows)
    assert len(components(np.zeros((5, 5), bool))) == 0


def flooded(mask: np.ndarray) -> np.ndarray:
    """Labels by filling one part after the other."""
    labels, number = np.zeros(mask.shape, int), 0
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        number += 1
        waiting = [start]
        while waiting:
            y, x = waiting.pop()
            if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and mask[y, x] and not labels[y, x]:
                labels[y, x] = number
                waiting += [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return labels
