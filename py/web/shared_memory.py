"""Numbers between Python and JavaScript: each way, one array in WebAssembly's memory that the worker copies at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from digits.recognizer import TOO_LARGE

SIDE = 280
"""Side of the pad's picture in pixels, as in js/pad/ink.js."""

pixels = np.zeros((SIDE, SIDE), np.uint8)
"""The drawing. The worker writes it here before a request that brings one: 0 is paper, 255 is ink."""

_floats = np.zeros(4096, np.float32)


def address(array: np.ndarray) -> int:
    """Where the array's first byte stands in WebAssembly's memory."""
    return int(array.__array_interface__["data"][0])


def pack(answer: Mapping[str, Any]) -> str:
    """Line up all arrays of an answer in one float32 array, and return the rest as JSON.

    Bytes travel as the floats that they would be, and are `{"bytes": how many, "at": n}`.

    The arrays may stand anywhere in nested dicts, lists and tuples. In the JSON, each is `{"shape": [...], "at": n}`, its
    first float being the n-th of the `"length"` floats that start at `"address"`. Those stay valid until the next call.

    Raises:
        ValueError: a number outside of the arrays is not finite, which JSON cannot hold: a network's parameters are too large.
    """
    global _floats
    arrays: list[np.ndarray] = []
    places: dict[int, int] = {}
    length = 0

    def at(array: np.ndarray) -> int:
        """The place of an array in the line; the same array twice travels once."""
        nonlocal length
        if id(array) not in places:
            places[id(array)] = length
            arrays.append(array)
            length += array.size
        return places[id(array)]

    def encode(value: Any) -> Any:
        """What JSON cannot hold. Does not call itself: a cycle would keep the arrays until a garbage collection."""
        if isinstance(value, np.ndarray):
            return {"shape": value.shape, "at": at(value)}
        if isinstance(value, bytes):
            return {"bytes": len(value), "at": at(np.frombuffer(value + bytes(-len(value) % 4), np.float32))}
        return value.item() if isinstance(value, np.generic) else dict(value)

    try:
        placed = json.dumps(answer, default=encode, allow_nan=False)
    except ValueError as error:
        raise ValueError(TOO_LARGE) from error
    if length > _floats.size:
        _floats = np.zeros(length, np.float32)
    start = 0
    for array in arrays:
        _floats[start : start + array.size] = array.ravel()
        start += array.size
    return f'{{"answer": {placed}, "address": {address(_floats)}, "length": {length}}}'
