"""What test_kernel.py runs inside Pyodide: each check compares the kernel with the NumPy expression it replaces.

A check returns None if both agree, else what is wrong. The cases are made by test_kernel.py and come as JSON.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np

import nn
from nn import kernel as kernels
from nn import pixels
from nn.architecture import build
from nn.kernel import Kernel, Unfit
from nn.layers import LAYERS, Layer
from nn.optimizers import Adam, WeightAverage
from nn.training import Shuffled

GUARD = np.float32(-12345.678)
np.seterr(all="ignore")


class Guarded(Kernel):
    """A kernel whose results are in the middle of larger arrays, so that writing outside of them shows."""

    def __init__(self, functions: Any) -> None:
        self.functions = functions
        self.wholes: list[np.ndarray] = []
        super().__init__(functions)
        self.fast = {(owner, name): method for owner, name, method in self.replacements()}

    def empty(self, *shape: int) -> np.ndarray:
        whole = np.full(int(np.prod(shape)) + 64, GUARD)
        self.wholes.append(whole)
        return whole[32:-32].reshape(shape)

    def guarded(self, array: np.ndarray) -> np.ndarray:
        inner = self.empty(*array.shape)
        inner[...] = array
        return inner

    def untouched(self) -> bool:
        """Whether nothing was written outside of all results since the last call."""
        clean = all((whole[:32] == GUARD).all() and (whole[-32:] == GUARD).all() for whole in self.wholes)
        del self.wholes[1:]  # the first is the scratch memory
        return clean


def numbers(rng: np.random.Generator, shape: tuple[int, ...] | int, special: float = 0) -> np.ndarray:
    """Normal numbers; a share of them is replaced by 0, -0, infinities and NaN."""
    values = rng.standard_normal(shape).astype(np.float32)
    chosen = rng.random(shape) < special
    values[chosen] = rng.choice(np.array([0, -0.0, np.inf, -np.inf, np.nan], np.float32), chosen.sum())
    return values


def matrix(rng: np.random.Generator, rows: int, columns: int, layout: dict[str, Any], special: float) -> np.ndarray:
    """(rows, columns) laid out in memory as asked for."""
    if layout["transposed"]:
        return matrix(rng, columns, rows, layout | {"transposed": False}, special).T
    # blank: a share of the rows and of the columns is 0, as at the margins of images
    step, width = layout["step"], columns * layout["step"] + layout["gap"]
    shift = layout["shift"]  # in bytes: not even the numbers need be aligned
    flat = np.zeros(4 * rows * width + shift, np.uint8)[shift:].view(np.float32)
    view = flat.reshape(rows, width)[:, : columns * step : step]
    view[...] = numbers(rng, (rows, columns), special)
    view[:, rng.random(columns) < layout["blank"]] = 0
    view[rng.random(rows) < layout["blank"]] = 0
    if layout["flipped"]:
        view = view[::-1, ::-1]
    return np.broadcast_to(view[:1], view.shape) if layout["repeated"] and rows else view


def differ(found: np.ndarray, expected: np.ndarray, tolerance: np.ndarray | float) -> str | None:
    """None if NaN and infinities are at the same places and the other numbers are within `tolerance`."""
    if found.shape != expected.shape:
        return f"shape {found.shape} instead of {expected.shape}"
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    close = same | (np.isfinite(expected) & (np.abs(found - expected) <= tolerance))
    if close.all():
        return None
    place = tuple(map(int, np.argwhere(~close)[0]))
    return f"{found[place]} instead of {expected[place]} at {place}"


def matmul(kernel: Guarded, case: dict[str, Any]) -> str | None:
    m, n, k, special = case["m"], case["n"], case["k"], case["special"]
    rng = np.random.default_rng(case["seed"])
    a, b = matrix(rng, m, k, case["a"], special), matrix(rng, k, n, case["b"], special)
    bias = numbers(rng, n, special) if case["bias"] else None
    expected = a.astype(np.float64) @ b.astype(np.float64)
    tolerance = 1e-5 * (sizes(a) @ sizes(b))
    if bias is not None:
        expected, tolerance = expected + bias, tolerance + 1e-5 * sizes(bias)
    return differ(kernel.product(a, b, bias), expected, tolerance)


def sizes(array: np.ndarray) -> np.ndarray:
    return np.nan_to_num(np.abs(array.astype(np.float64)), nan=0, posinf=0)


def layer(kernel: Guarded, case: dict[str, Any]) -> str | None:
    """One layer forward and backward, by the kernel and by NumPy: in float64 if it has parameters, else to the last bit."""
    shape, special = tuple(case["shape"]), case["special"]
    rng = np.random.default_rng(case["seed"])
    ours, theirs = (LAYERS[case["layer"]](*case.get("arguments", ())) for _ in range(2))
    try:
        ours.build(shape[1:], rng)
    except ValueError:
        return None  # the layer is larger than these images
    for name, array in ours.parameters.items():
        ours.parameters[name] = numbers(rng, array.shape, 0)
    precise = np.float64 if ours.parameters else np.float32
    for name in ("parameters", "state"):
        setattr(theirs, name, {key: array.astype(precise) for key, array in getattr(ours, name).items()})
    x = numbers(rng, shape, special)
    if case.get("equal"):
        x = np.round(x)  # several numbers are the largest of their square
    forward = kernel.fast[type(ours), "forward"](ours, x, True)
    expected = theirs.forward(x.astype(precise), True)
    # Errors of rounding grow with what is summed: the same sums over sizes are their measure.
    if problem := differ(forward, expected, 1e-5 * magnitude(theirs, x)):
        return f"forward: {problem}"
    dy = numbers(rng, expected.shape, 0 if ours.parameters else special)
    found = [backward(kernel, ours, dy), *ours.gradients.values()]
    right = [theirs.backward(dy.astype(precise)), *theirs.gradients.values()]
    for name, ours_now, theirs_now in zip(("dx", *theirs.gradients), found, right, strict=True):
        largest = np.abs(theirs_now[np.isfinite(theirs_now)]).max(initial=1)
        if name == "dx" and isinstance(theirs, nn.BatchNorm):  # a difference of terms of this size
            largest = max(largest, np.abs(theirs.parameters["gamma"] * theirs.inverse_deviation).max() * np.abs(dy).max())
        if problem := differ(ours_now, theirs_now, 2e-5 * largest if ours.parameters else 0):
            return f"{name}: {problem}"
    return None


def backward(kernel: Guarded, layer: Layer, dy: np.ndarray) -> np.ndarray:
    fast, kind = kernel.fast, type(layer)
    if (kind, "backward") in fast:
        dx = fast[kind, "backward"](layer, dy)
        if (kind, "input_gradient") in fast:
            assert np.array_equal(fast[kind, "input_gradient"](layer, dy), dx, equal_nan=True)
        return dx
    fast[kind, "fill_gradients"](layer, dy)
    return fast[kind, "input_gradient"](layer, dy)


def magnitude(layer: Layer, x: np.ndarray) -> np.ndarray | float:
    """Σ |w| |x| + |b| for each output of a Dense or Conv2D; what BatchNorm multiplies; 0 for a layer without parameters."""
    if isinstance(layer, nn.BatchNorm):
        return float(max(1, np.abs(layer.inverse_deviation * layer.parameters["gamma"]).max()) * max(1, np.abs(x).max()))
    if not layer.parameters:
        return 0.0
    twin = type(layer)(**layer.config())
    twin.parameters = {name: np.abs(array) for name, array in layer.parameters.items()}
    return twin.forward(sizes(x))


def pooling(kernel: Guarded, case: dict[str, Any]) -> str | None:
    """The gradients of convolutions that are followed by max pooling, which the kernel computes together."""
    rng = np.random.default_rng(case["seed"])
    first, second = (nn.Conv2D(*arguments) for arguments in case["convolutions"])
    layers = [first, nn.MaxPool2D(case["size"]), nn.ReLU(), second, nn.MaxPool2D(2), nn.Flatten(), nn.Dense(3)]
    try:
        theirs = nn.Network(layers, tuple(case["shape"][1:]), case["seed"])
    except ValueError:
        return None  # the layers are larger than these images
    logits = theirs.forward(np.round(numbers(rng, tuple(case["shape"]))), True)  # several numbers are the largest of a square
    ours, grad = copy.deepcopy(theirs), numbers(rng, logits.shape)
    kernel.fast[nn.Network, "fill_gradients"](ours, grad)
    theirs.fill_gradients(grad)
    for ours_now, theirs_now in zip(ours.layers, theirs.layers, strict=True):
        for name, right in theirs_now.gradients.items():
            if problem := differ(ours_now.gradients[name], right, 2e-5 * np.abs(right).max(initial=1)):
                return f"{theirs_now} {name}: {problem}"
    return None


def adam(kernel: Guarded, case: dict[str, Any]) -> str | None:
    """Adam's step, and the average of the weights: equal to the last bit."""
    rng = np.random.default_rng(case["seed"])
    arrays = {name: numbers(rng, case["count"], case["special"]) for name in ("m", "v", "theta", "g", "mean")}
    ours, theirs = ({name: place(array) for name, array in arrays.items()} for place in (kernel.guarded, np.copy))
    layers, optimizers = [nn.Dense(1), nn.Dense(1)], [Adam(case["rate"]), Adam(case["rate"])]
    networks = [nn.Network([layer], (1,)) for layer in layers]
    for layer, optimizer, mine in zip(layers, optimizers, (ours, theirs), strict=True):
        layer.parameters = {"a": mine["theta"], "b": mine["mean"]}
        optimizer.beta1, optimizer.beta2, optimizer.steps = case["beta1"], case["beta2"], 3
        optimizer.state = {"m/0.a": mine["m"], "v/0.a": mine["v"]}
    for _ in range(2):  # the second time with other gradients
        gradients = {name: numbers(rng, case["count"], case["special"]) for name in ("a", "b")}
        layers[0].gradients, layers[1].gradients = ({name: array.copy() for name, array in gradients.items()} for _ in range(2))
        kernel.fast[Adam, "move"](optimizers[0], networks[0])
        optimizers[1].move(networks[1])
    found, expected = ours | optimizers[0].state, theirs | optimizers[1].state
    for name in found:
        if problem := differ(found[name], expected[name], 0):
            return f"{name}: {problem}"

    average = WeightAverage(nn.Network.dense(2, 2))
    average.move(theirs["mean"], arrays["g"], case["rate"])
    kernel.fast[WeightAverage, "move"](average, ours["mean"], arrays["g"], case["rate"])
    problem = differ(ours["mean"], theirs["mean"], 0)
    return f"average: {problem}" if problem else None


