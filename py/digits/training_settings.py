"""All that decides how a training run goes: the flags of `py/train.py`, and the fields of the page's training room.

Each setting is described once, here. Its name with hyphens is the flag (`--learning-rate`) and the name in the page's URL.
NumPy is not imported until settings are checked, so that `--help` needs none.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from functools import partial
from typing import Any

# The words of `nn.activations` and `nn.optimizers`.
ACTIVATIONS = ("relu", "leaky-relu", "tanh", "sigmoid")
OPTIMIZERS = ("sgd", "momentum", "adam")
SCHEDULES = ("constant", "one-cycle")

TRAINING_IMAGES = 58_000  # of MNIST's 60,000; the others calibrate the confidence (`digits.training_data`)


class SettingsError(ValueError):
    """Some settings make no run; `sentences` has one for each of them, by its name."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{flag(name)}: {sentence}" for name, sentence in sentences.items()))
        self.sentences = dict(sentences)


def _setting(default: Any, group: str, help: str, least: float = -math.inf, most: float = math.inf, words: Any = ()) -> Any:
    return field(default=default, metadata={"group": group, "help": help, "least": least, "most": most, "words": words})


@dataclass(frozen=True)
class RunSettings:
    """One run: with the same settings, the same data and the same machine, the same network to the last bit."""

    layers: str = _setting("784-128-64-10", "network", "layers in words, see py/nn/architecture.py")
    activation: str = _setting("relu", "network", "what bends the line between two layers", words=ACTIVATIONS)
    seed: int = _setting(0, "network", "of the first weights and of all chance", 0, 2**32 - 1)
    samples: int = _setting(TRAINING_IMAGES, "data", "how many of MNIST's images to train on", 1, TRAINING_IMAGES)
    plain: bool = _setting(False, "data", "take the images as they are, without deformed copies")
    epochs: float = _setting(20.0, "training", "times through the data", 0.001, 10_000)
    batch: int = _setting(128, "training", "images a step", 1, 8192)
    optimizer: str = _setting("adam", "training", "how gradients move the weights", words=OPTIMIZERS)
    learning_rate: float = _setting(2e-3, "training", "the highest one", 1e-9, 1e6)
    schedule: str = _setting("one-cycle", "training", "how the learning rate goes over the run", words=SCHEDULES)
    rate_changes: str = _setting("", "training", "other learning rates from a step on, like 900:0.001,1800:0.0005")
    weight_decay: float = _setting(0.0, "training", "with Adam", 0, 0.999)
    smoothing: float = _setting(0.0, "training", "share of a label spread over the others", 0, 0.999)
    average: float = _setting(0.999, "training", "decay of the average of the weights, 0 for none", 0, 0.999999)

    @classmethod
    def parse(cls, texts: Mapping[str, str]) -> RunSettings:
        """The settings that these texts spell, by their names with hyphens; those not named keep their defaults.

        Raises:
            SettingsError: with a sentence for each that is nonsense.
        """
        values, sentences = {}, {}
        for name, setting in SETTINGS.items():
            if (text := texts.get(hyphened(name))) is not None:
                try:
                    values[name] = _read(setting, text.strip())
                except ValueError as error:
                    sentences[name] = str(error)
        settings = cls(**values)
        if sentences := settings.problems() | sentences:
            raise SettingsError(sentences)
        return settings

    def problems(self) -> dict[str, str]:
        """A sentence for each setting with which no run is possible, by its name."""
        sentences: dict[str, str] = {}
        checks = [(name, partial(_check, setting, getattr(self, name))) for name, setting in SETTINGS.items()]
        checks += [("batch", self._check_batch), ("layers", self._check_layers), ("rate_changes", lambda: self.rates)]
        for name, check in checks:
            try:
                check()
            except ValueError as error:
                sentences.setdefault(name, str(error))
        return sentences

    def _check_batch(self) -> None:
        if self.batch > self.samples:
            raise ValueError(f"a batch of {self.batch:,} needs as many images, and only {self.samples:,} are chosen")

    def _check_layers(self) -> None:
        from nn import architecture, memory

        layers, shape = architecture.parse(self.layers)
        memory.parameter_count(layers, shape)
        if shape != (784,) or layers[-1].config() != {"units": 10}:
            raise ValueError("to read digits, layers begin with 784 or 28x28 and end with 10")

    @property
    def rates(self) -> dict[int, float]:
        """`rate_changes` by the step from which each holds; raises ValueError where it spells none."""
        rates = {}
        for change in filter(None, self.rate_changes.split(",")):
            step, _, rate = change.partition(":")
            if not step.strip().isdecimal():
                raise ValueError(f"“{change}” is no change of the learning rate: write step:rate, like 900:0.001")
            rates[int(step)] = _read(SETTINGS["learning_rate"], rate)
            _check(SETTINGS["learning_rate"], rates[int(step)])
        return rates

    def texts(self) -> dict[str, str]:
        """What `parse` reads; a switch that is off is an empty text."""
        return {hyphened(name): _write(getattr(self, name)) for name in SETTINGS}

    def command(self) -> str:
        """The same run on the command line."""
        words = ["python3", "py/train.py"]
        for name, setting in SETTINGS.items():
            value = getattr(self, name)
            if value != setting.default:
                words += [flag(name)] if value is True else [flag(name), _write(value)]
        return shlex.join(words)


SETTINGS: dict[str, Field] = {setting.name: setting for setting in fields(RunSettings)}


def hyphened(name: str) -> str:
    return name.replace("_", "-")


def flag(name: str) -> str:
    return f"--{hyphened(name)}"


def _read(setting: Field, text: str) -> Any:
    """A setting's value from its text, or a ValueError that says what would be one."""
    kind = type(setting.default)
    if kind is bool:
        return text not in ("", "0")
    if kind is str:
        return text
    try:
        return kind(text.replace(",", "")) if kind is int else kind(text)
    except ValueError:
        raise ValueError(f"“{text}” is no {'whole number' if kind is int else 'number'}: {_range(setting)}") from None


def _write(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _check(setting: Field, value: Any) -> None:
    limits = setting.metadata
    if isinstance(value, str):
        if limits["words"] and value not in limits["words"]:
            raise ValueError(f"“{value}” is none of {', '.join(limits['words'])}")
    elif not limits["least"] <= value <= limits["most"]:
        raise ValueError(f"{_write(value)} is out of range: {_range(setting)}")


def _range(setting: Field) -> str:
    return f"give one from {setting.metadata['least']:,.9g} to {setting.metadata['most']:,.9g}"
