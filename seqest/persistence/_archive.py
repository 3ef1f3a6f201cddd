"""Models in files of skops' format, which holds data and no code."""

from __future__ import annotations

import io
import json
import os
import warnings
from collections.abc import Collection, Iterable
from importlib.metadata import version
from pathlib import Path
from textwrap import shorten
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from sklearn.base import BaseEstimator

from seqest._files import replace_file
from seqest._validation import worded
from seqest.persistence._names import UntrustedError, full_name, is_harmless
from seqest.persistence._packing import pack, unpack

__all__ = ["load", "save"]

ABOUT = "seqest.json"  # the member that says who wrote a file
FORM = 1  # of what is packed; raised when older versions could not unpack it
Path_ = str | os.PathLike[str]


def save(estimator: Any, path: Path_) -> None:
    """Write an estimator to a file.

    The file holds arrays, numbers and names, in the format of skops; no code. It is
    written beside `path` and then put in its place: a failure leaves what was there.

    Parameters
    ----------
    estimator : estimator
        An estimator or forecaster of seqest, or a Pipeline or search that holds one;
        fitted or not.
    path : str or path
        Where to; by custom it ends in ".skops".

    Raises
    ------
    ImportError
        Without skops.
    TypeError
        If it is no estimator, or holds something that a file cannot, such as a lambda.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile, seqest
    >>> x = seqest.datasets.mackey_glass(300, random_state=0)[:, None]
    >>> model = seqest.ESNRegressor(50, random_state=0).fit(x[:-1], x[1:, 0])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     seqest.save(model, f"{folder}/model.skops")
    ...     again = seqest.load(f"{folder}/model.skops")
    >>> abs(again.predict(x) - model.predict(x)).max().item()
    0.0
    """
    skops = _skops("seqest.save")
    path = Path(path)
    if isinstance(estimator, type) or not isinstance(estimator, BaseEstimator):
        rule = "an estimator, such as an ESNRegressor or a Pipeline"
        raise TypeError(worded("seqest.save", "estimator", estimator, rule))
    try:
        data = skops.dumps(pack(estimator), compression=ZIP_DEFLATED)
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        raise TypeError(
            f"seqest.save: {type(estimator).__name__} holds what a file cannot: "
            f"{str(error).rstrip('.')}. Functions and classes must be in a module, "
            "under their names."
        ) from error
    buffer = io.BytesIO(data)
    with ZipFile(buffer, "a") as archive:
        about = {"form": FORM, "seqest": version("seqest")}
        archive.writestr(ABOUT, json.dumps(about))
    replace_file(path, buffer.getvalue())


def load(path: Path_, *, trusted: Iterable[str | type] = ()) -> Any:
    """Read an estimator from a file that `save` has written.

    Nothing in the file is run: it names types, and those that are not of seqest, of
    scikit-learn's estimators or plain data are refused. What was loaded answers as the
    estimator did that was saved. A file can still hold a useless model, or one whose
    numbers make a compiled loop read where it should not: use files whose origin you
    know.

    Parameters
    ----------
    path : str or path
        The file.
    trusted : iterable of str or type, default=()
        Further types, functions and kernels that may be in it, by full name such as
        ``"mymodule.MyRegressor"``: your own, and the trees of scikit-learn's forests
        and boosted trees, whose indices are not checked when they predict.

    Returns
    -------
    estimator
        The estimator.

    Raises
    ------
    ImportError
        Without skops.
    OSError
        If the file cannot be read.
    TypeError
        If `trusted` holds no names and types.
    ValueError
        If the file is damaged, was not written by `save`, was written by a later
        version in a form that this one does not know, or holds types that are not
        trusted; the message names them.

    Warns
    -----
    UserWarning
        If another version of seqest has written it.

    Examples
    --------
    >>> import tempfile, seqest
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     seqest.save(seqest.ESNRegressor(leak_rate=0.3), f"{folder}/model.skops")
    ...     seqest.load(f"{folder}/model.skops").leak_rate
    0.3
    """
    skops = _skops("seqest.load")
    names = _trusted_names(trusted)
    data = Path(path).read_bytes()
    origin = _origin(path, data)
    try:
        unknown = set(skops.get_untrusted_types(data=data)) - names
        harmless = set(filter(is_harmless, unknown))
    except Exception as error:
        raise _damaged(path, error, origin) from error
    if unknown - harmless:
        raise _untrusted(path, unknown - harmless, origin)
    try:
        found = unpack(skops.loads(data, trusted=sorted(harmless | names)), names)
    except UntrustedError as error:
        raise _untrusted(path, error.names, origin) from error
    except Exception as error:
        raise _damaged(path, error, origin) from error
    if not isinstance(found, BaseEstimator):
        raise _damaged(path, TypeError(f"it holds a {type(found).__name__}"), origin)
    return found


def _skops(caller: str) -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise ImportError(
            f"{caller} needs skops: pip install 'seqest[save]'."
        ) from error
    return skops.io


def _trusted_names(trusted: Any) -> set[str]:
    rule = "a list of types, or of their full names"
    if isinstance(trusted, str | type | bool) or not isinstance(trusted, Iterable):
        raise TypeError(worded("seqest.load", "trusted", trusted, rule))
    given = list(trusted)
    if not all(isinstance(own, str | type) or callable(own) for own in given):
        raise TypeError(worded("seqest.load", "trusted", given, rule))
    return {own if isinstance(own, str) else full_name(own) for own in given}


def _origin(path: Path_, data: bytes) -> str:
    """Return the version of seqest that wrote a file; warn if it is another.

    Raises
    ------
    ValueError
        If no version that is known here did.
    """
    ours = version("seqest")
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            about = json.loads(archive.read(ABOUT))
        form, theirs = int(about["form"]), str(about["seqest"])
    except Exception as error:
        raise _damaged(path, error, ours) from error
    if form > FORM:
        raise ValueError(
            f"{path} was saved by seqest {theirs}, in a form that seqest {ours} does "
            "not know. Upgrade seqest, or save the model by this version."
        )
    if theirs != ours:
        warnings.warn(
            f"{path} was saved by seqest {theirs} and is read by seqest {ours}: what "
            "it answers may differ. Compare, or fit it again.",
            UserWarning,
            stacklevel=3,
        )
    return theirs


def _damaged(path: Path_, error: Exception, origin: str) -> ValueError:
    reason = shorten(f"{type(error).__name__}: {error}", 120).rstrip(".")
    remedy = "Save the model again."
    if origin != version("seqest"):
        remedy = f"It was saved by seqest {origin}: read it by that version."
    return ValueError(f"{path} is no whole file of seqest.save ({reason}). {remedy}")


def _untrusted(path: Path_, unknown: Collection[str], origin: str) -> ValueError:
    names, ours = sorted(unknown), version("seqest")
    other = "" if origin == ours else f" seqest {origin}, which wrote it, may."
    return ValueError(
        f"{path} holds types that seqest does not trust: {', '.join(names)}.{other} If "
        "you know them, and who wrote the file, name them: "
        f"seqest.load(path, trusted={names})."
    )
