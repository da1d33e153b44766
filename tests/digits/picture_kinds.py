"""Kinds of pictures that people bring, by name: each turns a digit's ink into a picture, differently for every seed."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import numpy as np
from photographs import Scene, photograph, place, soft_noise
from PIL import Image, ImageColor, ImageDraw, ImageFilter

Marks = np.ndarray  # (height, width) uint8, 255 on 0
Random = np.random.Generator

INKS = [(18, 18, 24), (25, 35, 140), (70, 70, 74), (150, 25, 30)]
KINDS: dict[str, Callable[[Marks, Random], bytes]] = {}


def kind(make: Callable[[Marks, Random], bytes]) -> Callable[[Marks, Random], bytes]:
    KINDS[make.__name__] = make
    return make


def encoded(image: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def jpeg(image: Image.Image, rng: Random, blur: float = 1.0) -> bytes:
    """As a camera keeps it: softened, grainy, compressed."""
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(blur)), np.float32)
    grain = (rng.uniform(0.5, 3) * rng.standard_normal(pixels.shape[:2])).astype(np.float32)
    return encoded(Image.fromarray(np.uint8(np.clip(pixels + grain[..., None], 0, 255))), "JPEG", quality=88)


def uneven(image: Image.Image, rng: Random, most: float = 0.3) -> Image.Image:
    """Under a lamp to one side."""
    rows, columns = np.mgrid[: image.height, : image.width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    across = float(np.cos(angle)) * (columns / image.width - 0.5) + float(np.sin(angle)) * (rows / image.height - 0.5)
    light = 1 - rng.uniform(0.05, most) * (across + 0.5)
    return Image.fromarray(np.uint8(np.clip(np.asarray(image, np.float32) * light[..., None], 0, 255)))


def paper(size: tuple[int, int], rng: Random, color: tuple[int, int, int] = (226, 225, 220)) -> Image.Image:
    clouds = 1 + 0.015 * soft_noise(size[::-1], rng)
    return Image.fromarray(np.uint8(np.clip(np.float32(color) * clouds[..., None], 0, 255)))


def written(
    image: Image.Image, marks: Marks, x: float, y: float, size: float, color: tuple[int, int, int], pen: int = 0
) -> Image.Image:
    """The digit in `color` with its middle at (x, y) and its longer side of `size` pixels, its strokes `pen` pixels thicker."""
    scene = Scene(image.width, image.height, size / min(image.size), x / image.width, y / image.height)
    coverage = Image.fromarray(np.uint8(255 * place(marks, scene)))
    if pen:
        coverage = coverage.filter(ImageFilter.GaussianBlur(0.8 * pen)).point(lambda level: 255 * (level > 60))
    return Image.composite(Image.new("RGB", image.size, color), image, coverage)


def ink_color(rng: Random) -> tuple[int, int, int]:
    return INKS[rng.integers(len(INKS))]


def screen(marks: Marks, rng: Random, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """A drawing program's page."""
    x, y = rng.uniform(0.35, 0.65) * size[0], rng.uniform(0.42, 0.58) * size[1]
    return written(Image.new("RGB", size, "white"), marks, x, y, rng.uniform(0.3, 0.6) * size[1], (0, 0, 0))


