"""The settings of a run: one description for the command line and for the page's form and address."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import train
from digits.training_settings import SETTINGS, RunSettings, SettingsError, describe, hyphened
from nn.optimizers import OPTIMIZERS, SGD

OTHER = RunSettings(
    layers="28x28-conv8x5-pool-10", activation="tanh", seed=7, samples=1000, plain=True, epochs=0.5, batch=32,
    optimizer="momentum", learning_rate=0.05, schedule="constant", rate_changes="9:0.01", weight_decay=0.001,
    smoothing=0.1, average=0.0,
)  # fmt: skip


@pytest.mark.parametrize("settings", [RunSettings(), OTHER])
def test_texts_and_the_command_spell_the_same_run(settings: RunSettings) -> None:
    assert RunSettings.parse(settings.texts()) == settings
    options = train.parser().parse_args(shlex.split(settings.command())[2:])
    assert RunSettings(**{name: getattr(options, name) for name in SETTINGS}) == settings


def test_the_form_is_described_and_its_defaults_are_a_run() -> None:
    described = {setting["name"]: setting for setting in describe()}
    assert list(described) == [hyphened(name) for name in SETTINGS]
    run = RunSettings.parse({name: setting["default"] for name, setting in described.items()})
    assert (run.epochs, run.plain, run.average) == (4, True, 0), "the page makes shorter runs than the command line"
    assert described["schedule"]["choices"] == [["constant", "Constant"], ["one-cycle", "One cycle"]]
    assert described["activation"]["choices"][0] == ["relu", "ReLU"]
    assert (described["batch"]["kind"], described["batch"]["minimum"], described["batch"]["maximum"]) == ("int", 1, 8192)
    for setting in described.values():
        for value, label in setting["choices"]:
            assert label
            RunSettings.parse({setting["name"]: value})


def test_a_new_optimizer_can_be_chosen_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPTIMIZERS, "mine", SGD)
    assert RunSettings.parse({"optimizer": "mine"}).optimizer == "mine"
    assert train.parser().parse_args(["--optimizer", "mine"]).optimizer == "mine"
    (described,) = (setting for setting in describe() if setting["name"] == "optimizer")
    assert ["mine", "SGD"] in described["choices"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("epochs", "many", "“many” is not a number"),
        ("epochs", "nan", "out of range"),
        ("epochs", "-1", "out of range"),
        ("epochs", "", "not a number"),
        ("batch", "12.5", "not a whole number"),
        ("batch", "0", "give one from 1 to 8,192"),
        ("batch", "2000", "only 1,000 are chosen"),
        ("learning-rate", "inf", "out of range"),
        ("seed", "-3", "out of range"),
        ("samples", "60001", "give one from 1 to 58,000"),
        ("optimizer", "magic", "not one of sgd, momentum, adam"),
        ("activation", "swish", "not one of relu"),
        ("layers", "784-64-ten", "is not a layer"),
        ("layers", "784-0-10", "1 to 4096 wide"),
        ("layers", "784-64-9", "end with 10"),
        ("layers", "100-64-10", "begin with 784 or 28x28"),
        ("layers", "784-conv16-10", "needs an image"),
        ("layers", "28x28-conv2-pool-conv2-pool-conv2-pool-conv2-pool-conv2-pool-10", "MaxPool2D"),
        ("rate-changes", "soon:0.1", "write step:rate"),
        ("rate-changes", "5:fast", "not a number"),
    ],
)
def test_a_wrong_value_is_a_sentence_at_its_own_setting(name: str, text: str, says: str) -> None:
    texts = replace(RunSettings(), samples=1000).texts() | {name: text}
    with pytest.raises(SettingsError) as caught:
        RunSettings.parse(texts)
    assert [hyphened(wrong) for wrong in caught.value.sentences] == [name]
    assert says in caught.value.sentences[name.replace("-", "_")]


words = st.sampled_from(
    ["-", "conv", "x", "pool", "784", "28x28", "10", "9" * 5000, "1e999", "nan", "٣", "relu", ":", ",", "0"]
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([hyphened(name) for name in SETTINGS]), st.lists(words).map("".join)))
def test_any_texts_are_settings_or_sentences(texts: dict[str, str]) -> None:
    try:
        parsed = RunSettings.parse(texts)
    except SettingsError:
        return
    assert RunSettings.parse(parsed.texts()) == parsed


def test_every_wrong_setting_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        RunSettings.parse({"epochs": "x", "seed": "y", "layers": "z"})
    assert set(caught.value.sentences) == {"epochs", "seed", "layers"}


def test_the_learning_rate_changes_where_it_says() -> None:
    assert replace(RunSettings(), rate_changes="10:0.5,20:0.25").rates == {10: 0.5, 20: 0.25}
