"""Some of MNIST's test digits for the page to try: ordinary ones, and ones that networks get wrong."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from vendoring.vendor import Vendor, VendorError

INDICES = Path(__file__).with_name("sample_digits.json")
IMAGES, LABELS = "mnist/t10k-images-idx3-ubyte", "mnist/t10k-labels-idx1-ubyte"
IMAGES_HEADER, LABELS_HEADER = 16, 8  # bytes before the first digit
DIGIT = 28 * 28


def read(vendor: Vendor) -> bytes:
    """`{"samples": [{"index", "label", "pixels"}, …]}`, pixels as 28×28 bytes in base64; no samples without MNIST."""
    try:
        images, labels = vendor.find(IMAGES), vendor.find(LABELS)
    except VendorError:
        images = labels = None
    if images is None or labels is None:
        return json.dumps({"samples": []}).encode()
    samples = []
    with images.open("rb") as image_file, labels.open("rb") as label_file:
        for index in json.loads(INDICES.read_text(encoding="utf-8"))["indices"]:
            image_file.seek(IMAGES_HEADER + index * DIGIT)
            label_file.seek(LABELS_HEADER + index)
            pixels = base64.b64encode(image_file.read(DIGIT)).decode()
            samples.append({"index": index, "label": label_file.read(1)[0], "pixels": pixels})
    return json.dumps({"samples": samples}).encode()
