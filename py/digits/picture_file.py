"""Picture files: decoded with Pillow, and the digit in them found, whether drawn on a screen or photographed on paper.

The page and `predict_single.py` both go through `read_picture`, so a file gives the same answer in both.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from digits import photo
from digits.preprocessing import Steps, find_ink, ink_box, steps_of, to_gray
from digits.ruled_lines import without_rules
from digits.segmentation import one_drawing

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MOST_MEGAPIXELS = 50
MOST_MEGABYTES = 100
LONGER_SIDE = 1000  # larger pictures are reduced to this while they are decoded
DUSTY = 5  # so many specks are dust, or a dithered ground, and no part of what was drawn
LARGEST_PLAIN = 64  # a picture no larger than this was made of one digit, as MNIST's are


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
    """The digit in the bytes of a picture file.

    Raises:
        PictureError: the file is empty, broken, too large, or no picture of a known format.
    """
    pixels, frames = decode(data)
    steps, others = find_digit(pixels)
    notes: tuple[str, ...] = ("The file holds several pictures; the first was read.",) if frames > 1 else ()
    if others and steps.box is not None:
        many = "one more drawing" if others == 1 else f"{others} more drawings"
        notes += (f"The picture holds {many}; the one {where(steps)} was read.",)
    return Picture(pixels, steps, notes)


def find_digit(pixels: np.ndarray) -> tuple[Steps, int]:
    """The steps from a picture's pixels to the network's input, and how many more drawings the picture holds.

    One drawing on even ground gives exactly what `digits.preprocessing.preprocess` gives.
    """
    gray = to_gray(pixels)
    if max(gray.shape) <= LARGEST_PLAIN:
        ink = find_ink(gray)
        return steps_of(gray, ink, ink_box(ink)), 0
    even = photo.is_even(gray)
    ink = without_rules(find_ink(gray)) if even else photo.find_ink(gray)
    drawing = one_drawing(ink)
    if drawing is None or (even and not drawing.others and drawing.specks < DUSTY):
        return steps_of(gray, ink, ink_box(ink)), 0
    return steps_of(gray, drawing.ink, drawing.box), drawing.others


def where(steps: Steps) -> str:
    """Where in the picture the digit is, in words."""
    top, bottom, left, right = steps.box or (0, 0, 0, 0)
    height, width = steps.gray.shape
    row = ("at the top", "", "at the bottom")[min(3 * (top + bottom) // (2 * height), 2)]
    column = ("on the left", "", "on the right")[min(3 * (left + right) // (2 * width), 2)]
    return " ".join(filter(None, (row, column))) or "in the middle"


def decode(data: bytes) -> tuple[np.ndarray, int]:
    """The pixels of a picture file, upright and at most 1000 on the longer side: uint8, gray, RGB or RGBA; and whether
    there are more frames than the first (2) or not (1). Raises as `read_picture`."""
    if not data:
        raise PictureError("the file is empty")
    if len(data) > MOST_MEGABYTES * 2**20:
        raise PictureError(f"the file is larger than {MOST_MEGABYTES} MB: take a smaller picture")
    refuse_unknown(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's on large pictures: the limit below says it
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise too_large() from error
    except Exception as error:  # a broken file can raise nearly anything
        raise PictureError(f"this is no picture, or a broken one: {', '.join(FORMATS)} can be read") from error
    if image.width * image.height > MOST_MEGAPIXELS * 1e6:
        raise too_large(f"{image.width:,} × {image.height:,} pixels")
    try:
        frames = 2 if getattr(image, "is_animated", False) else 1
        image.seek(0)
        return np.asarray(upright(plain(image))), frames
    except Exception as error:
        raise PictureError(f"the {image.format} picture is broken or cut off: get or make the file again") from error


def plain(image: Image.Image) -> Image.Image:
    """The image in gray, RGB or RGBA of 8 bits, reduced if it is large."""
    if image.format == "JPEG":
        image.draft(None, (LONGER_SIDE, LONGER_SIDE))
    image.load()
    if image.mode.startswith(("I", "F")):
        image = eight_bits(np.asarray(image))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode not in ("L", "RGB"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    image.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.BOX)
    return image


def eight_bits(values: np.ndarray) -> Image.Image:
    """Gray of 16 or 32 bits, or of floats, in 8: whole numbers count to 65,535, floats from their least to their largest."""
    values = np.nan_to_num(values.astype(np.float64))
    low, high = (0, 65535) if values.min() >= 0 and 255 < values.max() <= 65535 else (values.min(), values.max())
    return Image.fromarray(np.uint8(np.round((values - low) * (255 / max(high - low, 1e-9)))))


def upright(image: Image.Image) -> Image.Image:
    """The image turned as the camera says that it was held."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # what a broken EXIF block says does not matter
        return image


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


def too_large(size: str = "") -> PictureError:
    measured = f" ({size})" if size else ""
    return PictureError(f"the picture is too large{measured}: at most {MOST_MEGAPIXELS} million pixels can be read")
