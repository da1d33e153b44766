"""What the page's worker calls: the only Python that knows the page.

The worker writes a drawing at `pixels_address`, calls `answer(kind, values)`, and copies the floats out: see `exchange`.
"""

from __future__ import annotations

import json

from web import exchange
from web.page import Page

_page = Page()

REQUESTS = {
    "open": _page.open,
    "read": _page.read,
}
"""The kinds of request that js/worker.js passes on, and what answers each."""

pixels_address = exchange.address(exchange.pixels)


def answer(kind: str, values: str) -> str:
    """Answer one request; `values` are its named arguments as JSON, and the answer is `exchange.pack`'s JSON.

    What is wrong with the request itself (a ValueError or an OSError) becomes `{"error": sentence}`.
    """
    try:
        return exchange.pack(REQUESTS[kind](**json.loads(values)))
    except (ValueError, OSError) as error:
        return json.dumps({"error": str(error)})
