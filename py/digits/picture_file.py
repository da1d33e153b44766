"""Picture files: checked and decoded with Pillow into upright pixels of 8 bits, at most 1000 on the longer side.

The page and `predict_single.py` both read files with `read_picture`, so a file gives the same answer in both.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from PIL import Image

from digits.digit_finder import find_digit
from digits.preprocessing import Steps

Found = TypeVar("Found")

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "ICO")
MOST_MEGABYTES = 100  # of the file
MOST_MEGAPIXELS = 50  # decoded, all frames that are looked at together
MOST_JPEG_MEGAPIXELS = 120  # stored: a JPEG file is decoded at a half, a quarter or an eighth of its size
MOST_FRAMES = 50  # that are looked at for the first with ink
MOST_MEGAPIXELS_OF_FRAMES = 3  # of these frames together, once they are reduced
LONGER_SIDE = 1000  # larger pictures are reduced to this

BROKEN = (OSError, SyntaxError, ValueError, EOFError, LookupError, OverflowError, TypeError, struct.error, zlib.error)
"""What Pillow's decoders raise for a broken file, and are caught around calls of Pillow alone. An AttributeError, say for
what an old Pillow lacks, is a mistake in a program and not the file's."""


class PictureError(ValueError):
    """The file holds no picture that can be read; the message says why, in a sentence."""


@dataclass(frozen=True)
class Picture:
    """A picture, and the digit found in it.

    Attributes:
        pixels: as `digits.preprocessing.preprocess` takes them: (height, width) or (height, width, 3 or 4) uint8, upright.
        steps: how the digit became the network's input; `steps.box` says where it is.
        notes: sentences about what was left out: other drawings, other frames.
    """

    pixels: np.ndarray
    steps: Steps
    notes: tuple[str, ...]


def read_picture(data: bytes) -> Picture:
    """The digit in the bytes of a picture file; of several frames, in the first that has ink.

    Raises:
        PictureError: the file is empty, broken, too large, or no picture of a known format.
    """
    pixels, (steps, others), notes = first_with_ink(data, find_digit, lambda found: found[0].box is not None)
    if others and steps.box is not None:
        many = "one more drawing" if others == 1 else f"{others} more drawings" if others < 20 else "many more drawings"
        notes.append(f"The picture holds {many}; the one {where(steps)} was read.")
    return Picture(pixels, steps, tuple(notes))


def first_with_ink(
    data: bytes, find: Callable[[np.ndarray], Found], has_ink: Callable[[Found], bool]
) -> tuple[np.ndarray, Found, list[str]]:
    """The pixels of the first frame in which something is found, or of the first one; what is found; and notes about others.

    Raises as `read_picture`.
    """
    chosen = None
    for number, (pixels, several) in enumerate(frames(data), 1):
        found = find(pixels)
        if chosen is None or has_ink(found):
            which = "the first was read" if number == 1 else f"number {number} was read, the first with ink"
            chosen = pixels, found, [f"The file holds several pictures; {which}."] if several else []
        if has_ink(found):
            break
    if chosen is None:
        raise PictureError("the file holds no picture")
    return chosen


