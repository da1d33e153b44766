"""Picture files: every kind decodes to the same digit, and what is no picture is said in one sentence."""

from __future__ import annotations

import contextlib
import io
import struct
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from picture_files import BAD, GOOD, colored, dark, encoded, huge_png, marks
from PIL import Image
from slow_pictures import SLOW

from digits.digit_finder import find_digit
from digits.mnist import load_mnist
from digits.picture_file import LONGER_SIDE, PictureError, frames, read_picture
from digits.preprocessing import preprocess
from vendoring import vendor


def alike(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.parametrize("name", GOOD)
def test_each_kind_shows_one_of_the_three_digits_drawn(name: str) -> None:
    picture = read_picture(GOOD[name]())
    assert picture.pixels.dtype == np.uint8
    assert max(picture.pixels.shape[:2]) <= LONGER_SIDE
    likeness = sorted(alike(picture.steps.image, preprocess(marks(digit)).image) for digit in ("seven", "four", "three"))
    assert likeness[-1] > 0.6, "some are stretched, turned or of 28 pixels"
    assert likeness[-1] > likeness[-2] + 0.05


@pytest.mark.parametrize("name", [name for name in BAD if name != "blank.png"])
def test_what_cannot_be_read_is_one_sentence(name: str) -> None:
    make, says = BAD[name]
    with pytest.raises(PictureError, match=says) as caught:
        read_picture(make())
    assert "\n" not in str(caught.value)


def test_a_blank_picture_has_no_ink() -> None:
    for ground in (0, 128, 255):
        assert read_picture(encoded(Image.new("L", (300, 200), ground), "PNG")).steps.box is None
    assert read_picture(encoded(Image.new("RGBA", (300, 200)), "PNG")).steps.box is None


def test_a_clean_drawing_gives_exactly_what_its_array_gives() -> None:
    images, _ = load_mnist(vendor.ensure("mnist"), "test")
    for array in [marks("four"), 255 - marks("three"), *images[:50].reshape(-1, 28, 28)]:
        picture = read_picture(encoded(Image.fromarray(array), "PNG"))
        np.testing.assert_array_equal(picture.pixels, array)
        np.testing.assert_array_equal(picture.steps.image, preprocess(array).image)
        assert picture.notes == ()


def test_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    data = huge_png()
    tracemalloc.start()
    with pytest.raises(PictureError, match="at most 50 million pixels"):
        read_picture(data)
    assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    tracemalloc.stop()
    with pytest.raises(PictureError, match=r"\(8,000 × 8,000 pixels\): at most 50 million pixels"):
        read_picture(huge_png(8_000))


def test_a_jpeg_of_64_megapixels_is_read_at_an_eighth_of_its_size() -> None:
    picture = read_picture(encoded(dark("four").resize((8_000, 8_000), Image.Resampling.NEAREST), "JPEG"))
    assert picture.pixels.shape == (1000, 1000)
    assert alike(picture.steps.image, preprocess(marks("four")).image) > 0.95
    with pytest.raises(PictureError, match="at most 120 million pixels"):
        read_picture(encoded(Image.new("L", (11_500, 11_500), 255), "JPEG"))


def test_floats_and_sixteen_bits_take_little_more_memory_than_their_pixels() -> None:
    for kind in (np.float32, np.uint16):
        data = encoded(Image.fromarray(np.full((3_000, 4_000), 9, kind)), "TIFF")
        tracemalloc.start()
        read_picture(data)
        assert tracemalloc.get_traced_memory()[1] < 3 * len(data)
        tracemalloc.stop()


def test_a_mistake_in_a_program_is_not_called_a_broken_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Image.Image, "thumbnail")
    with pytest.raises(AttributeError, match="thumbnail"):
        read_picture(GOOD["color.jpg"]())


def test_a_later_page_without_a_size_is_a_sentence() -> None:
    blank = Image.new("L", (40, 40), 255)
    data = bytearray(encoded(blank, "TIFF", save_all=True, append_images=[dark()]))
    width = data.rindex(struct.pack("<HH", 256, 4)) if struct.pack("<HH", 256, 4) in data else data.rindex(b"\0\1\3\0")
    data[width] = 255
    with pytest.raises(PictureError, match="broken"):
        read_picture(bytes(data))


@settings(deadline=None, max_examples=40)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=90)))
def test_any_pixels_give_an_image_in_range(pixels: np.ndarray) -> None:
    steps, others = find_digit(pixels)
    assert steps.image.shape == (28, 28)
    assert 0 <= steps.image.min() <= steps.image.max() <= 1 + 1e-6
    assert others >= 0


@pytest.mark.parametrize("name", SLOW)
def test_pictures_of_countless_or_endless_marks_take_a_moment(name: str) -> None:
    data = SLOW[name]()
    began = time.process_time()
    read_picture(data)
    assert time.process_time() - began < 2, "0.7 s on a machine of its own"


