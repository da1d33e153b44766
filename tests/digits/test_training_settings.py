"""The settings of a run: one description for the command line and for the page's form and address."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

import train
from digits.training_settings import ACTIVATIONS, OPTIMIZERS, SCHEDULES, SETTINGS, RunSettings, SettingsError, hyphened
from nn import activations, optimizers

INDEX = Path(__file__).resolve().parents[2] / "index.html"

OTHER = RunSettings(
    layers="28x28-conv8x5-pool-10", activation="tanh", seed=7, samples=1000, plain=True, epochs=0.5, batch=32,
    optimizer="momentum", learning_rate=0.05, schedule="constant", rate_changes="9:0.01", weight_decay=0.001,
    smoothing=0.1, average=0.0,
)  # fmt: skip


def test_words_are_those_of_nn() -> None:
    assert set(activations.ACTIVATIONS) == set(ACTIVATIONS)
    assert set(optimizers.OPTIMIZERS) == set(OPTIMIZERS)
    assert set(optimizers.SCHEDULES) == set(SCHEDULES)


@pytest.mark.parametrize("settings", [RunSettings(), OTHER])
def test_texts_and_the_command_spell_the_same_run(settings: RunSettings) -> None:
    assert RunSettings.parse(settings.texts()) == settings
    options = train.parser().parse_args(shlex.split(settings.command())[2:])
    assert RunSettings(**{name: getattr(options, name) for name in SETTINGS}) == settings


def test_the_page_has_a_field_for_nearly_every_setting_and_no_other() -> None:
    form = re.search(r"<form.*?</form>", INDEX.read_text(encoding="utf-8"), re.DOTALL)
    assert form
    names = set(re.findall(r' name="([\w-]+)"', form[0]))
    assert {hyphened(name) for name in SETTINGS} - names == {"weight-decay", "smoothing"}
    assert names <= {hyphened(name) for name in SETTINGS}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("epochs", "many", "“many” is no number"),
        ("epochs", "nan", "out of range"),
        ("epochs", "-1", "out of range"),
        ("epochs", "", "no number"),
        ("batch", "12.5", "no whole number"),
        ("batch", "0", "give one from 1 to 8,192"),
        ("batch", "2000", "only 1,000 are chosen"),
        ("learning-rate", "inf", "out of range"),
        ("seed", "-3", "out of range"),
        ("samples", "60001", "give one from 1 to 58,000"),
        ("optimizer", "magic", "none of sgd, momentum, adam"),
        ("activation", "swish", "none of relu"),
        ("layers", "784-64-ten", "is no layer"),
        ("layers", "784-0-10", "1 to 4096 wide"),
        ("layers", "784-64-9", "end with 10"),
        ("layers", "100-64-10", "begin with 784 or 28x28"),
        ("layers", "784-conv16-10", "needs an image"),
        ("layers", "28x28-conv2-pool-conv2-pool-conv2-pool-conv2-pool-conv2-pool-10", "MaxPool2D"),
        ("rate-changes", "soon:0.1", "write step:rate"),
        ("rate-changes", "5:fast", "no number"),
    ],
)
def test_nonsense_is_a_sentence_at_its_own_setting(name: str, text: str, says: str) -> None:
    texts = replace(RunSettings(), samples=1000).texts() | {name: text}
    with pytest.raises(SettingsError) as caught:
        RunSettings.parse(texts)
    assert [hyphened(wrong) for wrong in caught.value.sentences] == [name]
    assert says in caught.value.sentences[name.replace("-", "_")]


def test_every_wrong_setting_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        RunSettings.parse({"epochs": "x", "seed": "y", "layers": "z"})
    assert set(caught.value.sentences) == {"epochs", "seed", "layers"}


def test_the_learning_rate_changes_where_it_says() -> None:
    assert replace(RunSettings(), rate_changes="10:0.5,20:0.25").rates == {10: 0.5, 20: 0.25}
