"""Files are written whole or not at all, and what cannot be saved says so."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import FunctionTransformer

import seqest
from seqest import ESNRegressor, State
from tests.persistence.models import rows


def saved(path: Path, leak_rate: float = 0.5) -> Any:
    model = ESNRegressor(9, leak_rate=leak_rate, random_state=0)
    seqest.save(model, path)
    return model


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    saved(path, 0.5)
    saved(path, 0.25)
    assert seqest.load(str(path)).leak_rate == 0.25
    assert os.listdir(tmp_path) == ["model.skops"]


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.skops"
    saved(path, 0.5)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, full)
            with pytest.raises(OSError, match="No space left"):
                saved(path, 0.25)
        assert seqest.load(path).leak_rate == 0.5
        assert os.listdir(tmp_path) == ["model.skops"]


def test_what_cannot_be_saved_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    saved(path, 0.5)
    with pytest.raises(TypeError, match="FunctionTransformer holds what a file cannot"):
        seqest.save(FunctionTransformer(lambda X: X), path)
    assert seqest.load(path).leak_rate == 0.5


def test_a_link_stays_a_link_and_a_mode_a_mode(tmp_path: Path) -> None:
    path, link = tmp_path / "model.skops", tmp_path / "link"
    saved(path, 0.5)
    path.chmod(0o640)
    link.symlink_to(path)
    saved(link, 0.25)
    assert link.is_symlink()
    assert seqest.load(path).leak_rate == 0.25
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_has_the_mode_of_other_files(tmp_path: Path) -> None:
    saved(tmp_path / "model")
    (tmp_path / "other").touch()
    assert (tmp_path / "model").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        saved(tmp_path)
    with pytest.raises(IsADirectoryError):
        seqest.load(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere"):
        saved(tmp_path / "nowhere" / "model")
    with pytest.raises(FileNotFoundError, match=r"model\.skops"):
        seqest.load(tmp_path / "model.skops")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_writable_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=str(tmp_path)):
        saved(tmp_path / "model")


@pytest.mark.parametrize(
    "value", [3, None, [1, 2], ESNRegressor, State((None,), {}), "model", np.ones(2)]
)
def test_what_is_no_estimator_is_refused(value: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"seqest\.save\(estimator=.*: must be an est"):
        seqest.save(value, tmp_path / "model")
    assert os.listdir(tmp_path) == []


def test_what_holds_itself_is_refused(tmp_path: Path) -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(TypeError, match="a list that holds itself"):
        seqest.save(ESNRegressor(readout=loop), tmp_path / "model")


def test_without_skops_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "skops", None)
    monkeypatch.setitem(sys.modules, "skops.io", None)
    words = r"needs skops: pip install 'seqest\[save\]'\."
    with pytest.raises(ImportError, match=rf"seqest\.save {words}"):
        saved(tmp_path / "model")
    with pytest.raises(ImportError, match=rf"seqest\.load {words}"):
        seqest.load(tmp_path / "model")


def test_importing_brings_no_skops() -> None:
    code = "import sys, seqest; print('skops' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_an_online_model_learns_on_as_if_it_had_not_been_saved(tmp_path: Path) -> None:
    X, y = rows()
    model = ESNRegressor(20, noise=1e-3, random_state=0).partial_fit(X[:60], y[:60])
    seqest.save(model, tmp_path / "model")
    again = seqest.load(tmp_path / "model")
    for own in (model, again):
        own.partial_fit(X[60:], y[60:])
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