def sum_rows(kernel: Guarded, case: dict[str, Any]) -> str | None:
    """Sums over a batch, and bytes to numbers."""
    rng = np.random.default_rng(case["seed"])
    rows = numbers(rng, (case["m"], case["n"]))
    expected = rows.astype(np.float64).sum(axis=0)
    if problem := differ(kernel.sum_rows(rows), expected, 1e-5 * np.abs(rows).sum(axis=0)):
        return problem
    gray = rng.integers(0, 256, rows.shape, np.uint8)
    return differ(kernel.fast[pixels, "scale"](gray), pixels.scale(gray), 0)


def augmentation(kernel: Guarded, case: dict[str, Any]) -> str | None:
    """Images that are warped, thickened, blurred and made noisy; what would lead outside of the memory is refused."""
    rng = np.random.default_rng(case["seed"])
    batch, side, count = case["batch"], case["side"], case["count"]
    images, basis = numbers(rng, (batch, side, side)), numbers(rng, (side, count))
    knots = case["strength"] * numbers(rng, (batch, 2, count, count))
    shares = numbers(rng, batch, 0.3)
    shares[~np.isfinite(shares)] = 0
    noise = pixels.Noise(numbers(rng, side**2 + 50), rng.integers(0, 51, batch, np.int32), numbers(rng, batch))
    calls = {
        # A position may differ by its rounding error, and a pixel's value by as much times its slope.
        "warp": ((images, basis, knots), 1e-5 * (1 + min(20, case["strength"])) * side),
        "roughen": ((images, shares, np.abs(shares[::-1]), noise), 1e-5),
    }
    for name, (arguments, tolerance) in calls.items():
        found, expected = kernel.fast[pixels, name](*arguments), getattr(pixels, name)(*arguments)
        if problem := differ(found, expected, tolerance * np.abs(images).max(initial=1)):
            return f"{name}: {problem}"
    for outside in (-1, 51):
        noise.places[-1] = outside
        try:
            kernel.fast[pixels, "roughen"](images, shares, shares, noise)
        except Unfit:
            continue
        return f"took the place {outside}"
    return None


