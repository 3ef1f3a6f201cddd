"""A table from a file or a pipe, in whatever form it is written."""

from __future__ import annotations

import codecs
import csv
import gzip
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pandas as pd

__all__ = ["Table", "read_table"]

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
FEW = 50  # lines that tell the delimiter


@dataclass(frozen=True, eq=False)
class Table:
    """What was read.

    Attributes
    ----------
    cells : DataFrame
        Columns of text as written, or of types where the file knows these.
    name : str
        What errors call it.
    form : str
        How it is written, in words.
    delimiter : str
        What separates fields; nothing in files that need none.
    """

    cells: pd.DataFrame
    name: str
    form: str
    delimiter: str = ""


def read_table(source: str, delimiter: str | None = None) -> Table:
    """Read CSV, TSV, JSON lines or Parquet, whichever the content is.

    Parameters
    ----------
    source : str
        A path, or "-" for standard input; gzip is unpacked.
    delimiter : str, optional
        What separates fields; by default it is told from the first lines.

    Returns
    -------
    Table
        Columns with names of their own, and one row at least.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        If it holds no table; the message says what it holds.
    """
    name, raw = _content_of(source)
    if raw[:4] == b"PAR1":
        return _required(_parquet(name, raw))
    text = _decoded(name, raw)
    first = text.lstrip()[:1]
    if not first:
        raise ValueError(f"{name} is empty: it needs a line of column names, and rows.")
    if first in "{[" and delimiter is None:
        return _required(_json(name, text))
    return _required(_delimited(name, text, delimiter))


def _content_of(source: str) -> tuple[str, bytes]:
    if source == "-":
        if sys.stdin.isatty():
            raise ValueError("nothing is piped in: name a file, or pipe a table in.")
        name, raw = "standard input", sys.stdin.buffer.read()
    else:
        path = Path(source)
        name, raw = path.name, path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError) as error:
            raise ValueError(f"{name} cannot be unpacked: {error}.") from None
    return name, raw


def _decoded(name: str, raw: bytes) -> str:
    for mark, encoding in MARKS.items():
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    if b"\0" in raw[:65536]:
        raise ValueError(
            f"{name} is no table: it holds binary data. "
            "Give CSV, TSV, JSON lines or Parquet."
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _required(table: Table) -> Table:
    """Return a table of which columns have names of their own, and which has rows."""
    cells, name = table.cells, table.name
    names = [str(own).strip() for own in cells.columns]
    twice = [own for own, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{name} has two columns {twice[0]!r}. Rename one.")
    if cells.empty:
        raise ValueError(f"{name} has column names, but no rows below them.")
    cells.columns = pd.Index(names)
    return table


def _parquet(name: str, raw: bytes) -> Table:
    try:
        cells = pd.read_parquet(BytesIO(raw))
    except ImportError as error:
        said = "Parquet needs pyarrow: pip install 'seqest[cli]'."
        raise ImportError(said) from error
    except (OSError, ValueError) as error:
        raise ValueError(f"{name} is no Parquet that can be read: {error}.") from None
    if not isinstance(cells.index, pd.RangeIndex) or cells.index.name is not None:
        cells = cells.reset_index()
    return Table(cells, name, "Parquet")


def _json(name: str, text: str) -> Table:
    records: list[Any] = []
    if text.lstrip().startswith("["):
        try:
            records = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"{name} is no JSON: {error}.") from None
    else:
        for number, line in enumerate(text.splitlines(), 1):
            try:
                records += [json.loads(line)] if line.strip() else []
            except json.JSONDecodeError as error:
                found = f"{name}, line {number}, is no JSON: {error.msg}."
                raise ValueError(f"{found} Give one object a line.") from None
    for number, record in enumerate(records, 1):
        plain = isinstance(record, dict) and not any(
            isinstance(value, dict | list) for value in record.values()
        )
        if not plain:
            raise ValueError(f"{name}, record {number}, is no object of plain values.")
    return Table(pd.DataFrame(records), name, "JSON lines")


def _delimited(name: str, text: str, delimiter: str | None) -> Table:
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    if text[:4].lower() == "sep=":  # a note of spreadsheets to themselves
        text = text.partition("\n")[2]
    if delimiter is None:
        delimiter = _delimiter_of(text)
    try:
        rows = _rows_of(name, text, delimiter)
    except csv.Error as error:
        raise ValueError(f"{name} is no table: {error}.") from None
    header, *rows = rows
    if all(_looks_like_data(cell) for cell in header if cell.strip()):
        shown = delimiter.join(header)[:60]
        raise ValueError(
            f"{name} has no column names: its first line is {shown!r}. "
            "Put a line of names before it."
        )
    names = [own.strip() or f"column {k}" for k, own in enumerate(header, 1)]
    cells = pd.DataFrame(rows, columns=names, dtype=object)
    # A delimiter at the end of each line makes a column of nothing.
    nameless = [k for k, own in enumerate(header) if not own.strip()]
    empty = [k for k in nameless if (cells.iloc[:, k] == "").all()]
    keep = [k for k in range(len(header)) if k not in empty]
    form = f"{DELIMITERS.get(delimiter, repr(delimiter))} separated"
    return Table(cells.iloc[:, keep], name, form, delimiter)


def _delimiter_of(text: str) -> str:
    """Return what splits the first lines into as many fields each, the more the better.

    Where nothing does, it is what splits the first line most.
    """
    lines = text.split("\n", FEW)[:FEW]
    best, most = ",", (False, 1)
    for mark in DELIMITERS:
        fields = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
        alike = len(set(fields)) == 1
        if fields and fields[0] > 1 and (alike, fields[0]) > most:
            best, most = mark, (alike, fields[0])
    return best


def _rows_of(name: str, text: str, delimiter: str) -> list[Sequence[str]]:
    reader = csv.reader(StringIO(text), delimiter=delimiter, skipinitialspace=True)
    rows: list[Sequence[str]] = []
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if rows and len(row) > len(rows[0]):
            if any(row[len(rows[0]) :]):
                raise ValueError(
                    f"{name}, line {reader.line_num}, has {len(row)} fields, but there "
                    f"are {len(rows[0])} columns. Quote fields with {delimiter!r} in."
                )
            row = row[: len(rows[0])]
        width = len(rows[0]) if rows else len(row)
        rows.append([*row, *[""] * (width - len(row))])
    return rows


def _looks_like_data(cell: str) -> bool:
    """Say whether a cell begins as a number or a date does, and is no name."""
    return cell.strip().lstrip("+-.,")[:1].isdigit()
