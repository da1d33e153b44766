"""What test_kernel.py runs inside Pyodide: each check compares a kernel with the NumPy reference on one case.

A check returns None where both agree, else what is wrong. The cases are made by test_kernel.py and come as JSON.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import nn
from nn import backend
from nn.architecture import build
from nn.kernel import ACCUMULATE, BIAS, MASK, RELU, SCRATCH, Kernel, address, reference
from nn.training import Shuffled

GUARD = np.float32(-12345.678)
np.seterr(all="ignore")


def numbers(rng: np.random.Generator, count: int, special: float) -> np.ndarray:
    """Normal numbers; a share of them is replaced by 0, -0, infinities and NaN."""
    values = rng.standard_normal(count).astype(np.float32)
    chosen = rng.random(count) < special
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
    view[...] = numbers(rng, rows * columns, special).reshape(rows, columns)
    view[:, rng.random(columns) < layout["blank"]] = 0
    view[rng.random(rows) < layout["blank"]] = 0
    if layout["flipped"]:
        view = view[::-1, ::-1]
    return np.broadcast_to(view[:1], view.shape) if layout["repeated"] and rows else view


def guarded(shape: tuple[int, ...], gap: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """An array of `shape` whose rows are `gap` numbers apart, in the middle of a larger one full of GUARD."""
    rows, columns = int(np.prod(shape[:-1])), shape[-1]
    whole = np.full(rows * (columns + gap) + 64, GUARD)
    inner = whole[32 : 32 + rows * (columns + gap)].reshape(rows, columns + gap)[:, :columns]
    return whole, inner if gap else inner.reshape(shape)


def untouched(whole: np.ndarray, inner: np.ndarray) -> bool:
    """Whether all but `inner` still is GUARD; empties `inner`."""
    inner[...] = GUARD
    return bool((whole == GUARD).all())


def differ(found: np.ndarray, expected: np.ndarray, tolerance: np.ndarray | float) -> str | None:
    """None where NaN and infinities are at the same places and the other numbers are within `tolerance`."""
    if found.shape != expected.shape:
        return f"shape {found.shape} instead of {expected.shape}"
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    close = same | (np.isfinite(expected) & (np.abs(found - expected) <= tolerance))
    if close.all():
        return None
    place = tuple(map(int, np.argwhere(~close)[0]))
    return f"{found[place]} instead of {expected[place]} at {place}"


def matmul(kernel: Kernel, case: dict[str, Any]) -> str | None:
    m, n, k, special = case["m"], case["n"], case["k"], case["special"]
    rng = np.random.default_rng(case["seed"])
    a, b = matrix(rng, m, k, case["a"], special), matrix(rng, k, n, case["b"], special)
    bias = numbers(rng, n, special) if case["bias"] else None
    mask = numbers(rng, m * n, special).reshape(m, n) if case["mask"] else None
    start = numbers(rng, m * n, special).reshape(m, n) if case["add"] else None

    def wide(array: np.ndarray | None) -> np.ndarray | None:
        return None if array is None else array.astype(np.float64)

    def sizes(array: np.ndarray) -> np.ndarray:
        return np.nan_to_num(np.abs(wide(array)), nan=0, posinf=0)

    expected = reference.matmul(wide(a), wide(b), wide(bias), case["relu"], wide(mask), wide(start))
    tolerance = sizes(a) @ sizes(b)
    for part in (bias, start):
        tolerance = tolerance if part is None else tolerance + sizes(part)
    tolerance = 1e-5 * tolerance

    found = kernel.matmul(a, b, bias, case["relu"], mask, None if start is None else start.copy())
    if found.dtype != np.float32:
        return f"{found.dtype} instead of float32"
    if problem := differ(found, expected, tolerance):
        return problem

    # The module itself, into the middle of a larger array.
    whole, out = guarded((m, n), case["gap"])
    whole_scratch, scratch = guarded((SCRATCH,))
    out[...] = GUARD if start is None else start
    flags = BIAS * (bias is not None) | RELU * case["relu"] | MASK * (mask is not None) | ACCUMULATE * (start is not None)
    kernel._matmul(
        m, n, k, address(a), a.strides[0] // 4, a.strides[1] // 4, address(b), b.strides[0] // 4, b.strides[1] // 4,
        address(out), n + case["gap"], 0 if bias is None else address(bias), 0 if mask is None else address(mask), n,
        flags, address(scratch),
    )  # fmt: skip
    if problem := differ(out, expected, tolerance):
        return f"into a larger array: {problem}"
    if not untouched(whole, out) or not untouched(whole_scratch, scratch):
        return "written outside of the arrays"
    return None


def adam(kernel: Kernel, case: dict[str, Any]) -> str | None:
    """Adam's step, and the average of the weights."""
    rng = np.random.default_rng(case["seed"])
    arrays = [numbers(rng, case["count"], case["special"]) for _ in range(4)]
    wholes, inners = zip(*(guarded((case["count"],)) for _ in arrays), strict=True)
    for inner, array in zip(inners, arrays, strict=True):
        inner[...] = array
    rates = (case["rate"], case["beta1"], case["beta2"], 1e-8)
    reference.adam(*arrays, *rates)
    kernel.adam(*inners, *rates)
    for name, found, expected in zip(("parameter", "gradient", "m", "v"), inners, arrays, strict=True):
        if problem := differ(found, expected, 0):
            return f"{name}: {problem}"
    if not all(map(untouched, wholes, inners)):
        return "written outside of the arrays"

    whole, mean = guarded((case["count"],))
    mean[...] = arrays[0]
    reference.move_towards(arrays[0], arrays[1], case["rate"])
    kernel.move_towards(mean, arrays[1], case["rate"])
    if problem := differ(mean, arrays[0], 0):
        return f"average: {problem}"
    return None if untouched(whole, mean) else "average: written outside of the arrays"


