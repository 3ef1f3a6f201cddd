"""The report as a browser shows it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from sklearn.linear_model import Ridge

from seqest.datasets import load_airline
from seqest.forecasting import Forecaster, RollingOriginSplit
from seqest.report import write_report

webdriver: Any = pytest.importorskip("selenium.webdriver")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="chromium and chromedriver are missing"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    y = load_airline()
    model = Forecaster(Ridge(1e-3), lags=13, seasonal_period=12, random_state=0)
    path = tmp_path_factory.mktemp("report") / "report.html"
    cv = RollingOriginSplit(12, step=6, n_splits=3)
    write_report(model.fit(y=y), path, y, steps=12, cv=cv)
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    logs = {"browser": "ALL", "performance": "ALL"}
    options.set_capability("goog:loggingPrefs", logs)
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def opened(browser: Any, page: str, width: int = 1280, scheme: str = "light") -> None:
    """Open the page as on a screen of this width."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.get(page)


def find(browser: Any, selector: str) -> Any:
    return browser.find_element("css selector", selector)


def test_it_opens_without_an_error_and_without_a_request(
    browser: Any, page: str
) -> None:
    opened(browser, page)
    assert browser.get_log("browser") == []
    events = [
        json.loads(entry["message"])["message"]
        for entry in browser.get_log("performance")
    ]
    sent = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert page in sent
    assert all(own == page or own.startswith("data:") for own in sent)


def test_a_pointer_over_the_forecast_shows_its_value(browser: Any, page: str) -> None:
    opened(browser, page)
    area = find(browser, "#forecast .nsewdrag")
    chain, right = webdriver.ActionChains(browser), int(area.size["width"] * 0.45)
    chain.move_to_element_with_offset(area, right, 0).perform()
    browser.implicitly_wait(5)
    told = find(browser, "#forecast .hoverlayer .hovertext").text
    browser.implicitly_wait(0)
    assert "forecast" in told
    assert "80 %:" in told


def test_intervals_are_switched_off_and_on(browser: Any, page: str) -> None:
    opened(browser, page)
    script = "return [...document.querySelectorAll('#forecast .legendtext')]"
    script += ".map((own) => own.textContent)"
    both = browser.execute_script(script)
    assert both == ["95 %", "80 %", "history", "forecast"]
    find(browser, "input[data-level='95']").click()
    assert browser.execute_script(script) == both[1:]
    find(browser, "input[data-level='95']").click()
    assert browser.execute_script(script) == both


def test_it_fits_a_telephone(browser: Any, page: str) -> None:
    opened(browser, page, 390)
    for part in ("documentElement", "body"):
        assert browser.execute_script(f"return document.{part}.scrollWidth") <= 390
    assert 300 < find(browser, "#forecast").size["width"] <= 390


def test_it_is_dark_where_screens_are(browser: Any, page: str) -> None:
    script = "return getComputedStyle(document.body).backgroundColor"
    opened(browser, page)
    assert browser.execute_script(script) == "rgb(255, 255, 255)"
    opened(browser, page, scheme="dark")
    assert browser.execute_script(script) == "rgb(18, 22, 28)"


def test_pictures_stand_in_where_no_code_runs(browser: Any, page: str) -> None:
    opened(browser, page)
    assert not find(browser, ".still img").is_displayed()
    switch = "Emulation.setScriptExecutionDisabled"
    browser.execute_cdp_cmd(switch, {"value": True})
    try:
        opened(browser, page)
        # The browser cannot be asked by a script, but lays out what is displayed.
        document = browser.execute_cdp_cmd("DOM.getDocument", {"depth": 0})["root"]
        told = {"nodeId": document["nodeId"], "selector": ".still img"}
        found = browser.execute_cdp_cmd("DOM.querySelectorAll", told)["nodeIds"]
        assert len(found) == 3
        for node in found:
            box = browser.execute_cdp_cmd("DOM.getBoxModel", {"nodeId": node})["model"]
            assert box["width"] > 600
            assert box["height"] > 100
    finally:
        browser.execute_cdp_cmd(switch, {"value": False})