def wood(size: tuple[int, int], rng: Random, color: tuple[int, int, int]) -> Image.Image:
    streaks = Image.fromarray(rng.standard_normal((size[1] // 6, 8)).astype(np.float32))
    grain = np.asarray(streaks.resize(size, Image.Resampling.BICUBIC))
    return Image.fromarray(np.uint8(np.clip(np.float32(color) * (1 + 0.06 * grain[..., None]), 0, 255)))


def lying_on(desk: Image.Image, sheet: Image.Image, part: tuple[float, float], rng: Random) -> Image.Image:
    """The sheet on the desk as seen aslant, its sides about this part of the desk's."""
    width, height = desk.size
    w, h = part[0] * width, part[1] * height
    x, y = width / 2 + rng.uniform(-0.06, 0.06) * width, height / 2 + rng.uniform(-0.05, 0.05) * height
    corners = np.array([[x - w / 2, y - h / 2], [x + w / 2, y - h / 2], [x + w / 2, y + h / 2], [x - w / 2, y + h / 2]])
    corners += rng.uniform(-0.03, 0.03, (4, 2)) * [width, height]
    source = np.array([[0, 0], [sheet.width, 0], [sheet.width, sheet.height], [0, sheet.height]])
    equations = [[u, v, 1, 0, 0, 0, -a * u, -a * v] for (u, v), (a, _) in zip(corners, source, strict=True)]
    equations += [[0, 0, 0, u, v, 1, -b * u, -b * v] for (u, v), (_, b) in zip(corners, source, strict=True)]
    seen = np.linalg.solve(np.array(equations), np.concatenate([source[:, 0], source[:, 1]]))
    sheet = sheet.convert("RGBA").transform(desk.size, Image.Transform.PERSPECTIVE, tuple(seen), Image.Resampling.BICUBIC)
    return Image.composite(sheet.convert("RGB"), desk, sheet.getchannel("A"))


def sheet(marks: Marks, rng: Random, side: tuple[int, int], color: tuple[int, int, int] = (226, 225, 220)) -> Image.Image:
    x, y = rng.uniform(0.35, 0.65) * side[0], rng.uniform(0.38, 0.62) * side[1]
    return written(paper(side, rng, color), marks, x, y, rng.uniform(0.25, 0.5) * min(side), ink_color(rng))


def on_desk(marks: Marks, rng: Random, desks: list[tuple[int, int, int]]) -> bytes:
    desk = desks[rng.integers(len(desks))]
    portrait = rng.random() < 0.5
    size, part = ((700, 900), (0.58, 0.92)) if portrait else ((1000, 720), (0.7, 0.72))
    wide, high = part[0] * rng.uniform(0.85, 1.05), part[1] * rng.uniform(0.85, 1.05)
    surface = wood((1200, 900), rng, desk)
    return jpeg(uneven(lying_on(surface, sheet(marks, rng, size), (wide, high), rng), rng), rng)


KINDS["sheet_on_dark_desk"] = partial(on_desk, desks=[(88, 56, 32), (60, 60, 64), (110, 78, 50), (40, 30, 26)])
KINDS["sheet_on_light_desk"] = partial(on_desk, desks=[(185, 152, 112), (170, 170, 168), (196, 170, 130)])


@kind
def sticky_note_on_dark_desk(marks: Marks, rng: Random) -> bytes:
    color = [(240, 222, 84), (250, 160, 180), (160, 225, 140)][rng.integers(3)]
    desk = wood((1280, 960), rng, [(28, 28, 30), (70, 48, 30)][rng.integers(2)])
    note = sheet(marks, rng, (500, 500), color)
    side = rng.uniform(0.35, 0.55)
    return jpeg(uneven(lying_on(desk, note, (0.75 * side, side), rng), rng), rng)


def with_bar(marks: Marks, rng: Random, top: bool) -> bytes:
    image = screen(marks, rng)
    draw, bar = ImageDraw.Draw(image), int(rng.integers(28, 90))
    level = int(rng.integers(20, 90))
    upper = 0 if top else 600 - bar
    draw.rectangle((0, upper, 800, upper + bar), fill=(level, level, level))
    if rng.random() < 0.5:
        draw.text((20, upper + bar // 2 - 5), "Untitled drawing", fill=(235, 235, 235))
        draw.rectangle((760, upper + bar // 2 - 6, 772, upper + bar // 2 + 6), fill=(235, 235, 235))
    return encoded(image)


KINDS["dark_title_bar"] = partial(with_bar, top=True)
KINDS["dark_task_bar"] = partial(with_bar, top=False)


def small_photo(marks: Marks, rng: Random, least: int, most: int) -> bytes:
    side = int(rng.integers(least, most)) if least < most else least
    scene = Scene(8 * side, 8 * side, rng.uniform(0.5, 0.7), paper=rng.uniform(0.7, 0.9), ink=rng.uniform(0.05, 0.25),
                  light=rng.uniform(0.25, 0.55), light_from=rng.uniform(-180, 180), blur=2)  # fmt: skip
    pixels = Image.fromarray(photograph(marks, scene, int(rng.integers(2**31))))
    return encoded(pixels.resize((side, side), Image.Resampling.BOX), "JPEG", quality=92)


KINDS["small_photo_28_px"] = partial(small_photo, least=28, most=28)
KINDS["small_photo_56_px"] = partial(small_photo, least=40, most=64)


def framed(marks: Marks, rng: Random, side: int) -> bytes:
    image = screen(marks, rng, (512, 512)).resize((side, side), Image.Resampling.BOX).convert("L")
    margin = int(rng.integers(0, 2 + side // 32))
    ImageDraw.Draw(image).rectangle((margin, margin, side - 1 - margin, side - 1 - margin), outline=0)
    return encoded(image)


KINDS["frame_28_px"] = partial(framed, side=28)
KINDS["frame_64_px"] = partial(framed, side=64)


@kind
def window_with_shadow(marks: Marks, rng: Random) -> bytes:
    side, margin = 400, int(rng.integers(30, 70))
    shadow = Image.new("L", (side, side))
    ImageDraw.Draw(shadow).rectangle((margin, margin + 8, side - margin, side - margin + 8), fill=int(rng.integers(90, 200)))
    image = Image.new("RGBA", (side, side))
    image.putalpha(shadow.filter(ImageFilter.GaussianBlur(margin / 3)))
    window = screen(marks, rng, (side - 2 * margin, side - 2 * margin))
    image.paste(window, (margin, margin))
    return encoded(image)


@kind
def soft_alpha_at_the_edge(marks: Marks, rng: Random) -> bytes:
    side = int(rng.choice([28, 64, 280]))
    image = screen(marks, rng, (560, 560)).resize((side, side), Image.Resampling.BOX).convert("RGBA")
    alpha = np.full((side, side), 253, np.uint8)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        alpha[edge] = rng.integers(120, 245)
    image.putalpha(Image.fromarray(alpha))
    return encoded(image)


@kind
def alpha_zero_everywhere(marks: Marks, rng: Random) -> bytes:
    image = screen(marks, rng, (280, 280)).convert("RGBA")
    image.putalpha(0)
    return encoded(image)


def desk_paper(rng: Random) -> Image.Image:
    return uneven(paper((1200, 900), rng), rng)


def on_paper(
    marks: Marks, rng: Random, heights: tuple[int, int], sizes: tuple[int, int]
) -> tuple[Image.Image, tuple[int, int, int], float, float, float]:
    """A digit on paper: the picture, the ink's color, the digit's middle and size."""
    image, color = desk_paper(rng), ink_color(rng)
    x, y, size = rng.uniform(400, 800), rng.uniform(*heights), rng.uniform(*sizes)
    return written(image, marks, x, y, size, color), color, x, y, size


@kind
def circled(marks: Marks, rng: Random) -> bytes:
    image, color, x, y, size = on_paper(marks, rng, (350, 550), (200, 340))
    turn = np.linspace(0, 2 * np.pi * rng.uniform(0.97, 1.04), 80) + rng.uniform(0, 6)
    radius = size * rng.uniform(0.68, 0.95) * (1 + 0.03 * np.sin(2 * turn + rng.uniform(0, 6)))
    points = np.stack([x + radius * rng.uniform(0.85, 1.1) * np.cos(turn), y + radius * np.sin(turn)], axis=1)
    ImageDraw.Draw(image).line([tuple(p) for p in points], fill=color, width=int(rng.integers(6, 14)), joint="curve")
    return jpeg(image, rng)


@kind
def boxed_by_hand(marks: Marks, rng: Random) -> bytes:
    image, color, x, y, size = on_paper(marks, rng, (380, 520), (200, 320))
    half = size * rng.uniform(0.65, 0.85)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * half + [x, y]
    corners += rng.uniform(-0.05, 0.05, corners.shape) * half
    ImageDraw.Draw(image).line([tuple(p) for p in corners], fill=color, width=int(rng.integers(6, 14)), joint="curve")
    return jpeg(image, rng)


@kind
def underlined(marks: Marks, rng: Random) -> bytes:
    image, color, x, y, size = on_paper(marks, rng, (380, 520), (200, 340))
    below, reach = y + size * rng.uniform(0.56, 0.7), size * rng.uniform(0.35, 0.7)
    for line in range(1 if rng.random() < 0.7 else 2):
        level = below + 26 * line
        ends = [(x - reach, level + rng.uniform(-8, 8)), (x + reach, level + rng.uniform(-8, 8))]
        ImageDraw.Draw(image).line(ends, fill=color, width=int(rng.integers(6, 14)))
    return jpeg(image, rng)


@kind
def figure_with_axes(marks: Marks, rng: Random) -> bytes:
    """As plt.imshow shows a digit of 28 pixels."""
    digit = screen(marks, rng, (560, 560)).convert("L").point(lambda level: 255 - level).resize((28, 28), Image.Resampling.BOX)
    colors = rng.choice(["gray", "gray_r", "viridis"])
    level = np.asarray(digit, np.float32)[..., None] / 255
    dark, light = {"gray": ("black", "white"), "gray_r": ("white", "black"), "viridis": ("#440154", "#fde725")}[colors]
    shown = np.uint8(level * ImageColor.getrgb(light) + (1 - level) * ImageColor.getrgb(dark))
    image, draw_at = Image.new("RGB", (640, 480), "white"), (144, 58)
    image.paste(Image.fromarray(shown).resize((368, 368), Image.Resampling.NEAREST), draw_at)
    draw = ImageDraw.Draw(image)
    draw.rectangle((144, 58, 512, 426), outline=(0, 0, 0))
    for tick in range(0, 28, 5):
        at = 144 + 368 * (tick + 0.5) / 28
        draw.line((at, 426, at, 430), fill=0)
        draw.text((at - 3, 434), str(tick), fill=0)
        draw.line((140, at - 86, 144, at - 86), fill=0)
        draw.text((124, at - 92), str(tick), fill=0)
    if rng.random() < 0.6:
        draw.text((300, 40), "Label: ?", fill=0)
    return encoded(image, "JPEG", quality=90) if rng.random() < 0.5 else encoded(image)


@kind
def glare(marks: Marks, rng: Random) -> bytes:
    """On a whiteboard, a lamp's reflection over part of the digit."""
    board = uneven(paper((1200, 900), rng, (205, 206, 208)), rng)
    x, y, size = rng.uniform(450, 750), rng.uniform(380, 520), rng.uniform(280, 440)
    color = [(190, 40, 45), (40, 60, 170), (30, 30, 34), (20, 110, 60)][rng.integers(4)]
    image = written(board, marks, x, y, size, color, pen=int(rng.integers(2, 7)))
    rows, columns = np.mgrid[:900, :1200].astype(np.float32)
    angle, away, width = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.6) * size, rng.uniform(0.25, 0.45) * size
    apart = np.hypot(columns - x - away * np.cos(angle), (rows - y - away * np.sin(angle)) * 1.4)
    lamp = rng.uniform(0.4, 0.72) * np.exp(-np.square(apart / width))[..., None]
    pixels = np.asarray(image, np.float32)
    return jpeg(Image.fromarray(np.uint8(pixels + (255 - pixels) * lamp)), rng)


@kind
def thick_marker_cropped_tight(marks: Marks, rng: Random) -> bytes:
    size = 600
    image = written(paper((900, 900), rng), marks, 450, 450, size, (20, 20, 26), pen=int(rng.integers(20, 34)))
    inked = Image.fromarray(np.uint8(np.asarray(image.convert("L")) < 100) * 255).getbbox()
    edges = [side + sign * int(rng.integers(4, 40)) for side, sign in zip(inked, (-1, -1, 1, 1), strict=True)]
    return jpeg(uneven(image.crop(edges), rng), rng)


def lined(marks: Marks, rng: Random, squared: bool) -> bytes:
    image = paper((1200, 900), rng)
    draw, gap = ImageDraw.Draw(image), rng.uniform(70, 140)
    tilt, start = rng.uniform(-0.04, 0.04), rng.uniform(0, 60)
    color = [(120, 140, 190), (150, 150, 160), (110, 120, 180)][rng.integers(3)]
    width = int(rng.integers(2, 4))
    levels = np.arange(start, 1300, gap)
    for level in levels:
        draw.line((0, level, 1200, level + 1200 * tilt), fill=color, width=width)
        if squared:
            draw.line((level, 0, level - 900 * tilt, 900), fill=color, width=width)
    size, x = gap * rng.choice([1, 2, 3]) * rng.uniform(0.95, 1.05), rng.uniform(400, 800)
    size = max(size, 130)
    y = levels[np.argmin(np.abs(levels - 450))] + x * tilt + size / 2 * rng.choice([-1, 1])  # top or bottom on a rule
    image = written(image, marks, x, y, size, ink_color(rng), pen=int(rng.integers(0, 3)))
    return jpeg(uneven(image, rng), rng)


KINDS["stroke_along_a_rule"] = partial(lined, squared=False)
KINDS["squared_paper"] = partial(lined, squared=True)


@kind
def few_bits_in_sixteen(marks: Marks, rng: Random) -> bytes:
    bits = int(rng.choice([10, 12]))
    gray = np.asarray(screen(marks, rng, (280, 280)).convert("L"), np.uint16)
    return encoded(Image.fromarray(gray << (bits - 8)), str(rng.choice(["PNG", "TIFF"])))


@kind
def sixteen_bits_turned(marks: Marks, rng: Random) -> bytes:
    gray = np.asarray(screen(marks, rng, (280, 280)).convert("L"), np.uint16) * 257
    exif = Image.Exif()
    exif[0x0112], turns = [(6, 1), (8, 3), (3, 2)][rng.integers(3)]
    return encoded(Image.fromarray(np.ascontiguousarray(np.rot90(gray, turns))), str(rng.choice(["PNG", "TIFF"])), exif=exif)


@kind
def blank_first_frame(marks: Marks, rng: Random) -> bytes:
    image = screen(marks, rng, (280, 280))
    blank = [Image.new("RGB", image.size, "white")] * int(rng.integers(1, 4))
    return encoded(blank[0], str(rng.choice(["GIF", "WEBP", "PNG", "TIFF"])), save_all=True, append_images=[*blank[1:], image])


@kind
def ink_as_bright_as_its_ground(marks: Marks, rng: Random) -> bytes:
    pairs = [("#ff0000", "#008200"), ("#c83c3c", "#3c833c"), ("#006eff", "#cd3c32"), ("#ffeb00", "#ffffff")]
    ink, ground = map(ImageColor.getrgb, pairs[rng.integers(4)])
    if rng.random() < 0.4:
        ink, ground = ground, ink
    image = written(Image.new("RGB", (500, 500), ground), marks, rng.uniform(220, 280), rng.uniform(220, 280),
                    rng.uniform(200, 380), ink)  # fmt: skip
    return encoded(image, "JPEG", quality=90) if rng.random() < 0.5 else encoded(image)
