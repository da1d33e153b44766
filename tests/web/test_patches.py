"""A patch brings back the edit, also where other lines have moved; what does not fit is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import patches

TEXT = "".join(f"line {number}\n" for number in range(40))
LINES = st.lists(st.sampled_from(["a", "b", "", "-- a", "++ b", "@@ -1 +1 @@", "\\ c", "\x0c", "\r", "é"]), max_size=30)


@given(LINES, LINES, st.sampled_from(["", "\n"]), st.sampled_from(["", "\n"]))
def test_a_patch_gives_the_edited_file(before: list[str], after: list[str], end_before: str, end_after: str) -> None:
    originals = {"nn/loss.py": "\n".join(before) + end_before, "nn/layers.py": TEXT}
    files = {"nn/loss.py": "\n".join(after) + end_after}
    patch = patches.difference(originals, files)
    if files["nn/loss.py"] == originals["nn/loss.py"]:
        assert patch == ""
    else:
        assert patches.apply(originals, patch) == files


def test_a_patch_for_another_version_fits_where_its_lines_are_unchanged() -> None:
    edited = TEXT.replace("line 20\n", "line 20, edited\n").replace("line 2\n", "")
    patch = patches.difference({"nn/loss.py": TEXT}, {"nn/loss.py": edited})
    newer = {"nn/loss.py": TEXT.replace("line 10\n", "line 10\nmore\nand more\n")}
    assert patches.apply(newer, patch) == {"nn/loss.py": edited.replace("line 10\n", "line 10\nmore\nand more\n")}
    with pytest.raises(patches.PatchError, match=r"does not fit py/nn/loss.py at line 18"):
        patches.apply({"nn/loss.py": TEXT.replace("line 19\n", "another line\n")}, patch)


@pytest.mark.parametrize(
    ("patch", "sentence"),
    [
        ("", "it changes nothing"),
        ("no patch at all", "it changes nothing"),
        ("--- a/py/web/__init__.py\n+++ b/py/web/__init__.py\n@@ -1 +1 @@\n-a\n+b\n", "cannot be edited here"),
        ("--- a/py/../x.py\n+++ b/py/../x.py\n@@ -1 +1 @@\n-a\n+b\n", "cannot be edited here"),
        ("--- a/py/nn/loss.py\n+++ b/py/nn/loss.py\n@@ -1 +1 @@\n-line 5\n+b\n" * 2, "cannot be edited here"),
    ],
)
def test_what_is_no_patch_of_these_files_is_refused(patch: str, sentence: str) -> None:
    with pytest.raises(patches.PatchError, match=sentence):
        patches.apply({"nn/loss.py": TEXT}, patch)