def unfit(kernel: Guarded, case: dict[str, Any]) -> str | None:
    """Arrays that the module cannot take give what NumPy gives, or its error."""
    rng = np.random.default_rng(case["seed"])
    narrow = np.zeros((7, 9), [("gap", "i2"), ("number", "f4")])["number"]  # six bytes from one number to the next
    narrow[...] = rng.standard_normal((7, 9))
    single = rng.standard_normal((9, 5)).astype(np.float32)
    uninstall = kernels.install(kernel.functions)
    try:
        dense, wide = (nn.Network([nn.Dense(5)], (9,)) for _ in range(2))
        wide = wide.astype(np.float64)
        for x in (narrow, narrow.astype(np.float64), narrow.astype(">f4"), np.ones((2, 9), int)):
            if problem := differ(dense.forward(x), wide.forward(x.astype(np.float64)), 1e-5):
                return f"{x.dtype} {x.strides}: {problem}"
        # Adam on arrays that overlap
        memories = [numbers(np.random.default_rng(case["seed"]), 40) for _ in range(2)]
        for memory, move in zip(memories, (Adam.move, Adam.move.__wrapped__), strict=True):
            optimizer, layer = Adam(), nn.Dense(1)
            network = nn.Network([layer], (1,))
            layer.parameters, layer.gradients = {"a": memory[:16]}, {"a": memory[4:20]}
            optimizer.state, optimizer.steps = {"m/0.a": memory[20:36], "v/0.a": memory[24:40]}, 1
            move(optimizer, network)
        if problem := differ(*memories, 0):
            return f"overlapping arrays: {problem}"
        frozen = single.copy()
        frozen.flags.writeable = False
        unmovable = nn.Network([nn.Dense(1)], (1,))
        unmovable.layers[0].parameters, unmovable.layers[0].gradients = {"a": frozen}, {"a": single}
        relu = nn.ReLU()
        relu.forward(single, training=True)
        for wrong in (lambda: dense.forward(single), lambda: Adam().step(unmovable), lambda: relu.backward(single[:3])):
            try:
                wrong()
                return "no error where NumPy raises one"
            except ValueError:
                pass
    finally:
        uninstall()
    return None