def where(steps: Steps) -> str:
    """Where in the picture the digit is, in words."""
    top, bottom, left, right = steps.box or (0, 0, 0, 0)
    height, width = steps.gray.shape
    row = ("at the top", "", "at the bottom")[min(3 * (top + bottom) // (2 * height), 2)]
    column = ("on the left", "", "on the right")[min(3 * (left + right) // (2 * width), 2)]
    return " ".join(filter(None, (row, column))) or "in the middle"


def frames(data: bytes) -> Iterator[tuple[np.ndarray, bool]]:
    """The pixels of each frame, upright (height, width) or (height, width, 3 or 4) uint8, and whether there are several.

    Raises as `read_picture`.
    """
    image = opened(data)
    several = _is_animated(image)
    megapixels = looked_at = 0.0
    for number in range(MOST_FRAMES if several else 1):
        try:
            image.seek(number)
            image.load()
        except EOFError:
            if number:
                return
            raise broken(image) from None
        except MemoryError as error:
            raise PictureError("the picture needs more memory than there is: take a smaller one") from error
        except BROKEN as error:
            raise broken(image) from error
        megapixels += image.width * image.height / 1e6
        if number and (megapixels > MOST_MEGAPIXELS or looked_at > MOST_MEGAPIXELS_OF_FRAMES):
            return
        pixels = upright(eight_bits(image), image)
        looked_at += pixels.shape[0] * pixels.shape[1] / 1e6
        yield pixels, several


def _is_animated(image: Image.Image) -> bool:
    """Whether a file has several pictures; the second one of an MPO is the first one again, smaller."""
    try:
        return image.format != "MPO" and getattr(image, "is_animated", False)
    except BROKEN:  # Pillow looks for the second picture, which is broken: the first one may be whole
        return False


def opened(data: bytes) -> Image.Image:
    """The file, its header read and its size within the limits. Raises as `read_picture`."""
    if not data:
        raise PictureError("the file is empty")
    if len(data) > MOST_MEGABYTES * 2**20:
        raise PictureError(f"the file is larger than {MOST_MEGABYTES} MB: take a smaller picture")
    refuse_unknown(data)
    try:
        image = with_header(data)
        stored = image.width * image.height / 1e6
        image.draft(None, (LONGER_SIDE, LONGER_SIDE))  # decodes JPEG at a half, a quarter or an eighth
    except Image.DecompressionBombError as error:
        raise PictureError(f"the picture is too large: at most {MOST_MEGAPIXELS} million pixels can be read") from error
    except BROKEN as error:
        raise PictureError(f"this is no picture, or a broken one: {', '.join(FORMATS)} can be read") from error
    most = MOST_JPEG_MEGAPIXELS if image.format in ("JPEG", "MPO") else MOST_MEGAPIXELS
    if stored > most or image.width * image.height / 1e6 > MOST_MEGAPIXELS:
        raise PictureError(
            f"the picture is too large ({image.width:,} × {image.height:,} pixels): at most {most} million pixels can be read"
        )
    return image


def with_header(data: bytes) -> Image.Image:
    """The file as Pillow opens it: only its header is read, and its size is the stored one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's on large pictures: `opened` has limits
        return Image.open(io.BytesIO(without_bad_checksums(data)), formats=FORMATS)


def broken(image: Image.Image) -> PictureError:
    return PictureError(f"the {image.format} picture is broken or cut off: get or make the file again")


def eight_bits(image: Image.Image) -> np.ndarray:
    """The image in gray, RGB or RGBA of 8 bits, reduced if it is large."""
    if image.mode.startswith(("I", "F")):
        image = Image.fromarray(reduced_levels(np.asarray(image)))
    elif image.mode == "LAB":
        image = image.getchannel("L")  # Pillow's conversion needs a library that browsers lack
    elif image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode not in ("L", "RGB"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    else:
        image = image.copy()  # a frame must stay as it is for the next one
    image.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.BOX)
    return np.asarray(image)


def reduced_levels(values: np.ndarray) -> np.ndarray:
    """Gray of 16 or 32 bits, or of floats, in 8, large pictures averaged in blocks first to save memory.

    Whole numbers from 0 range to the least power of two that holds them all, since cameras and scanners keep 10 or 12 bits
    in files of 16; others from their least to their largest.
    """
    factor = max(1, -(-max(values.shape) // LONGER_SIDE))
    height, width = (max(1, side // factor) for side in values.shape)
    down, right = (min(factor, side) for side in values.shape)
    blocks = values[: height * down, : width * right].reshape(height, down, width, right)
    with np.errstate(all="ignore"):
        means = np.nan_to_num(blocks.mean(axis=(1, 3), dtype=np.float32), posinf=0, neginf=0).astype(np.float64)
    low, high = float(means.min()), float(means.max())
    if values.dtype.kind in "iu" and low >= 0:
        low, high = 0.0, 2.0 ** max(8, np.ceil(np.log2(high + 1))) - 1
    return np.round((means - low) * (255 / max(high - low, 1e-9))).astype(np.uint8)


TURNS = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}
"""By EXIF's orientation, how to turn the stored pixels upright."""


def upright(pixels: np.ndarray, image: Image.Image) -> np.ndarray:
    """The pixels rotated or mirrored as the image's EXIF block says; a broken block is ignored."""
    try:
        orientation = image.getexif().get(0x0112)
    except (*BROKEN, AttributeError):  # EXIF is decoded lazily, and broken in many ways
        return pixels
    turn = TURNS.get(orientation) if isinstance(orientation, int) else None
    return np.ascontiguousarray(turn(pixels)) if turn else pixels


def without_bad_checksums(data: bytes) -> bytes:
    """A PNG file without the optional chunks whose checksum is wrong, for which Pillow refuses the file; others as they are."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        return data
    kept: list[bytes | memoryview] = [data[:8]]
    place = 8
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        chunk = memoryview(data)[place:end]
        optional = chunk[4] & 0x20  # a small first letter
        if not optional or zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big"):
            kept.append(chunk)
        place = end
    return b"".join([*kept, data[place:]])


def refuse_unknown(data: bytes) -> None:
    """Raises PictureError for formats that people often have and that cannot be read, saying how to convert them."""
    brand = data[8:12] if data[4:8] == b"ftyp" else b""
    if brand in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"):
        raise PictureError(
            "this is an HEIC picture, which cannot be read: save it as JPEG (on an iPhone: Settings, Camera, Formats, "
            "Most Compatible; or open it and export it), or take a screenshot of it"
        )
    if brand in (b"avif", b"avis"):
        raise PictureError("this is an AVIF picture, which cannot be read: open it and save it as PNG or JPEG")
    if data[:5] == b"%PDF-":
        raise PictureError("this is a PDF, not a picture: take a screenshot of the page and use that")
    if data[:300].lstrip()[:1] == b"<" and b"<svg" in data[:1000]:
        raise PictureError("this is an SVG drawing, which cannot be read: export it as PNG")
