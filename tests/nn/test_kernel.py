"""The WebAssembly kernel equals NumPy: both of its builds, in a real browser, in the memory of a real Pyodide."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from nn.kernel.build import MODULES

Check = Callable[[str, list[dict[str, Any]]], list[str]]

BOOT = """async ({ modules, checks }) => {
    const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
    const { loadPyodide } = await import("/vendor/runtime/pyodide.mjs");
    const pyodide = await loadPyodide({ indexURL: new URL("/vendor/runtime/", location).href });
    await pyodide.loadPackage("numpy", { messageCallback() {} });
    pyodide.unpackArchive(await bytes("/archives/sources.tar.gz"), "gztar", { extractDir: "/" });
    pyodide.FS.writeFile("/page/py/kernel_checks.py", checks);
    pyodide.runPython('import sys; sys.path.insert(0, "/page/py")');
    const python = pyodide.pyimport("kernel_checks");
    for (const name of modules) {
        const module = pyodide.FS.readFile(`/page/py/nn/kernel/${name}`);
        const { instance } = await WebAssembly.instantiate(module, { env: { memory: pyodide._module.memory } });
        python.KERNELS.set(name, python.Guarded(instance.exports));
    }
    const file = (path) => pyodide.FS.readFile(`/page/${path}`);
    Object.assign(window, { check: python.run, memory: () => pyodide._module.HEAPU8.length, file });
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, served: str) -> Iterator[Any]:
    """A page with Pyodide, NumPy and both builds of the kernel, and nothing else."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{served}vendor.lock.json")
    checks = Path(__file__).with_name("kernel_checks.py").read_text(encoding="utf-8")
    page.evaluate(BOOT, {"modules": list(MODULES), "checks": checks})
    yield page
    context.close()


@pytest.fixture(scope="module")
def check(page: Any) -> Check:
    """`check(name, cases)` runs one of kernel_checks.py on many cases and answers with what is wrong."""
    return lambda name, cases: json.loads(page.evaluate("(call) => check(...call)", [name, json.dumps(cases)]))


def many(case: st.SearchStrategy) -> st.SearchStrategy:
    """Many at once: a call into the browser costs more than most cases."""
    return st.lists(case, min_size=20, max_size=40)


# Not shrunk: the check itself names the one case that is wrong.
few = settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
seeds = st.integers(0, 2**32 - 1)
special = st.sampled_from([0, 0, 0.01, 0.3])
sizes = st.integers(0, 20) | st.sampled_from([31, 64, 128, 255, 256, 257, 511, 512, 513, 521])
layouts = st.fixed_dictionaries(
    {
        "transposed": st.booleans(),
        "step": st.sampled_from([1, 1, 1, 2, 3]),
        "gap": st.integers(0, 3),
        "shift": st.sampled_from([0, 0, 0, 1, 2, 3]),
        "flipped": st.booleans(),
        "repeated": st.sampled_from([False, False, False, True]),
        "blank": st.sampled_from([0, 0, 0.3, 0.9]),
    }
)
products = st.fixed_dictionaries(
    {"m": sizes, "n": sizes, "k": sizes, "a": layouts, "b": layouts, "bias": st.booleans(), "special": special, "seed": seeds}
).filter(lambda case: case["m"] * case["n"] * case["k"] < 2e6)
arrays = st.fixed_dictionaries({"count": st.integers(0, 99) | st.just(10_007), "special": special, "seed": seeds})


def layer(name: str, shape: st.SearchStrategy, arguments: Any = None, special: Any = special) -> Any:
    """Cases of a layer, for inputs of this shape and with these arguments of its constructor."""
    return st.fixed_dictionaries(
        {
            "layer": st.just(name),
            "shape": shape,
            "arguments": st.just(()) if arguments is None else arguments,
            "equal": st.booleans(),
            "special": special,
            "seed": seeds,
        }
    )


rows = st.tuples(st.integers(1, 300), st.integers(1, 40))
image_shapes = st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
convolutions = st.tuples(st.integers(1, 20), st.integers(1, 5), st.integers(0, 4))
poolings = st.fixed_dictionaries(
    {
        "shape": st.tuples(st.integers(1, 3), st.integers(3, 12), st.integers(3, 12), st.integers(1, 3)),
        "convolutions": st.tuples(convolutions, convolutions),
        "size": st.integers(1, 3),
        "seed": seeds,
    }
)
augmentations = st.fixed_dictionaries(
    {
        "batch": st.integers(1, 5),
        "side": st.sampled_from([4, 8, 20, 28, 32]),
        "count": st.integers(1, 11),
        "strength": st.floats(0, 20) | st.just(1e30),  # almost all positions are outside
        "seed": seeds,
    }
)
finite = st.just(0)
LAYERS = {
    "Dense": layer("Dense", rows, st.tuples(st.integers(1, 40))),
    "ReLU": layer("ReLU", rows),
    "BatchNorm": layer("BatchNorm", rows, special=finite) | layer("BatchNorm", image_shapes, special=finite),
    "Conv2D": layer("Conv2D", image_shapes, convolutions),
    "MaxPool2D": layer("MaxPool2D", image_shapes, st.tuples(st.integers(1, 5))),
}


@few
@given(cases=many(products))
def test_the_product_equals_numpys(check: Check, cases: list[dict[str, Any]]) -> None:
    assert not check("matmul", cases)


@few
@given(cases=many(arrays), rate=st.floats(1e-5, 1), betas=st.tuples(st.floats(0, 0.999), st.floats(0, 0.9999)))
def test_adam_and_the_average_equal_numpys_to_the_last_bit(
    check: Check, cases: list[dict[str, Any]], rate: float, betas: tuple[float, float]
) -> None:
    assert not check("adam", [case | {"rate": rate, "beta1": betas[0], "beta2": betas[1]} for case in cases])


@pytest.mark.parametrize("name", LAYERS)
@few
@given(data=st.data())
def test_layers_equal_numpys(check: Check, name: str, data: st.DataObject) -> None:
    assert not check("layer", data.draw(many(LAYERS[name])))


@few
@given(cases=many(poolings))
def test_a_convolution_and_the_pooling_after_it_equal_numpys(check: Check, cases: list[dict[str, Any]]) -> None:
    assert not check("pooling", cases)


@few
@given(cases=many(augmentations))
def test_augmentation_equals_numpys(check: Check, cases: list[dict[str, Any]]) -> None:
    assert not check("augmentation", cases)


@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (128, 10), (60_000, 5), (20_000, 33)])
def test_long_sums_stay_exact(check: Check, shape: tuple[int, int]) -> None:
    assert not check("sum_rows", [{"m": shape[0], "n": shape[1], "seed": 1}])


def test_what_does_not_fit_goes_the_numpy_way(check: Check) -> None:
    assert not check("unfit", [{"seed": 3}])


def test_memory_may_grow_in_between(check: Check, page: Any) -> None:
    before = page.evaluate("memory()")
    assert not check("growing", [{"grow": before, "seed": 4}])
    assert page.evaluate("memory()") > before


@pytest.mark.parametrize(
    ("layers", "steps"),
    [
        ("784-128-64-10", 100),
        ("28x28-conv5-norm-pool-conv6x5-norm-pool-30-norm-10", 40),
        ("28x28-conv16-pool-conv6x5-pool-30-10", 20),
    ],
)
def test_training_goes_as_with_numpy(check: Check, layers: str, steps: int) -> None:
    """The losses are equal to four digits."""
    assert not check("training", [{"layers": layers, "steps": steps, "seed": 5}])


def test_the_browser_can_run_the_build_chosen_for_it(page: Any) -> None:
    path, valid = page.evaluate(
        """async () => {
            const path = (await import("/js/python/kernel.js")).kernelPath();
            return [path, WebAssembly.validate(file(path))];
        }"""
    )
    assert valid
    assert Path(path).name in MODULES
