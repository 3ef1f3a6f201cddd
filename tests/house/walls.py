"""How large things may be: modules, function bodies, and the words about them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from statistics import median

from tests.house.source import Documented, Function, Source, docstring, span

MODULE_WALL, MODULE_MEDIAN = 500, 150  # lines
BODY_WALL, BODY_MEDIAN = 50, 10  # lines, without the docstring
ONE_FUNCTION = 60  # lines; a file of one short function is mostly its contract


def modules_stay_within_the_wall(sources: Sequence[Source]) -> Iterator[str]:
    """Yield modules that are too long."""
    for source in sources:
        if source.n_lines > MODULE_WALL:
            yield source.at(1, f"{source.n_lines} lines; the wall is {MODULE_WALL}")


def the_median_module_is_short(sources: Sequence[Source]) -> Iterator[str]:
    """Yield the median length of modules, if it is too long."""
    lengths = [source.n_lines for source in sources if not source.is_front]
    if lengths and median(lengths) > MODULE_MEDIAN:
        yield f"the median module has {median(lengths):g} lines, over {MODULE_MEDIAN}"


def functions_stay_within_the_wall(sources: Sequence[Source]) -> Iterator[str]:
    """Yield functions whose body is too long."""
    for source in sources:
        for function in source.functions():
            length = body_length(function)
            if length > BODY_WALL:
                message = f"{function.name} has a body of {length} lines"
                yield source.at(function.lineno, f"{message}; the wall is {BODY_WALL}")


def the_median_function_is_short(sources: Sequence[Source]) -> Iterator[str]:
    """Yield the median length of function bodies, if it is too long."""
    lengths = [body_length(f) for source in sources for f in source.functions()]
    if lengths and median(lengths) >= BODY_MEDIAN:
        yield f"the median body has {median(lengths):g} lines, not under {BODY_MEDIAN}"


def docstrings_fill_half_a_file_at_most(sources: Sequence[Source]) -> Iterator[str]:
    """Yield modules with more docstring than anything else."""
    for source in sources:
        if source.is_front or source.n_lines <= ONE_FUNCTION:
            continue
        words = docstring_lines(source)
        if 2 * words > source.n_lines:
            yield source.at(1, f"{words} of {source.n_lines} lines are docstrings")


def body_length(function: Function) -> int:
    """Return the lines of a function's body without its docstring."""
    body = function.body[1:] if docstring(function) else function.body
    return span(body[0], body[-1]) if body else 0


def docstring_lines(source: Source) -> int:
    """Return the lines of all docstrings of a module."""
    nodes = (node for node in ast.walk(source.tree) if isinstance(node, Documented))
    found = (docstring(node) for node in nodes)
    return sum(span(words, words) for words in found if words)