def test_a_large_photo_is_reduced() -> None:
    pixels, _ = next(frames(encoded(colored().resize((4000, 3000)), "JPEG")))
    assert pixels.shape == (750, 1000, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_upright(orientation: int) -> None:
    image = np.zeros((20, 30), np.uint8)
    image[2:5, 3:20] = 255  # a bar at the top left
    stored = {
        1: image, 2: image[:, ::-1], 3: image[::-1, ::-1], 4: image[::-1],
        5: image.T, 6: np.rot90(image), 7: image[::-1, ::-1].T, 8: np.rot90(image, -1),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels, _ = next(frames(encoded(Image.fromarray(np.ascontiguousarray(stored)), "PNG", exif=exif)))
    np.testing.assert_array_equal(pixels, image)


def test_broken_exif_does_not_matter() -> None:
    data = encoded(dark(), "JPEG", exif=b"Exif\0\0" + bytes(range(40)))
    assert read_picture(data).steps.box is not None


def test_of_several_frames_the_first_with_ink_is_read_and_that_is_said() -> None:
    blank = Image.new("L", (280, 280), 235)
    for kind in ("GIF", "TIFF", "WEBP", "PNG"):
        for before, said in ((0, "the first was read"), (1, "number 2 was read, the first with ink")):
            first, *others = [*[blank] * before, dark("four"), dark("three")]
            picture = read_picture(encoded(first, kind, save_all=True, append_images=others))
            assert said in picture.notes[0]
            assert alike(picture.steps.image, preprocess(marks("four")).image) > 0.95


def test_an_animation_cut_off_anywhere_is_read_up_to_there_or_refused() -> None:
    """Pillow looks for the second picture when it is asked whether there is one."""
    whole = encoded(dark("four"), "GIF", save_all=True, append_images=[dark("three")])
    first = len(encoded(dark("four"), "GIF"))
    for length in range(first - 2, min(first + 60, len(whole))):
        with contextlib.suppress(PictureError):
            read_picture(whole[:length])


def test_sixteen_bits_keep_what_is_faint() -> None:
    faint = (30_000 + 20_000 * (marks("four") / 255)).astype(np.uint16)
    for kind in ("PNG", "TIFF"):
        assert alike(read_picture(encoded(Image.fromarray(faint), kind)).steps.image, preprocess(marks("four")).image) > 0.98


def test_floats_and_large_integers_are_read() -> None:
    for array in (marks("four") / np.float32(255), marks("four").astype(np.int32) * 1000):
        picture = read_picture(encoded(Image.fromarray(array), "TIFF"))
        assert alike(picture.steps.image, preprocess(marks("four")).image) > 0.98


def test_several_digits_one_is_read_and_the_others_are_said() -> None:
    paper = np.full((300, 700), 255, np.uint8)
    paper[10:290, 210:490] -= marks("four")
    small = np.asarray(Image.fromarray(marks("three")).resize((200, 200)))
    paper[50:250, 0:200] -= small
    paper[50:250, 500:700] -= small
    picture = read_picture(encoded(Image.fromarray(paper), "PNG"))
    assert alike(picture.steps.image, preprocess(marks("four")).image) > 0.98
    assert picture.notes == ("The picture holds 2 more drawings; the one in the middle was read.",)
    top, bottom, left, right = picture.steps.box
    assert 210 <= left < right <= 490
    paper[:, 200:500] = 255
    assert "1" not in read_picture(encoded(Image.fromarray(paper), "PNG")).notes[0].split()
    assert "one more drawing; the one on the" in read_picture(encoded(Image.fromarray(paper), "PNG")).notes[0]


def test_dust_is_not_the_digit() -> None:
    picture = 255 - marks("seven").astype(int)
    picture = np.pad(picture, 60, constant_values=255)
    rng = np.random.default_rng(0)
    paper = np.uint8(np.clip(picture * 0.85 + 5 * rng.standard_normal(picture.shape), 0, 255))
    paper[20:24, 20:24] = 40
    steps, others = find_digit(paper)
    assert alike(steps.image, preprocess(marks("seven")).image) > 0.9
    assert others == 0


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["gray.png", "color.jpg", "lossless.webp", "plain.gif", "gray.bmp", "lzw.tif"]), st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(name: str, data: st.DataObject) -> None:
    whole = bytearray(FILES.setdefault(name, GOOD[name]()))
    place = data.draw(st.integers(0, min(len(whole), 400) - 1))
    noise = data.draw(st.binary(min_size=1, max_size=8))
    whole[place : place + len(noise)] = noise
    for damaged in (bytes(whole), bytes(whole[: place + 1])):
        try:
            picture = read_picture(damaged)
        except PictureError:
            continue
        assert np.isfinite(picture.steps.image).all()


FILES: dict[str, bytes] = {}


def test_pillow_is_given_no_other_formats() -> None:
    for kind in ("PCX", "TGA", "EPS"):
        file = io.BytesIO()
        dark().convert("RGB").save(file, kind)
        with pytest.raises(PictureError, match="PNG"):
            read_picture(file.getvalue())
