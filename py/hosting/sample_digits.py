"""Some of MNIST's test digits for the page to try: plain ones, and ones that networks get wrong."""

from __future__ import annotations

import base64
import json
from pathlib import Path

INDICES = Path(__file__).with_name("sample_digits.json")
HEADERS = {"t10k-images-idx3-ubyte": 16, "t10k-labels-idx1-ubyte": 8}  # bytes before the first digit
DIGIT = 28 * 28


def read(mnist: Path) -> bytes:
    """`{"samples": [{"index", "label", "pixels"}, …]}`, pixels being 28×28 bytes in base64; none where MNIST is not."""
    images, labels = (mnist / name for name in HEADERS)
    if not (images.exists() and labels.exists()):
        return json.dumps({"samples": []}).encode()
    samples = []
    with images.open("rb") as image_file, labels.open("rb") as label_file:
        for index in json.loads(INDICES.read_text(encoding="utf-8"))["indices"]:
            image_file.seek(HEADERS[images.name] + index * DIGIT)
            label_file.seek(HEADERS[labels.name] + index)
            pixels = base64.b64encode(image_file.read(DIGIT)).decode()
            samples.append({"index": index, "label": label_file.read(1)[0], "pixels": pixels})
    return json.dumps({"samples": samples}).encode()
