"""Reads the pickles that hold parameters, without unpickling them.

`pickle.load` imports and calls whatever a file names, and NumPy's own `__setstate__` trusts the sizes it is given. This
interpreter knows only the instructions that such a file needs (protocols 0 to 5, as NumPy 1 and 2 write them). It builds
lists, dicts, tuples, numbers and texts, and arrays from a dtype, a shape and bytes that fit each other. It calls nothing.
"""

from __future__ import annotations

import math
import pickletools
from typing import Any

import numpy as np

from nn.npz_reader import MOST_AXES

MOST_INSTRUCTIONS = 100_000  # a layer takes about 40
NUMBERS = {f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)} | {"f2", "f4", "f8"}  # dtypes

CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
NUMBERS_AND_TEXTS = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "BYTEARRAY8"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
}
KNOWN_NAMES = {"numpy ndarray": "ndarray", "numpy dtype": "dtype", "_codecs encode": "encode"} | {
    f"numpy.{core}.{name}": name.split()[1]
    for core in ("core", "_core")
    for name in ("multiarray _reconstruct", "multiarray scalar", "numeric _frombuffer")
}


class PickleError(ValueError):
    """The pickle cannot be read; the message is a clause that says why."""


class _Name(str):
    """What a pickle would call: one of the values of `KNOWN_NAMES`."""


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
        return _Interpreter(len(data)).run(data)
    except PickleError:
        raise
    except Exception as error:  # damaged bytes lead to errors of many kinds, in pickletools and here
        raise PickleError("it is broken or not a pickle") from error


class _Interpreter:
    def __init__(self, length: int) -> None:
        self.may_encode = length  # a text can be taken from the memo, but is encoded once
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self, data: bytes) -> object:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count == MOST_INSTRUCTIONS:
                raise PickleError(f"it has more than {MOST_INSTRUCTIONS:,} instructions")
            if opcode.name == "STOP":
                return self.stack.pop()
            self.execute(opcode.name, argument)
        raise PickleError("it is cut off")

    def execute(self, instruction: str, argument: Any) -> None:
        """The stack before and after each instruction is in the documentation of `pickletools.opcodes`."""
        stack = self.stack
        if instruction in NUMBERS_AND_TEXTS:
            stack.append(argument)
        elif instruction in CONSTANTS:
            stack.append(CONSTANTS[instruction])
        elif instruction in ("PROTO", "FRAME"):
            pass
        elif instruction == "MARK":
            self.marks.append(len(stack))
        elif instruction in ("EMPTY_LIST", "EMPTY_DICT", "EMPTY_TUPLE"):
            stack.append({"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_TUPLE": tuple}[instruction]())
        elif instruction == "LIST":
            stack.append(self.since_mark())
        elif instruction == "DICT":
            stack.append(_dict(self.since_mark()))
        elif instruction == "TUPLE":
            stack.append(tuple(self.since_mark()))
        elif instruction in ("TUPLE1", "TUPLE2", "TUPLE3"):
            stack.append(tuple(self.pop(int(instruction[-1]))))
        elif instruction in ("APPEND", "APPENDS"):
            items = self.pop(1) if instruction == "APPEND" else self.since_mark()
            _as(list, stack[-1]).extend(items)
        elif instruction in ("SETITEM", "SETITEMS"):
            items = self.pop(2) if instruction == "SETITEM" else self.since_mark()
            _as(dict, stack[-1]).update(_dict(items))
        elif instruction in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
            key = len(self.memo) if instruction == "MEMOIZE" else argument
            self.memo[key] = stack[-1]
            if isinstance(stack[-1], _Unfinished):
                stack[-1].memo_key = key
        elif instruction in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(self.memo[argument])
        elif instruction in ("GLOBAL", "STACK_GLOBAL"):
            name = argument if instruction == "GLOBAL" else " ".join(_as(str, part) for part in self.pop(2))
            name = name.replace("__builtin__", "builtins")
            if name not in KNOWN_NAMES:
                raise PickleError(f"it asks for {name[:60]!r}, and only NumPy arrays, lists, dicts and numbers are read")
            stack.append(_Name(KNOWN_NAMES[name]))
        elif instruction == "REDUCE":
            name, arguments = self.pop(2)
            stack.append(value := _reduced(_as(_Name, name), _as(tuple, arguments)))
            self.may_encode -= len(value) if isinstance(value, bytes) else 0
            if self.may_encode < 0:
                raise PickleError("it encodes more text than it has")
        elif instruction == "BUILD":
            unfinished, state = self.pop(2)
            built = _built(_as(_Unfinished, unfinished), _as(tuple, state))
            if unfinished.memo_key is not None:
                self.memo[unfinished.memo_key] = built
            stack.append(built)
        else:
            raise PickleError(f"it has the instruction {instruction}, which no parameters need")

    def pop(self, count: int) -> list[Any]:
        items = self.stack[-count:]
        if len(items) < count:
            raise PickleError("it is broken: its stack is empty too early")
        del self.stack[-count:]
        return items

    def since_mark(self) -> list[Any]:
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items


def _as(kind: type[Any], value: Any) -> Any:
    if not isinstance(value, kind):
        raise PickleError(f"it is broken: it has {type(value).__name__} in the place of {kind.__name__}")
    return value


def _dict(items: list[Any]) -> dict[str, Any]:
    return {_as(str, key): value for key, value in zip(items[::2], items[1::2], strict=True)}


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
    if name == "dtype" and (code := _as(str, arguments[0])) not in NUMBERS:
        raise PickleError(f"it has an array of dtype {code[:20]!r}, which is not an array of numbers")
    if name == "ndarray":
        raise PickleError("it makes an array without numbers")
    return _Unfinished(name, arguments)


def _built(unfinished: _Unfinished, state: tuple[Any, ...]) -> Any:
    if unfinished.name == "_reconstruct":
        _, shape, dtype, fortran_order, buffer = state
        return _array(shape, dtype, bool(fortran_order), buffer)
    if unfinished.name == "dtype" and state[1] in ("<", ">", "|", "="):
        return np.dtype(state[1] + unfinished.arguments[0])
    raise PickleError("it is broken: an array is not built as NumPy builds it")


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
