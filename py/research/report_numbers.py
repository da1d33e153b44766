"""Measures how whole numbers are read that are composed from pen drawings: see `research.number_ink`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from digits.calibration import logits_of
from digits.number_finder import find_marks
from digits.number_lattice import composite
from digits.number_pieces import whole_pieces
from digits.number_reader import NumberReader
from digits.preprocessing import preprocess
from digits.recognizer import Recognizer
from research.ink import Ink
from research.number_ink import HABITS, SPACINGS, chosen, compose, painted
from research.pen_images import as_bytes
from research.report import Figures

LENGTHS = (2, 4, 6)
SURE = 0.9


def number_figures(
    recognizer: Recognizer, ink: Ink, count: int, tell: Callable[[float, str], None] = lambda done, condition: None
) -> Figures:
    """The share of numbers that are read correctly, by spacing and length; spaced ones in pictures; and by habit.

    `numbers_digit_accuracy` is a, the accuracy on the same digits, each read alone: if the ink is always divided correctly,
    a^n of the numbers of n digits are right. `numbers_wrong_and_sure` is the share of the wrong ones that are read with a
    confidence above 0.9.
    """
    reader = NumberReader(recognizer)
    figures: Figures = {"numbers_of_each": count}
    digits: list[np.ndarray] = []
    labels: list[int] = []
    wrong: list[float] = []
    conditions = [(spacing, length, "plain") for spacing in SPACINGS for length in LENGTHS]
    conditions += [("spaced", length, "picture") for length in LENGTHS] + [("spaced", 4, habit) for habit in HABITS[1:]]
    for index, (spacing, length, habit) in enumerate(conditions):
        name = f"numbers_{spacing if habit == 'plain' else habit}_{length}"
        tell(index / len(conditions), name)
        right = 0
        for i in range(count):
            rng = np.random.default_rng([8, index, i])
            indices = chosen(ink, length, rng)
            written = compose(ink, indices, SPACINGS[spacing], rng, habit)
            reading = reader.read(find_marks(255 - painted(written)[0]).marks if habit == "picture" else written.marks)
            right += reading.number == written.number
            if reading.number != written.number:
                wrong.append(reading.confidence)
            if habit == "plain":
                alone = [preprocess(composite(whole_pieces(digit)), "light-on-dark").image for digit in written.digits]
                digits.extend(map(as_bytes, alone))
                labels.extend(map(int, written.number))
        figures[name] = right / count
    right_alone = logits_of(recognizer.network, np.stack(digits)).argmax(axis=1) == labels
    figures["numbers_digit_accuracy"] = float(np.mean(right_alone))
    for length in LENGTHS:
        figures[f"numbers_at_best_{length}"] = float(np.mean(right_alone)) ** length
    figures["numbers_wrong"] = len(wrong)
    figures["numbers_wrong_and_sure"] = float(np.mean(np.array(wrong) > SURE)) if wrong else 0.0
    return figures
