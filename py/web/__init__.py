"""What the page's worker calls: the only Python that knows the page.

The worker writes a drawing at `pixels_address`, calls `answer(kind, values)`, and copies the floats out: see `shared_memory`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from web import inside, shared_memory
from web.page_requests import Page

_page = Page()
TRAINING_REQUESTS = ("plan", "begin", "advance", "change_learning_rate", "pictures", "checkpoint", "network")


def _train(request: str, **values: Any) -> dict[str, Any]:
    """A request to the training room, which only the worker that trains needs to import."""
    from web import training_requests as training

    asked = training if request in ("plan", "begin") else training.current()
    answered: dict[str, Any] = getattr(asked, request)(**values)
    return answered


REQUESTS: dict[str, Callable[..., Any]] = {
    "open": _page.open,
    "read": _page.read,
    "picture": _page.picture,
    "read_picture": _page.read_picture,
    "check_gradients": _page.check_gradients,
    "sources": inside.sources,
    **{name: partial(_train, name) for name in TRAINING_REQUESTS},
}
"""The kinds of request that js/python/worker.js passes on, and what answers each."""

pixels_address = shared_memory.address(shared_memory.pixels)


def answer(kind: str, values: str) -> str:
    """Answer one request; `values` are its named arguments as JSON, and the answer is `shared_memory.pack`'s JSON.

    What is wrong with the request itself (a ValueError or an OSError) becomes `{"error": sentence}`.
    """
    try:
        return shared_memory.pack(REQUESTS[kind](**json.loads(values)))
    except (ValueError, OSError) as error:
        return json.dumps({"error": str(error)})
