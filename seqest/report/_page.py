"""The page: one HTML file that holds all it needs."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from seqest.forecasting._calendar import shown_time
from seqest.report._charts import chart_data, pictures_of
from seqest.report._findings import Findings
from seqest.report._tables import (
    forecast_table,
    parameter_table,
    score_table,
    test_table,
)

__all__ = ["page_of"]

# Nothing is fetched: whatever stands here stands in the file.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:"
)
PACKAGES = ("seqest", "numpy", "pandas", "scikit-learn", "scipy", "statsmodels")
Pictures = Mapping[str, Sequence[tuple[str, str]]]


def page_of(found: Findings, title: str, command: str, script: str) -> str:
    """Return a page.

    Parameters
    ----------
    found : Findings
        What it tells.
    title : str
        What it is called.
    command : str
        What makes it again.
    script : str
        The code of the plotting library.
    """
    pictures, here = pictures_of(found), files("seqest.report")
    style, own = ((here / f"page.{end}").read_text("utf-8") for end in ("css", "js"))
    body = "\n".join(_body(found, title, command, pictures))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="generator" content="seqest {version("seqest")}">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style>
{style}</style>
</head>
<body>
<main>
{body}
</main>
<script type="application/json" id="data">{chart_data(found)}</script>
<script>{script}</script>
<script>
{own}</script>
</body>
</html>
"""


def _body(
    found: Findings, title: str, command: str, pictures: Pictures
) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    yield f'<p class="under">{escape(_under(found))}</p>'
    told = [*found.summary, *found.judged[:2]]
    yield f'<div class="brief">{_paragraphs(told)}</div>'
    yield "<h2>Forecast</h2>"
    yield _controls(found)
    yield _chart("forecast", pictures, "")
    yield _details("The forecast in numbers", forecast_table(found))
    yield "<h2>How good it has been</h2>"
    yield _paragraphs(found.judged)
    if found.trial is not None:
        yield _chart("scores", pictures, " low")
        yield score_table(found)
    yield "<h2>What it missed</h2>"
    yield _paragraphs(found.left or ["There are too few errors to judge."])
    if any(len(curve.residuals.dropna()) for curve in found.curves):
        yield _chart("residuals", pictures, " low")
    yield _details("The tests", test_table(found))
    yield "<h2>How it was made</h2>"
    yield _paragraphs(found.chosen)
    yield f"<pre>{escape(command)}</pre>"
    yield _details("Parameters", parameter_table(found.model))
    yield f"<footer>{escape(_made())}</footer>"


def _under(found: Findings) -> str:
    index = found.y.index
    times, n_rows = index.get_level_values(-1), len(found.y)
    first, last = shown_time(times.min()), shown_time(times.max())
    n_steps = found.result.mean.shape[1]
    n_series = len(index.droplevel(-1).unique()) if index.nlevels > 1 else 1
    of = f" of {n_series} series" if n_series > 1 else ""
    seen = f"{n_rows:,} rows{of}, {first} to {last}"
    return f"{seen}; the next {n_steps} are forecast by {_named(found.model)}."


def _named(model: Any) -> str:
    regressor = getattr(model, "regressor_", None)
    own = type(model).__name__
    return own if regressor is None else f"{own} with {type(regressor).__name__}"


def _paragraphs(sentences: Iterable[str]) -> str:
    return "\n".join(f"<p>{escape(own)}</p>" for own in sentences)


def _controls(found: Findings) -> str:
    parts = []
    if len(found.curves) > 1:
        options = "".join(
            f'<option value="{k}">{escape(curve.name)}</option>'
            for k, curve in enumerate(found.curves)
        )
        parts.append(f'<label>Series <select id="curve">{options}</select></label>')
    for level in found.levels:
        name = f"{100 * level:g}"
        box = f'<input type="checkbox" data-level="{name}" checked>'
        parts.append(f"<label>{box} {name} %</label>")
    parts.append('<label><input type="checkbox" id="whole"> all rows</label>')
    more = found.n_curves - len(found.curves)
    if more:
        parts.append(f"<span>{more} more series have no chart.</span>")
    return f'<div class="controls">{"".join(parts)}</div>'


def _chart(name: str, pictures: Pictures, size: str) -> str:
    still = "".join(
        f'<img src="{address}" alt="{escape(said)}">'
        for said, address in pictures[name]
    )
    live = f'<div class="live{size}" id="{name}"></div>'
    return f'<figure>{live}<div class="still">{still}</div></figure>'


def _details(title: str, content: str) -> str:
    if not content:
        return ""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def _made() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return f"Made {when} by {packages}, on Python {platform.python_version()}."
