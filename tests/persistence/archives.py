"""Archives as an attacker, or a bad disk, would leave them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

__all__ = ["members", "node", "packed", "rewritten"]

Members = dict[str, bytes]


def members(path: Path) -> Members:
    """Return what is in an archive."""
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Members) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def rewritten(path: Path, member: str, change: Callable[[Any], Any]) -> Path:
    """Write an archive again, one of its members of JSON changed."""
    parts = members(path)
    parts[member] = json.dumps(change(json.loads(parts[member]))).encode()
    path.write_bytes(packed(parts))
    return path


def node(loader: str, name: str, **content: Any) -> dict[str, Any]:
    """Return a node of skops' schema that asks for what `name` says."""
    module, _, last = name.rpartition(".")
    return {"__loader__": loader, "__module__": module, "__class__": last, **content}
