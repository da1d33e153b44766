"""Reads the pickles that hold parameters, without unpickling them.

`pickle.load` imports and calls whatever a file names, and NumPy's own `__setstate__` trusts the sizes it is given. This
interpreter knows only the instructions that such a file needs (protocols 0 to 5, as NumPy 1 and 2 write them). It builds
lists, dicts, tuples, numbers and texts, and arrays from a dtype, a shape and bytes that fit each other. It calls nothing.
"""

from __future__ import annotations

import math
import pickletools
from collections.abc import Callable
from typing import Any

import numpy as np

from nn.npz_reader import MOST_AXES

MOST_INSTRUCTIONS = 100_000  # a layer takes about 40

DTYPES = {f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)} | {"f2", "f4", "f8"}
NAMES = {"numpy ndarray": "ndarray", "numpy dtype": "dtype", "_codecs encode": "encode"} | {
    f"numpy.{core}.{name}": name.split()[1]
    for core in ("core", "_core")
    for name in ("multiarray _reconstruct", "multiarray scalar", "numeric _frombuffer")
}
"""What a pickle may call, and what it stands for here."""

ARGUMENTS = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "BYTEARRAY8"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
}
"""The instructions that put their argument on the stack."""


class PickleError(ValueError):
    """The pickle cannot be read; the message is a clause that says why."""


class _Name(str):
    """One of the values of `NAMES`."""


class _Unfinished:
    """An array or a dtype between its creation and the BUILD instruction that gives its contents."""

    def __init__(self, name: str, arguments: tuple[Any, ...]) -> None:
        self.name, self.arguments = name, arguments
        self.memo_key: int | None = None


def read_pickle(data: bytes) -> object:
    """The content of a pickle.

    Raises:
        PickleError: broken, too long, or with anything but arrays of numbers, lists, dicts, tuples, numbers and texts.
    """
    try:
        return _interpret(data)
    except PickleError:
        raise
    except Exception as error:  # damaged bytes lead to errors of many kinds, in pickletools and here
        raise PickleError("it is broken or not a pickle") from error


def _as(kind: type[Any], value: Any) -> Any:
    if not isinstance(value, kind):
        raise PickleError(f"it is broken: it has {type(value).__name__} in the place of {kind.__name__}")
    return value


def _dict(items: list[Any]) -> dict[str, Any]:
    return {_as(str, key): value for key, value in zip(items[::2], items[1::2], strict=True)}


# What is made of how many items of the stack; None: of those since the last MARK.
MADE: dict[str, tuple[Callable[[list[Any]], Any], int | None]] = {
    **{"NONE": (lambda items: None, 0), "NEWTRUE": (lambda items: True, 0), "NEWFALSE": (lambda items: False, 0)},
    **{"EMPTY_LIST": (list, 0), "LIST": (list, None), "EMPTY_DICT": (_dict, 0), "DICT": (_dict, None)},
    **{"EMPTY_TUPLE": (tuple, 0), "TUPLE": (tuple, None), "TUPLE1": (tuple, 1), "TUPLE2": (tuple, 2), "TUPLE3": (tuple, 3)},
}


