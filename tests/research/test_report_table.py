"""The tables of figures in the documents are filled in from the networks' cards."""

from __future__ import annotations

import pytest

from research.report_table import filled, wilson

CARDS = [
    {"parameters": 1234, "ink_accuracy": 0.9956, "ink_drawings": 1828, "ink_pen_1/40_1/25": 1.0},
    {"parameters": 567, "ink_accuracy": 0.5, "ink_drawings": 100, "ink_pen_1/40_1/25": 0.0},
]


def test_wilson_intervals_of_known_shares() -> None:
    # R: prop.test(90, 100, correct = FALSE)$conf.int
    assert wilson(0.9, 100) == pytest.approx((0.8256, 0.9448), abs=1e-4)
    low, high = wilson(1.0, 100)
    assert low == pytest.approx(0.9630, abs=1e-4)
    assert high == pytest.approx(1)
    assert wilson(0.0, 100)[0] == pytest.approx(0)


def test_figures_and_intervals_are_those_of_the_cards_and_the_rest_stays() -> None:
    table = """Text with `parameters` | in it.

| figure | A | B | 95 % interval | what it is |
|---|---:|---:|---:|---|
| `parameters` | 1 | 2 | | all weights |
| `ink_accuracy` | | | | drawings |
| `ink_pen_1/40_1/25` | 3 % | 4 % | | thin |
| `not_on_the_cards` | 3 | 4 | | stays |"""
    lines = filled(table, CARDS).split("\n")
    assert lines[:4] == table.split("\n")[:4]
    assert lines[4:] == [
        "| `parameters` | 1,234 | 567 |  | all weights |",
        "| `ink_accuracy` | 99.56 % | 50.00 % | 99.1–99.8 · 40.4–59.6 | drawings |",
        "| `ink_pen_1/40_1/25` | 100.00 % | 0.00 % | 99.8–100.0 · 0.0–3.7 | thin |",
        "| `not_on_the_cards` | 3 | 4 | | stays |",
    ]


def test_a_table_without_intervals_gets_none() -> None:
    table = "| figure | A | B | what it is |\n| `ink_accuracy` | | | drawings |"
    assert filled(table, CARDS).endswith("| `ink_accuracy` | 99.56 % | 50.00 % | drawings |")
