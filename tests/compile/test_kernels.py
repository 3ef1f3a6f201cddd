"""The compile decorator: fresh caches, honest floats, installs without a home."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from numba import types
from numba.extending import intrinsic

from seqest._compile import kernel, specialise


def run_python(code, **environment):
    """Run code in a new process and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", textwrap.dedent(code)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr


def test_a_kernel_from_disk_rounds_as_in_the_process_that_compiled_it(tmp_path):
    # Its parts are called from several places, and sums may be reordered.
    code = """
        import numpy as np
        from seqest.readouts import RecursiveLeastSquares

        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(200, 11)), rng.normal(size=200)
        model = RecursiveLeastSquares().fit(X, y)
        print(model.coef_.tobytes().hex())
    """
    first, again = (
        run_python(code, NUMBA_CACHE_DIR=str(tmp_path))[0] for _ in range(2)
    )
    assert first == again


def double(x):
    return 2 * x


def triple(x):
    return 3 * x


def template(x):
    return row(x)  # noqa: F821


def returned():
    return row()  # noqa: F821


def test_nan_and_infinity_are_seen():
    @kernel
    def finite(x):
        return np.isfinite(x).all()

    assert not finite(np.array([1.0, np.nan]))
    assert not finite(np.array([1.0, np.inf]))


def test_division_by_zero_gives_infinity_as_in_numpy():
    @kernel
    def divide(a, b):
        return a / b

    assert divide(1.0, 0.0) == np.inf


def test_specialisations_of_one_template_do_not_disturb_each_other():
    doubled = specialise(template, "double", row=kernel(double))
    tripled = specialise(template, "triple", row=kernel(triple))
    assert doubled(5.0) == 10.0
    assert tripled(5.0) == 15.0
    assert doubled(7) == 14


def test_a_name_the_template_does_not_use_is_refused():
    with pytest.raises(NameError, match="uses no other"):
        specialise(template, "double", row=kernel(double), other=kernel(triple))


def test_the_cache_name_changes_with_a_callee_and_only_then():
    names = [
        specialise(template, "same", row=kernel(function)).py_func.__qualname__
        for function in (double, double, triple)
    ]
    assert names[0] == names[1] != names[2]


def test_the_cache_name_changes_with_what_an_intrinsic_encloses():
    def constant(enclosed):
        @intrinsic
        def number(typing):
            def lower(context, builder, signature, arguments):
                value = enclosed if isinstance(enclosed, int) else enclosed()
                return context.get_constant(types.int64, value)

            return types.int64(), lower

        return number

    names = [
        specialise(returned, "same", row=constant(own)).py_func.__qualname__
        for own in (1, 1, 2, lambda: 1, lambda: 2)
    ]
    assert names[0] == names[1]
    assert len(set(names)) == 4


def test_an_edit_in_another_file_recompiles_its_caller(tmp_path):
    caller = """
        from seqest._compile import kernel
        from inner import inner
        @kernel
        def outer(x):
            return inner(x) + 1
        print(outer(1.0))
    """
    inner = (
        "from seqest._compile import kernel\n@kernel\ndef inner(x):\n    return {}\n"
    )
    main = tmp_path / "main.py"
    main.write_text(textwrap.dedent(caller))
    printed = []
    for expression in ("x * 10", "x * 10", "x * 20"):
        (tmp_path / "inner.py").write_text(inner.format(expression))
        code = f"import runpy; runpy.run_path({str(main)!r})"
        cache = {
            "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
            "PYTHONPATH": str(tmp_path),
        }
        printed.append(run_python(code, **cache)[0])
    assert printed == ["11.0", "11.0", "21.0"]


def test_a_second_process_loads_kernels_from_disk(tmp_path):
    code = """
        import numpy as np
        from seqest.reservoirs.kernels import compiled
        from seqest.reservoirs.products import operand
        W = operand(np.eye(3), np.float64)[1]
        loop = compiled("shift", "tanh").series
        h = np.zeros(3)
        layer = (W, np.ones((3, 1)), np.zeros(3), np.array([0.0, 1.0]))
        X, none = np.ones((2, 1)), np.empty((0, 0))
        loop(layer, X, none, h, np.ones((2, 3)), 0)
        stats = loop.stats
        print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
    """
    runs = [run_python(code, NUMBA_CACHE_DIR=str(tmp_path))[0] for _ in range(2)]
    assert runs == ["0 1", "1 0"]


def test_a_kernel_of_no_importable_module_serves_every_process(tmp_path):
    (tmp_path / "frame.py").write_text("def frame(x):\n    return row(x) + 1\n")
    row = tmp_path / "row.py"
    row.write_text("@kernel\ndef row(x):\n    return 10 * x\n")
    code = f"""
        from frame import frame
        from pathlib import Path
        from seqest._compile import kernel, specialise
        names = {{"kernel": kernel, "__name__": "nowhere"}}
        exec(compile(Path({str(row)!r}).read_text(), {str(row)!r}, "exec"), names)
        print(specialise(frame, "row", row=names["row"])(1.0))
    """
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)}
    assert [run_python(code, **cache)[0] for _ in range(2)] == ["11.0", "11.0"]


def test_importing_the_package_compiles_nothing():
    code = """
        from numba.core import event
        with event.install_recorder("numba:compile") as recorder:
            import seqest
        print(len(recorder.buffer))
    """
    assert run_python(code)[0] == "0"


def test_without_a_writable_folder_kernels_compile_with_one_warning():
    # Numba looks for folders by making them; a file in their place is not one, for
    # root too.
    code = """
        import tempfile, warnings
        import numba.core.caching as caching
        def refuse(*args, **kwargs):
            raise PermissionError("read-only")
        tempfile.TemporaryFile = refuse
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            import numpy as np
            from seqest import ESNRegressor
            x = np.sin(np.arange(60.0))
            ESNRegressor(5, random_state=0).fit(x[:, None], x)
        ours = [w for w in caught if "writable folder" in str(w.message)]
        print(len(ours), ours[0].category.__name__)
    """
    assert run_python(code, HOME="/nonexistent")[0] == "1 RuntimeWarning"


def mixed(x):
    return first(x) + second(x) * third(x)  # noqa: F821


def test_which_name_holds_which_callee_is_part_of_the_cache_name():
    f, g = kernel(double), kernel(triple)
    one = specialise(mixed, "same", first=f, second=g, third=f)
    other = specialise(mixed, "same", first=f, second=g, third=g)
    assert one(1.0) == 2 + 3 * 2
    assert other(1.0) == 2 + 3 * 3