def relu(kernel: Kernel, case: dict[str, Any]) -> str | None:
    rng = np.random.default_rng(case["seed"])
    x, grad = (numbers(rng, case["count"], case["special"]) for _ in range(2))
    y, expected = kernel.relu(x), reference.relu(x)
    if problem := differ(y, expected, 0):
        return problem
    if problem := differ(kernel.relu_gradient(grad, y), reference.relu_gradient(grad, expected), 0):
        return f"gradient: {problem}"
    whole, out = guarded((case["count"],))
    kernel._relu(case["count"], address(x), address(out))
    kernel._relu_gradient(case["count"], address(grad), address(y), address(out))
    return None if untouched(whole, out) else "written outside of the arrays"


def sum_rows(kernel: Kernel, case: dict[str, Any]) -> str | None:
    """Sums over a batch, and bytes to numbers."""
    rng = np.random.default_rng(case["seed"])
    rows = numbers(rng, case["m"] * case["n"], 0).reshape(case["m"], case["n"])
    expected = rows.astype(np.float64).sum(axis=0)
    if problem := differ(kernel.sum_rows(rows), expected, 1e-5 * np.abs(rows).sum(axis=0)):
        return problem
    grey = rng.integers(0, 256, rows.shape, np.uint8)
    if problem := differ(kernel.from_bytes(grey), reference.from_bytes(grey), 0):
        return f"bytes: {problem}"
    whole, out = guarded((rows.size,))
    kernel._from_bytes(grey.size, address(grey), address(out))
    whole_sums, sums = guarded((case["n"],))
    kernel._sum_rows(*rows.shape, address(rows), address(sums))
    return None if untouched(whole, out) and untouched(whole_sums, sums) else "written outside of the arrays"


def image(kernel: Kernel, case: dict[str, Any]) -> str | None:
    """Patches and pooling, there and back."""
    shape, size, padding, special = tuple(case["shape"]), case["size"], case["padding"], case["special"]
    rng = np.random.default_rng(case["seed"])
    x = numbers(rng, int(np.prod(shape)), special).reshape(shape)
    if case["equal"]:
        x = np.round(x)  # several pixels win the same square
    if min(shape[1:3]) + 2 * padding >= size:
        expected = reference.patches(x, size, padding)
        if problem := differ(kernel.patches(x, size, padding), expected, 0):
            return f"patches: {problem}"
        grad = numbers(rng, expected.size, 0).reshape(expected.shape)
        back = reference.patches_gradient(grad.astype(np.float64), shape, size, padding)
        sizes = reference.patches_gradient(np.abs(grad).astype(np.float64), shape, size, padding)
        if problem := differ(kernel.patches_gradient(grad, shape, size, padding), back, 1e-5 * sizes):
            return f"patches, gradient: {problem}"
        whole, out = guarded(expected.shape)
        kernel._patches(*shape, size, padding, address(x), address(out))
        whole_x, dx = guarded(shape)
        kernel._patches_gradient(*shape, size, padding, address(grad), address(dx))
        if not untouched(whole, out) or not untouched(whole_x, dx):
            return "patches: written outside of the arrays"
    if min(shape[1:3]) >= size:
        y = reference.max_pool(x, size)
        if problem := differ(kernel.max_pool(x, size), y, 0):
            return f"pool: {problem}"
        grad = numbers(rng, y.size, special).reshape(y.shape)
        if problem := differ(kernel.max_pool_gradient(grad, x, y, size), reference.max_pool_gradient(grad, x, y, size), 0):
            return f"pool, gradient: {problem}"
        whole, out = guarded(y.shape)
        kernel._max_pool(*shape, size, address(x), address(out))
        whole_x, dx = guarded(shape)
        kernel._max_pool_gradient(*shape, size, address(x), address(y), address(grad), address(dx))
        if not untouched(whole, out) or not untouched(whole_x, dx):
            return "pool: written outside of the arrays"
    return None


