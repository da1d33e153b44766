"""Picture files of all kinds, good and bad, made for the tests: the bytes that a person may choose, drop or paste."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from photographs import Scene, photograph
from PIL import Image

from research.ink import draw

SEVEN = [[(75, 70), (135, 68), (205, 70), (180, 125), (150, 175), (130, 230)]]
FOUR = [[(110, 60), (95, 110), (85, 150), (140, 152), (205, 150)], [(175, 55), (172, 140), (170, 232)]]
THREE = [[(90, 75), (130, 55), (180, 70), (185, 105), (135, 135), (185, 165), (180, 210), (130, 228), (85, 205)]]


@cache
def marks(name: str = "seven") -> np.ndarray:
    """(280, 280) uint8: a digit's ink, 255 on 0."""
    return draw({"seven": SEVEN, "four": FOUR, "three": THREE}[name], 16)


def dark(name: str = "seven") -> Image.Image:
    """Dark ink on a light ground, gray."""
    return Image.fromarray(235 - (marks(name) * 0.8).astype(np.uint8))


def photo(name: str = "seven", **scene: Any) -> Image.Image:
    return Image.fromarray(photograph(marks(name), Scene(**scene), seed=1))


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def colored(name: str = "seven") -> Image.Image:
    """Blue ink on cream."""
    return Image.composite(Image.new("RGB", (280, 280), "#1c2f8f"), Image.new("RGB", (280, 280), "#fbf3dd"),
                           Image.fromarray(marks(name)))  # fmt: skip


def transparent(ink: str, name: str = "seven") -> Image.Image:
    image = Image.new("RGBA", (280, 280), ink)
    image.putalpha(Image.fromarray(marks(name)))
    return image


def sideways(orientation: int, turn: Image.Transpose, name: str = "four") -> bytes:
    """A JPEG that lies turned in its file, and says so."""
    return encoded(colored(name).transpose(turn), "JPEG", exif=turned(orientation), quality=92)


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def deep(name: str = "three") -> Image.Image:
    """Gray of 16 bits."""
    return Image.fromarray(60000 - marks(name).astype(np.uint16) * 200)


def twelve_bits(name: str) -> Image.Image:
    """Gray of 12 bits in 16."""
    return Image.fromarray(4000 - marks(name).astype(np.uint16) * 14)


def with_alpha(image: Image.Image, alpha: int) -> Image.Image:
    image = image.convert("RGBA")
    image.putalpha(alpha)
    return image


def with_bad_checksum(name: str) -> bytes:
    """A PNG whose chunk with the pixels' physical size is damaged."""
    data = bytearray(encoded(dark(name), "PNG", dpi=(72, 72)))
    data[data.index(b"pHYs") + 13] ^= 1
    return bytes(data)


