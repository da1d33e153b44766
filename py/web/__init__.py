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


def _form(request: str, **values: Any) -> Any:
    """A request of the training room's form; its modules are imported when it is first asked for."""
    from web import training_form

    return getattr(training_form, request)(**values)


def _train(request: str, **values: Any) -> Any:
    """A request that only the worker that trains needs to import."""
    from web import training_requests

    return getattr(training_requests if request == "begin" else training_requests.current(), request)(**values)


def _edit(request: str, **values: Any) -> Any:
    """A request of the room Code, which has a worker of its own."""
    from web import edited_code

    return getattr(edited_code.current(), request)(**values)


def _lesson(**values: Any) -> Any:
    """The numbers of a chapter of the room Learn; its module is imported when it is first asked for."""
    from web import lesson_requests

    return lesson_requests.lesson(_page.recognizer, **values)


REQUESTS: dict[str, Callable[..., Any]] = {
    "open": _page.open,
    "read": _page.read,
    "picture": _page.picture,
    "read_picture": _page.read_picture,
    "number": _page.number,
    "number_picture": _page.number_picture,
    "read_place": _page.read_place,
    "check_gradients": _page.check_gradients,
    "sources": inside.sources,
    "lesson": _lesson,
    **{name: partial(_form, name) for name in ("training_form", "plan")},
    **{
        name: partial(_train, name)
        for name in ("begin", "advance", "change_learning_rate", "pictures", "checkpoint", "network")
    },
    **{name: partial(_edit, name) for name in ("editable", "exercises", "diff", "apply")},
    **{f"{name}_edited": partial(_edit, name) for name in ("read", "check", "curve", "exercise", "console", "complete")},
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
    except MemoryError:
        return json.dumps({"error": "Python ran out of memory: use a smaller network or batch, or close other tabs"})
