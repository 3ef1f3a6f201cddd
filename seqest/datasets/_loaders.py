"""Real series: a value stands at the Period it belongs to, or the day it was taken."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

# Half a year to a line, 1949 to 1960.
# fmt: off
_AIRLINE = (
    112, 118, 132, 129, 121, 135,
    148, 148, 136, 119, 104, 118,
    115, 126, 141, 135, 125, 149,
    170, 170, 158, 133, 114, 140,
    145, 150, 178, 163, 172, 178,
    199, 199, 184, 162, 146, 166,
    171, 180, 193, 181, 183, 218,
    230, 242, 209, 191, 172, 194,
    196, 196, 236, 235, 229, 243,
    264, 272, 237, 211, 180, 201,
    204, 188, 235, 227, 234, 264,
    302, 293, 259, 229, 203, 229,
    242, 233, 267, 269, 270, 315,
    364, 347, 312, 274, 237, 278,
    284, 277, 317, 313, 318, 374,
    413, 405, 355, 306, 271, 306,
    315, 301, 356, 348, 355, 422,
    465, 467, 404, 347, 305, 336,
    340, 318, 362, 348, 363, 435,
    491, 505, 404, 359, 310, 337,
    360, 342, 406, 396, 420, 472,
    548, 559, 463, 407, 362, 405,
    417, 391, 419, 461, 472, 535,
    622, 606, 508, 461, 390, 432,
)
# fmt: on


def load_airline() -> pd.Series[float]:
    """Load the monthly totals of international airline passengers.

    Returns
    -------
    Series of length 144
        Thousands of passengers, named "passengers", by a PeriodIndex of the months from
        1949-01 to 1960-12. ``.to_timestamp()`` gives it dates.

    References
    ----------
    G. E. P. Box and G. M. Jenkins (1976), Time Series Analysis, series G.

    Examples
    --------
    >>> from seqest.datasets import load_airline
    >>> load_airline()["1960-07"].item()
    622.0
    """
    return _by_period(_AIRLINE, "1949-01", "M", "passengers")


def load_co2() -> pd.Series[float]:
    """Load the weekly carbon dioxide in the air of Mauna Loa, Hawaii.

    Returns
    -------
    Series of length 2284
        Parts per million by volume, named "co2", by a DatetimeIndex of the Saturdays
        from 1958-03-29 to 2001-12-29 (frequency W-SAT). 59 missing weeks stay NaN:
        fill them with ``.interpolate()``, or average with ``.resample("MS").mean()``.

    References
    ----------
    C. D. Keeling and T. P. Whorf (2004), Atmospheric CO2 concentrations derived from
    flask air samples at sites in the SIO network. The copy is that of statsmodels.

    Examples
    --------
    >>> from seqest.datasets import load_co2
    >>> load_co2().iloc[0].item()
    316.1
    """
    from statsmodels.datasets import co2

    table: pd.DataFrame = co2.load_pandas().data
    return table["co2"].astype(float)


def load_sunspots() -> pd.Series[float]:
    """Load the yearly means of the relative (Wolf) sunspot number.

    Returns
    -------
    Series of length 309
        The number, without unit, named "sunspots", by a PeriodIndex of the years from
        1700 to 2008. Its cycle is about 11 years. ``.to_timestamp()`` gives it dates.

    References
    ----------
    National Geophysical Data Center, Boulder (before the revision of 2015). The copy is
    that of statsmodels.

    Examples
    --------
    >>> from seqest.datasets import load_sunspots
    >>> load_sunspots()["1957"].item()
    190.2
    """
    from statsmodels.datasets import sunspots

    table: pd.DataFrame = sunspots.load_pandas().data
    first = str(int(table["YEAR"].iloc[0]))
    return _by_period(table["SUNACTIVITY"].tolist(), first, "Y", "sunspots")


def _by_period(
    values: Sequence[float], first: str, freq: str, name: str
) -> pd.Series[float]:
    periods = pd.period_range(first, periods=len(values), freq=freq)
    return pd.Series(values, index=periods, name=name, dtype=float)
