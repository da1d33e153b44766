"""The settings of a training run: the flags of `py/train.py` and the fields of the page's training form.

Each setting is described once, here: its default, limits, help and label. The name with hyphens is the flag
(`--learning-rate`), the name of the form's field and the name in the page's URL.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from functools import partial
from typing import Any

from nn import architecture, memory
from nn.layers import ACTIVATIONS
from nn.optimizers import OPTIMIZERS, SCHEDULES

TRAINING_IMAGES = 58_000  # of MNIST's 60,000; the last 2,000 are held out to calibrate the confidence


class SettingsError(ValueError):
    """Some settings are wrong; `sentences` maps the name of each to a sentence."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{flag(name)}: {sentence}" for name, sentence in sentences.items()))
        self.sentences = dict(sentences)


def _setting(
    default: Any,
    group: str,
    label: str,
    help: str,
    least: float = -math.inf,
    most: float = math.inf,
    words: Mapping[str, object] | None = None,
    page: Any = None,
) -> Any:
    """A field of `RunSettings`.

    Args:
        group: the section of `--help`.
        label: what the page's form calls it; the form has no visible field for a setting with an empty label.
        least, most: the limits of a number.
        words: the values to choose from; a registry, so that new entries can be chosen too.
        page: the form's default where it differs from the command line's; the page makes shorter runs.
    """
    limits = {"least": least, "most": most, "words": {} if words is None else words}
    return field(default=default, metadata={"group": group, "label": label, "help": help, "page": page, **limits})


