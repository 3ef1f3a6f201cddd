"""Tables in whatever form people keep them."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from seqest.cli._table import read_table

ROWS = [("2020-01-01", "1.5", "a, b"), ("2020-01-02", "2.5", "c")]
NAMES = ("day", "y", "what")


def written(folder: Path, content: bytes, name: str = "table.csv") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def lines(delimiter: str, end: str = "\n") -> str:
    quoted = [[f'"{cell}"' if "," in cell else cell for cell in row] for row in ROWS]
    return end.join(map(delimiter.join, [NAMES, *quoted])) + end


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_told_from_the_lines(
    delimiter: str, end: str, tmp_path: Path
) -> None:
    table = read_table(written(tmp_path, lines(delimiter, end).encode()))
    assert table.delimiter == delimiter
    assert table.cells.columns.tolist() == list(NAMES)
    assert [tuple(row) for row in table.cells.to_numpy()] == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_of_other_languages_are_read(encoding: str, tmp_path: Path) -> None:
    text = "día;größe\n2020-01-01;1\n"
    table = read_table(written(tmp_path, text.encode(encoding)))
    assert table.cells.columns.tolist() == ["día", "größe"]


def test_what_is_written_tells_the_form_and_not_the_name(tmp_path: Path) -> None:
    records = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    frame, buffer = pd.DataFrame(records), io.BytesIO()
    frame.set_index("day").to_parquet(buffer)
    one_a_line = "\n".join(map(json.dumps, records)) + "\n\n"
    for content, form in (
        (one_a_line.encode(), "JSON lines"),
        (json.dumps(records).encode(), "JSON lines"),
        (buffer.getvalue(), "Parquet"),
        (gzip.compress(lines(";").encode()), "semicolon separated"),
        (b"sep=;\n" + lines(";").encode(), "semicolon separated"),
    ):
        table = read_table(written(tmp_path, content, "table.txt"))
        assert table.form == form
        pd.testing.assert_frame_equal(table.cells, frame, check_dtype=False)


def test_a_pipe_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe:
        buffer = io.BytesIO(lines(",").encode())

        def isatty(self) -> bool:
            return False

    monkeypatch.setattr("sys.stdin", Pipe())
    table = read_table("-")
    assert table.name == "standard input"
    assert len(table.cells) == 2


def test_empty_columns_and_short_rows_are_no_harm(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b'"V1","V2",\n1,2,\n\n3,4,\n'))
    assert table.cells.columns.tolist() == ["V1", "V2"]
    assert len(table.cells) == 2
    table = read_table(written(tmp_path, b"a,b,c\n1,2\n3,4,5\n"))
    assert table.cells["c"].tolist() == ["", "5"]


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "table.csv is empty"),
    "blanks": (b" \n\n", "table.csv is empty"),
    "no rows": (b"day,y\n", "no rows below"),
    "no names": (b"2020-01-01,5\n2020-01-02,6\n", "no column names.*'2020-01-01,5'"),
    "bytes": (bytes(range(256)), "holds binary data"),
    "more fields": (b"day,y\n1,2\n2,3,4\n", "line 3, has 3 fields, but .* 2 columns"),
    "twice": (b"day,y,y\n1,2,3\n", "two columns 'y'"),
    "half a line": (b'{"a": 1}\n{"a":\n', "line 2, is no JSON"),
    "half a list": (b'[{"a": 1}', "is no JSON"),
    "nested": (b'{"a": [1]}\n', "record 1, is no object of plain"),
    "half Parquet": (b"PAR1" + b"\0" * 20, "no Parquet that can be read"),
    "half gzip": (gzip.compress(b"a,b\n1,2\n")[:12], "cannot be unpacked"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    content, words = REFUSED[name]
    with pytest.raises(ValueError, match=words) as caught:
        read_table(written(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_a_delimiter_can_be_given(tmp_path: Path) -> None:
    table: Any = read_table(written(tmp_path, b"day:y\n1:2\n"), ":")
    assert table.cells.to_numpy().tolist() == [["1", "2"]]