GOOD: dict[str, Callable[[], bytes]] = {
    "gray.png": lambda: encoded(dark(), "PNG"),
    "color.png": lambda: encoded(colored("four"), "PNG"),
    "board.png": lambda: encoded(Image.fromarray(marks("three")), "PNG"),
    "palette.png": lambda: encoded(colored("three").quantize(16), "PNG"),
    "palette-transparent.png": lambda: encoded(transparent("black", "four").quantize(8), "PNG"),
    "dark-on-nothing.png": lambda: encoded(transparent("#101010"), "PNG"),
    "light-on-nothing.png": lambda: encoded(transparent("#f4f4f4", "three"), "PNG"),
    "gray-and-alpha.png": lambda: encoded(transparent("#101010", "four").convert("LA"), "PNG"),
    "bilevel.png": lambda: encoded(dark("three").convert("1"), "PNG"),
    "16-bit.png": lambda: encoded(deep(), "PNG"),
    "small.png": lambda: encoded(Image.fromarray(marks("four")).resize((28, 28), Image.Resampling.BOX), "PNG"),
    "large.png": lambda: encoded(dark("four").resize((2600, 2100)), "PNG", compress_level=1),
    "gray.jpg": lambda: encoded(dark("three"), "JPEG", quality=85),
    "color.jpg": lambda: encoded(colored(), "JPEG", quality=85),
    "full-chroma.jpg": lambda: encoded(colored("four"), "JPEG", quality=85, subsampling=0),
    "progressive.jpg": lambda: encoded(colored("three"), "JPEG", quality=70, progressive=True),
    "poor.jpg": lambda: encoded(dark("four").convert("RGB"), "JPEG", quality=20),
    "cmyk.jpg": lambda: encoded(colored("three").convert("CMYK"), "JPEG", quality=90),
    "large.jpg": lambda: encoded(colored("three").resize((3000, 3000)), "JPEG", quality=80),
    "turned-left.jpg": lambda: sideways(6, Image.Transpose.ROTATE_90),
    "upside-down.jpg": lambda: sideways(3, Image.Transpose.ROTATE_180, "seven"),
    "lossy.webp": lambda: encoded(colored("four"), "WEBP", quality=70),
    "lossless.webp": lambda: encoded(colored(), "WEBP", lossless=True),
    "transparent.webp": lambda: encoded(transparent("#102080", "three"), "WEBP", quality=80),
    "plain.gif": lambda: encoded(colored(), "GIF"),
    "animated.gif": lambda: encoded(dark("four"), "GIF", save_all=True, append_images=[dark("seven"), dark("three")]),
    "gray.bmp": lambda: encoded(dark(), "BMP"),
    "color.bmp": lambda: encoded(colored("three"), "BMP"),
    "color.tif": lambda: encoded(colored("four"), "TIFF"),
    "lzw.tif": lambda: encoded(dark("three"), "TIFF", compression="tiff_lzw"),
    "16-bit.tif": lambda: encoded(deep("four"), "TIFF"),
    "cmyk.tif": lambda: encoded(colored().convert("CMYK"), "TIFF"),
    "pages.tif": lambda: encoded(dark("three"), "TIFF", save_all=True, append_images=[dark("four")]),
    "lab.tif": lambda: encoded(colored("three").convert("LAB"), "TIFF"),
    "gray.pgm": lambda: encoded(dark("four"), "PPM"),
    "icon.ico": lambda: encoded(colored("four").resize((256, 256)), "ICO"),
    "bad-checksum.png": lambda: with_bad_checksum("seven"),
    "12-bit-turned.png": lambda: encoded(twelve_bits("four").transpose(Image.Transpose.ROTATE_90), "PNG", exif=turned(6)),
    "blank-first.gif": lambda: encoded(Image.new("L", (280, 280), 235), "GIF", save_all=True, append_images=[dark("three")]),
    "two-sizes.mpo": lambda: encoded(colored("four"), "MPO", save_all=True, append_images=[colored("four").resize((70, 70))]),
    "no-alpha.png": lambda: encoded(with_alpha(dark("three"), 0), "PNG"),
    "photo.jpg": lambda: encoded(photo("three"), "JPEG", quality=90),
    "photo-shadow.jpg": lambda: encoded(photo("four", shadow=0.35, light=0.3, noise=0.01), "JPEG", quality=88),
    "photo-blur.jpg": lambda: encoded(photo("seven", blur=3.0, light=0.4), "JPEG", quality=88),
    "photo-tilt.jpg": lambda: encoded(photo("three", tilt=8, light=0.2, light_from=-40), "JPEG", quality=88),
    "photo-ruled.jpg": lambda: encoded(photo("four", rules="ruled", light=0.25), "JPEG", quality=88),
    "photo-squared.png": lambda: encoded(photo("three", rules="squared"), "PNG"),
    "photo-margin.jpg": lambda: encoded(photo("seven", rules="margin", noise=0.02), "JPEG", quality=88),
    "photo-chalk.jpg": lambda: encoded(photo("three", paper=0.2, ink=0.85, light=0.3), "JPEG", quality=88),
    "photo-table.webp": lambda: encoded(photo("four", table=True, light=0.2), "WEBP", quality=80),
}
"""Files in which a digit can be read, by name."""


def huge_png(side: int = 20_000) -> bytes:
    """A few kilobytes that unpack into 400 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing.png": (lambda: b"", "empty"),
    "letter.png": (lambda: b"Dear Sir or Madam, this is no picture at all. " * 40, "PNG, JPEG"),
    "page.html": (lambda: b"<!doctype html><title>not a picture</title>", "PNG, JPEG"),
    "cut.png": (lambda: GOOD["color.png"]()[:700], "cut off"),
    "cut.jpg": (lambda: GOOD["color.jpg"]()[:2500], "cut off"),
    "cut.tif": (lambda: GOOD["color.tif"]()[:9000], "broken"),
    "huge.png": (huge_png, "50 million pixels"),
    "photo.heic": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500), "JPEG"),
    "photo.avif": (lambda: b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(500), "PNG or JPEG"),
    "paper.pdf": (lambda: b"%PDF-1.7\n" + bytes(500), "screenshot"),
    "drawing.svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>', "PNG"),
    "blank.png": (lambda: encoded(Image.new("L", (300, 200), 250), "PNG"), "no ink"),
}
"""Files in which none can, and words that the sentence about each holds."""
