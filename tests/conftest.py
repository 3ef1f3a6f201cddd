"""What holds for the whole session: a compiled cache of its own, and no windows."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
UNUSED_FOR = 3600.0  # seconds; longer than any session that might still be running

os.environ["MPLBACKEND"] = "Agg"

# The same examples in every run, and no deadline: a first call may compile.
settings.register_profile("seqest", derandomize=True, deadline=None, database=None)
settings.load_profile("seqest")


def cache_folder() -> Path:
    """Return a folder named by the package's sources."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "seqest").rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return ROOT / ".cache" / f"numba-{digest.hexdigest()[:16]}"


def use_cache(folder: Path) -> None:
    """Have Numba compile into `folder`, and delete the caches of older sources."""
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    for other in folder.parent.glob("numba-*"):
        with suppress(FileNotFoundError):  # another session may be deleting it
            if time.time() - other.stat().st_mtime > UNUSED_FOR:
                shutil.rmtree(other, ignore_errors=True)


# Numba reads the variable when it is imported. The workers of pytest-xdist inherit it,
# so that all of them share one folder even if a source is edited meanwhile.
if "PYTEST_XDIST_WORKER" not in os.environ:
    use_cache(cache_folder())
