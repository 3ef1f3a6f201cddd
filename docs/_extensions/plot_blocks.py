"""Let a page of Markdown hold a picture and the code that draws it, as {plot}.

matplotlib's directive puts lines of reStructuredText where it stands, which only a page
of that language takes. So each block is handed on as a piece of it.
"""

from __future__ import annotations

import re
from textwrap import indent
from typing import Any

BLOCK = re.compile(r"^```\{plot\}\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def _as_directive(block: re.Match[str]) -> str:
    return "```{eval-rst}\n.. plot::\n" + indent(block[1], "   ") + "```"


def _read(app: Any, page: str, source: list[str]) -> None:
    source[0] = BLOCK.sub(_as_directive, source[0])


def setup(app: Any) -> dict[str, bool]:
    """Join the build."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}
