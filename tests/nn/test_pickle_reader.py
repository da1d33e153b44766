"""Pickles made to harm: each is refused in words, at once, and takes no memory."""

from __future__ import annotations

import pickle
import struct
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn.pickle_reader import PickleError, read_pickle


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def number(value: int) -> bytes:
    return pickle.dumps(value, protocol=2)[2:-1]


def array(shape: bytes, dtype: bytes, content: bytes) -> bytes:
    """An array as NumPy pickles it, of these parts."""
    made = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
    return made + b"(K\x01" + shape + dtype + b"\x89" + content + b"tb."


def dtype(code: str, order: str = "<") -> bytes:
    return (
        b"cnumpy\ndtype\n" + text(code) + b"\x89\x88\x87R(K\x03" + text(order) + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    )


FOUR_BYTES = b"C\x04abcd"
OBJECTS = b"cnumpy\ndtype\n" + text("O8") + b"\x89\x88\x87R"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (array(number(2**31) + b"\x85", dtype("f4"), FOUR_BYTES), "does not fit its bytes"),
        (array(number(2**70) + b"\x85", dtype("f4"), FOUR_BYTES), "does not fit its bytes"),
        (array(number(-1) + b"\x85", dtype("f4"), FOUR_BYTES), "does not fit its bytes"),
        (array(number(-1) + number(-1) + b"\x86", dtype("f4"), FOUR_BYTES), "does not fit its bytes"),
        (array(b"(" + number(1) * 70 + b"t", dtype("f4"), FOUR_BYTES), "does not fit its bytes"),
        (array(number(1) + b"\x85", OBJECTS, FOUR_BYTES), "dtype 'O8'"),
        (array(number(1) + b"\x85", dtype("V2147483647"), FOUR_BYTES), "dtype 'V2147483647'"),
        (array(number(1) + b"\x85", dtype("M8"), FOUR_BYTES), "dtype 'M8'"),
        (array(number(1) + b"\x85", dtype("f4", "x"), FOUR_BYTES), "not built as NumPy builds it"),
        (array(number(1) + b"\x85", b"N", FOUR_BYTES), "not built as NumPy builds it"),
        (array(number(1) + b"\x85", dtype("f4"), b"N"), "not built as NumPy builds it"),
        (b"cnumpy\nndarray\n" + number(4 * 10**8) + b"\x85" + text("O") + b"\x86R.", "array without numbers"),
        (b"cnumpy.core.multiarray\nscalar\n" + dtype("f8") + FOUR_BYTES + b"\x86R.", "does not fit its bytes"),
        (b"c_codecs\nencode\n" + text("ab") + text("utf-32") + b"\x86R.", "encodes a text as 'utf-32'"),
        (
            b"c_codecs\nencode\nq\x00X"
            + struct.pack("<I", 10**6)
            + b"a" * 10**6
            + text("latin1")
            + b"\x86q\x01"
            + b"h\x00h\x01R" * 20_000
            + b".",
            "encodes more text than it has",
        ),
        (b"cos\nsystem\n" + text("true") + b"\x85R.", "asks for 'os system'"),
        (b"\x80\x04" + text("os") + text("system") + b"\x93" + text("true") + b"\x85R.", "asks for 'os system'"),
        (b"}" + b")" + b"\x85" * 50_000 + b"K\x01s.", "tuple in the place of str"),
        (b"(" + b"N" * 200_000 + b"l.", "more than 100,000 instructions"),
        (b"B\xff\xff\xff\x7fabc.", "broken or not a pickle"),
        (b"\x8e" + b"\xff" * 8 + b"abc.", "broken or not a pickle"),
        (b"\x8b\xff\xff\xff\x7fabc.", "broken or not a pickle"),
        (b"I" + b"9" * 10_000 + b"\n.", "broken or not a pickle"),
        (b"g5\n.", "broken or not a pickle"),
        (b"R.", "stack is empty"),
        (b"K\x01K\x02a.", "int in the place of list"),
    ],
)
def test_hostile_pickles_are_refused_at_once(data: bytes, says: str) -> None:
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(PickleError, match=says):
        read_pickle(data)
    assert time.process_time() - began < 2
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


# BUILD, GLOBAL, INST, OBJ, BINPERSID, PERSID, REDUCE, NEWOBJ, EXT1, EXT2, EXT4, NEWOBJ_EX, NEXT_BUFFER, READONLY_BUFFER
@pytest.mark.parametrize("opcode", [*b"bcioQPR", 0x81, 0x82, 0x83, 0x84, 0x92, 0x97, 0x98])
def test_no_instruction_that_can_call_or_import_does(opcode: int) -> None:
    arguments = b"builtins\nprint\n" if opcode in b"ci" else b"\x01\x00\x00\x00\n"
    with pytest.raises(PickleError):
        read_pickle(b"\x80\x04(K\x01)" + bytes([opcode]) + arguments + b".")


def test_a_list_that_holds_itself_and_a_large_memo_key_are_harmless() -> None:
    assert read_pickle(b"Nr\xff\xff\xff\x7f.") is None
    loop = read_pickle(b"]q\x00h\x00a.")
    assert isinstance(loop, list)
    assert loop[0] is loop


def test_what_pickle_writes_is_read_as_pickle_reads_it() -> None:
    shared = np.arange(6, dtype=">f8").reshape(2, 3)
    content = {"a": [shared, shared.T, shared], "b": (1, -2.5, None, True, "ü", 2**40), "c": {}, "d": np.float32(0.5)}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        read = read_pickle(pickle.dumps(content, protocol=protocol))
        assert isinstance(read, dict)
        assert [read[name] for name in "bcd"] == [content[name] for name in "bcd"]
        for ours, theirs in zip(read["a"], content["a"], strict=True):
            np.testing.assert_array_equal(ours, theirs)
            assert ours.dtype == theirs.dtype


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_pickle(data)
    except PickleError:
        pass
