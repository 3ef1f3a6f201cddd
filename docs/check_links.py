"""Follow every link inside the built site: `python docs/check_links.py SITE`.

Pages, pictures, scripts and places on pages that a link names must be there, and
nothing may be asked of another machine but by a link that a reader follows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The places of a page, its links, and what it loads by itself."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names and asks for."""
        values = {name: value or "" for name, value in attrs}
        self.places |= {values[name] for name in ("id", "name") if name in values}
        loads = "src" in values or (tag == "link" and values.get("rel") == "stylesheet")
        for name in ("href", "src"):
            if values.get(name):
                (self.loaded if loads else self.links).append(values[name])


def broken(root: Path) -> Iterator[str]:
    """Yield what leads nowhere, with the page that it stands on."""
    files = [
        path for path in sorted(root.rglob("*.html")) if "_static" not in path.parts
    ]
    pages = {path.resolve(): Page(path) for path in files}
    for path, page in pages.items():
        for target in page.loaded + page.links:
            url = urlsplit(target)
            if url.scheme or url.netloc:
                if target in page.loaded and url.scheme != "data":
                    yield f"{path.relative_to(root.resolve())} loads {target}"
                continue
            file = (path.parent / unquote(url.path)).resolve() if url.path else path
            place = unquote(url.fragment)
            there = file.is_file() and (
                not place or file not in pages or place in pages[file].places
            )
            if not there:
                yield f"{path.relative_to(root.resolve())} links to {target}"


def main(arguments: Sequence[str]) -> int:
    """Print what is broken; the status tells whether anything is."""
    found = list(broken(Path(arguments[0])))
    sys.stdout.writelines(f"{line}\n" for line in found)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