@dataclass(frozen=True)
class RunSettings:
    """One run: the same settings, data and machine give the same network, bit for bit."""

    layers: str = _setting("784-128-64-10", "network", "Layers", "the layers; py/nn/architecture.py explains the notation")
    activation: str = _setting("relu", "network", "Activation", "activation function of the hidden layers", words=ACTIVATIONS)
    seed: int = _setting(0, "network", "Random seed", "random seed of the weights, batches and augmentation", 0, 2**32 - 1)
    samples: int = _setting(
        TRAINING_IMAGES, "data", "Training images", "number of MNIST images to train on", 1, TRAINING_IMAGES
    )
    plain: bool = _setting(False, "data", "Augmentation", "train on the original images, without augmentation", page=True)
    epochs: float = _setting(20.0, "training", "Epochs", "number of passes over the data", 0.001, 10_000, page=4.0)
    batch: int = _setting(128, "training", "Batch size", "images per step", 1, 8192)
    optimizer: str = _setting("adam", "training", "Optimizer", "how gradients change the weights", words=OPTIMIZERS)
    learning_rate: float = _setting(2e-3, "training", "Learning rate", "highest learning rate of the run", 1e-9, 1e6)
    schedule: str = _setting(
        "one-cycle", "training", "Schedule", "how the learning rate changes during the run", words=SCHEDULES
    )
    rate_changes: str = _setting(
        "", "training", "Learning rate changes", "learning rates from given steps on, for example 900:0.001,1800:0.0005"
    )
    weight_decay: float = _setting(0.0, "training", "", "weight decay; biases are not decayed", 0, 0.999)
    smoothing: float = _setting(0.0, "training", "", "label smoothing: the share spread over the other classes", 0, 0.999)
    average: float = _setting(
        0.999, "training", "", "decay of the moving average of the weights, 0 for no average", 0, 0.999999, page=0.0
    )

    @classmethod
    def parse(cls, texts: Mapping[str, str]) -> RunSettings:
        """The settings from texts by hyphenated name; missing ones keep their defaults.

        Raises:
            SettingsError: with a sentence for each wrong setting.
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
        """A sentence for each wrong setting, by its name."""
        sentences: dict[str, str] = {}
        checks: list[tuple[str, Callable[[], object]]] = []
        checks += [(name, partial(_check, setting, getattr(self, name))) for name, setting in SETTINGS.items()]
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
        layers, shape = architecture.parse(self.layers)
        memory.parameter_count(layers, shape)
        if shape != (784,) or layers[-1].config() != {"units": 10}:
            raise ValueError("to read digits, layers begin with 784 or 28x28 and end with 10")

    @property
    def rates(self) -> dict[int, float]:
        """`rate_changes` as {first step: learning rate}; raises ValueError if it cannot be parsed."""
        rates = {}
        for change in filter(None, self.rate_changes.split(",")):
            step, _, rate = change.partition(":")
            if not step.strip().isdecimal():
                raise ValueError(f"“{change}” is not a learning rate change: write step:rate, like 900:0.001")
            rates[int(step)] = _read(SETTINGS["learning_rate"], rate)
            _check(SETTINGS["learning_rate"], rates[int(step)])
        return rates

    def texts(self) -> dict[str, str]:
        """The settings as `parse` reads them; a switch that is off is an empty text."""
        return {hyphened(name): _write(getattr(self, name)) for name in SETTINGS}

    def command(self) -> str:
        """The command that starts the same run."""
        words = ["python3", "py/train.py"]
        for name, setting in SETTINGS.items():
            value = getattr(self, name)
            if value != setting.default:
                words += [flag(name)] if value is True else [flag(name), _write(value)]
        return shlex.join(words)


SETTINGS: dict[str, Field[Any]] = {setting.name: setting for setting in fields(RunSettings)}


def describe() -> list[dict[str, Any]]:
    """The settings for the page's form, in order; all values are texts, as in `RunSettings.parse`.

    Each is {"name", "label", "help", "kind", "choices", "minimum", "maximum", "default"}: `kind` is "text", "int", "float" or
    "bool", `choices` has [value, label] for each choice, and the limits are None where there are none. The form sends a
    setting with an empty label, but does not show it.
    """
    described = []
    for name, setting in SETTINGS.items():
        about, kind = setting.metadata, {str: "text", int: "int", float: "float", bool: "bool"}[type(setting.default)]
        choices = [[word, _title(word, about["words"][word])] for word in about["words"]]
        described.append(
            {
                "name": hyphened(name),
                "label": about["label"],
                "help": about["help"],
                "kind": kind,
                # the only switch is `plain`, which turns augmentation off
                "choices": [["", "On"], ["1", "Off"]] if kind == "bool" else choices,
                "minimum": about["least"] if math.isfinite(about["least"]) else None,
                "maximum": about["most"] if math.isfinite(about["most"]) else None,
                "default": _write(setting.default if about["page"] is None else about["page"]),
            }
        )
    return described


def _title(word: str, entry: object) -> str:
    """Classes are shown by name (ReLU, Adam), schedules by their words (One cycle)."""
    return entry.__name__ if isinstance(entry, type) else word.replace("-", " ").capitalize()


def hyphened(name: str) -> str:
    return name.replace("_", "-")


def flag(name: str) -> str:
    return f"--{hyphened(name)}"


def _read(setting: Field[Any], text: str) -> Any:
    """The value of a setting from its text; the ValueError for a bad one says what is allowed."""
    kind: type = type(setting.default)
    if kind is bool:
        return text not in ("", "0")
    if kind is str:
        return text
    try:
        return kind(text.replace(",", "")) if kind is int else kind(text)
    except ValueError:
        raise ValueError(f"“{text}” is not a {'whole number' if kind is int else 'number'}: {_range(setting)}") from None


def _write(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _check(setting: Field[Any], value: Any) -> None:
    limits = setting.metadata
    if isinstance(value, str):
        if limits["words"] and value not in limits["words"]:
            raise ValueError(f"“{value}” is not one of {', '.join(limits['words'])}")
    elif not limits["least"] <= value <= limits["most"]:
        raise ValueError(f"{_write(value)} is out of range: {_range(setting)}")


def _range(setting: Field[Any]) -> str:
    return f"give one from {setting.metadata['least']:,.9g} to {setting.metadata['most']:,.9g}"