def _interpret(data: bytes) -> object:
    """Runs the instructions; `pickletools.opcodes` documents what each does to the stack."""
    stack: list[Any] = []
    marks: list[int] = []
    memo: dict[int, Any] = {}
    argument: Any
    may_encode = len(data)  # a text can be taken from the memo many times, but is encoded once

    def take(count: int | None) -> list[Any]:
        start = marks.pop() if count is None else len(stack) - count
        if start < 0:
            raise PickleError("it is broken: its stack is empty too early")
        items = stack[start:]
        del stack[start:]
        return items

    for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
        instruction = opcode.name
        if count == MOST_INSTRUCTIONS:
            raise PickleError(f"it has more than {MOST_INSTRUCTIONS:,} instructions")
        if instruction in ARGUMENTS:
            stack.append(argument)
        elif instruction in MADE:
            make, size = MADE[instruction]
            stack.append(make(take(size)))
        elif instruction == "MARK":
            marks.append(len(stack))
        elif instruction in ("APPEND", "APPENDS"):
            items = take(1 if instruction == "APPEND" else None)
            _as(list, stack[-1]).extend(items)
        elif instruction in ("SETITEM", "SETITEMS"):
            items = take(2 if instruction == "SETITEM" else None)
            _as(dict, stack[-1]).update(_dict(items))
        elif instruction in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
            key = len(memo) if instruction == "MEMOIZE" else argument
            memo[key] = stack[-1]
            if isinstance(stack[-1], _Unfinished):
                stack[-1].memo_key = key
        elif instruction in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif instruction in ("GLOBAL", "STACK_GLOBAL"):
            name = argument if instruction == "GLOBAL" else " ".join(_as(str, part) for part in take(2))
            if name not in NAMES:
                raise PickleError(f"it asks for {name[:60]!r}, and only NumPy arrays, lists, dicts and numbers are read")
            stack.append(_Name(NAMES[name]))
        elif instruction == "REDUCE":
            name, arguments = take(2)
            stack.append(value := _reduced(_as(_Name, name), _as(tuple, arguments)))
            may_encode -= len(value) if isinstance(value, bytes) else 0
            if may_encode < 0:
                raise PickleError("it encodes more text than it has")
        elif instruction == "BUILD":
            unfinished, state = take(2)
            stack.append(_built(_as(_Unfinished, unfinished), _as(tuple, state)))
            if unfinished.memo_key is not None:
                memo[unfinished.memo_key] = stack[-1]
        elif instruction not in ("PROTO", "FRAME", "STOP"):
            raise PickleError(f"it has the instruction {instruction}, which no parameters need")
    return stack.pop()


def _reduced(name: _Name, arguments: tuple[Any, ...]) -> Any:
    """The value of a call, for the few calls that arrays are made of."""
    if name == "encode":  # bytes in protocols 0 to 2
        text, encoding = arguments
        if encoding != "latin1":
            raise PickleError(f"it encodes a text as {_as(str, encoding)[:20]!r}")
        return _as(str, text).encode("latin-1")
    if name == "_frombuffer":  # protocol 5
        buffer, dtype, shape, order = arguments
        return _array(shape, dtype, order == "F", buffer)
    if name == "scalar":
        dtype, buffer = arguments
        return _array((1,), dtype, False, buffer).item()
    if name == "ndarray":
        raise PickleError("it makes an array without numbers")
    if name == "dtype" and (code := _as(str, arguments[0])) not in DTYPES:
        raise PickleError(f"it has an array of dtype {code[:20]!r}, which is not an array of numbers")
    return _Unfinished(name, arguments)


def _built(unfinished: _Unfinished, state: tuple[Any, ...]) -> Any:
    if unfinished.name == "_reconstruct":
        _, shape, dtype, fortran_order, buffer = state
        return _array(shape, dtype, bool(fortran_order), buffer)
    if state[1] not in ("<", ">", "|", "="):
        raise PickleError("it is broken: an array is not built as NumPy builds it")
    return np.dtype(state[1] + unfinished.arguments[0])


def _array(shape: Any, dtype: Any, fortran_order: bool, buffer: Any) -> np.ndarray:
    """An array of these bytes, which have to be as many as the shape and the dtype say."""
    if not isinstance(buffer, (bytes, bytearray)) or not isinstance(dtype, np.dtype) or not isinstance(shape, tuple):
        raise PickleError("it is broken: an array is not built as NumPy builds it")
    if not buffer:
        raise PickleError("it has an array without numbers")
    fits = len(shape) <= MOST_AXES and all(type(side) is int and 0 < side <= len(buffer) for side in shape)
    if not fits or math.prod(shape) * dtype.itemsize != len(buffer):
        raise PickleError("it claims more numbers than it has, or fewer: the shape of an array does not fit its bytes")
    return np.frombuffer(buffer, dtype).reshape(shape, order="F" if fortran_order else "C")