KEPT: list[np.ndarray] = []


def growing(kernel: Guarded, case: dict[str, Any]) -> str | None:
    """The same product before and after memory grows, and with operands in the new part."""
    rng = np.random.default_rng(case["seed"])
    a, b = numbers(rng, (70, 90)), numbers(rng, (90, 50))
    before = kernel.product(a, b)
    KEPT.append(np.ones(case["grow"] // 4, np.float32))
    if problem := differ(kernel.product(a, b), before, 0):
        return problem
    KEPT.append(a.copy())
    return differ(kernel.product(KEPT[-1], b.copy()), before, 0)


def training(kernel: Guarded, case: dict[str, Any]) -> str | None:
    """The losses of a run with the kernel and with NumPy."""
    rng = np.random.default_rng(case["seed"])
    labels = rng.integers(0, 10, 640)
    x = (rng.random((10, 784))[labels] * rng.random((640, 784))).astype(np.float32)

    def curve() -> list[float]:
        run = nn.train(build(case["layers"]), Adam(1e-3, weight_decay=1e-3), Shuffled(x, labels, 32), epochs=9)
        return [next(run).loss for _ in range(case["steps"])]

    slow = curve()
    uninstall = kernels.install(kernel.functions)
    try:
        fast = curve()
    finally:
        uninstall()
    worst = max(abs(a - b) / b for a, b in zip(fast, slow, strict=True))
    return None if worst < 5e-5 and fast[-1] < fast[0] else f"losses are {worst:.1e} apart: {fast}, {slow}"


CHECKS = {check.__name__: check for check in (matmul, layer, pooling, adam, sum_rows, augmentation, unfit, growing, training)}
KERNELS: dict[str, Guarded] = {}


def run(name: str, cases: str) -> str:
    """What is wrong with which cases, as JSON."""
    problems = []
    for case in json.loads(cases):
        for build_name, kernel in KERNELS.items():
            try:
                problem = CHECKS[name](kernel, case)
            except Unfit:
                problem = "refused"
            if not kernel.untouched():
                problem = "written outside of the results"
            if problem:
                problems.append(f"{build_name}: {problem} in {case}")
    return json.dumps(problems)