def unfit(kernel: Kernel, case: dict[str, Any]) -> str | None:
    """Arrays the module cannot take give what NumPy gives, or its error."""
    rng = np.random.default_rng(case["seed"])
    a, b = rng.standard_normal((7, 9)), rng.standard_normal((9, 5))
    narrow = np.zeros((7, 9), [("gap", "i2"), ("number", "f4")])["number"]  # six bytes from one number to the next
    narrow[...] = a
    single = b.astype(np.float32)
    for left, right in ((a, b), (a.astype(np.float32), b), (narrow, single), (a.astype(">f4"), single), (a.astype(int), b)):
        expected = left.astype(np.float64) @ right
        if problem := differ(kernel.matmul(left, right), expected, 1e-4):
            return f"{left.dtype} {left.strides}: {problem}"

    # The product into an array that it is read from
    square = rng.standard_normal((8, 8)).astype(np.float32)
    expected = square + square @ square
    if problem := differ(kernel.matmul(square, square, add_to=square), expected, 1e-4):
        return f"into its own operand: {problem}"
    # Adam on arrays that overlap
    one, other = (numbers(np.random.default_rng(case["seed"]), 40, 0) for _ in range(2))
    parts = [[memory[:16], memory[4:20], memory[20:36], memory[24:40]] for memory in (one, other)]
    kernel.adam(*parts[0], 1e-3, 0.9, 0.999, 1e-8)
    reference.adam(*parts[1], 1e-3, 0.9, 0.999, 1e-8)
    if problem := differ(one, other, 0):
        return f"overlapping arrays: {problem}"

    frozen = single.copy()
    frozen.flags.writeable = False
    before = frozen.copy()
    for wrong in (
        lambda: kernel.matmul(single, single),
        lambda: kernel.matmul(single.T, single, bias=np.zeros(4, np.float32)),
        lambda: kernel.matmul(single.T, single, add_to=np.zeros((5, 4), np.float32)),
        lambda: kernel.adam(frozen, single, single.copy(), single.copy(), 1e-3, 0.9, 0.999, 1e-8),
        lambda: kernel.relu_gradient(single, single[:3]),
    ):
        try:
            wrong()
            return "no error where NumPy raises one"
        except ValueError:
            pass
    return differ(frozen, before, 0)


KEPT: list[np.ndarray] = []


def growing(kernel: Kernel, case: dict[str, Any]) -> str | None:
    """The same product before and after memory grows, and with operands in the new part."""
    rng = np.random.default_rng(case["seed"])
    a, b = numbers(rng, 70 * 90, 0).reshape(70, 90), numbers(rng, 90 * 50, 0).reshape(90, 50)
    before = kernel.matmul(a, b)
    KEPT.append(np.ones(case["grow"] // 4, np.float32))
    if problem := differ(kernel.matmul(a, b), before, 0):
        return problem
    KEPT.append(a.copy())
    return differ(kernel.matmul(KEPT[-1], b.copy()), before, 0)


def training(kernel: Kernel, case: dict[str, Any]) -> str | None:
    """The losses of a run with the kernel and with NumPy."""
    rng = np.random.default_rng(case["seed"])
    labels = rng.integers(0, 10, 640)
    x = (rng.random((10, 784))[labels] * rng.random((640, 784))).astype(np.float32)
    curves = []
    for operations in (kernel, reference):
        backend.use(operations)
        try:
            run = nn.train(build(case["layers"]), nn.Adam(1e-3, weight_decay=1e-3), Shuffled(x, labels, 32), epochs=9)
            curves.append([next(run).loss for _ in range(case["steps"])])
        finally:
            backend.use(reference)
    worst = max(abs(a - b) / b for a, b in zip(*curves, strict=True))
    return None if worst < 5e-5 and curves[0][-1] < curves[0][0] else f"losses are {worst:.1e} apart: {curves}"


CHECKS = {check.__name__: check for check in (matmul, adam, relu, sum_rows, image, unfit, growing, training)}
KERNELS: dict[str, Kernel] = {}


def run(name: str, cases: str) -> str:
    """What is wrong with which cases, as JSON."""
    problems = [
        f"{kernel}: {problem} in {case}"
        for case in json.loads(cases)
        for kernel, operations in KERNELS.items()
        if (problem := CHECKS[name](operations, case))
    ]
    return json.dumps(problems)
