"""Look at the built site in a browser: `python docs/look.py SITE FOLDER`.

Pages are opened as files, without a network, at the width of a desk and of a phone,
light and dark; a picture of each goes to FOLDER. It is an error if one is wider than
its window, if a script complains, if a formula is not drawn, or if the search finds
nothing.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from selenium import webdriver

PAGES = {
    "index": "index.html",
    "concept": "concepts/reservoirs.html",
    "decision": "start/which-model.html",
    "gallery": "gallery/index.html",
    "example": "gallery/plot_co2_forecast.html",
    "api": "api/generated/seqest.ESNRegressor.html",
}
WIDTHS = {"desk": (1400, 1000), "phone": (390, 844)}
WIDER = "return document.documentElement.scrollWidth - window.innerWidth"
FORMULAS = "return document.querySelectorAll('.math').length"
DRAWN = "return document.querySelectorAll('.math mjx-container').length"
PATIENCE = 20.0


def browser(width: int, height: int) -> Any:
    """Return a browser without a network, whose window is so large."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND")
    options.set_capability("goog:loggingPrefs", {"browser": "SEVERE"})
    driver = webdriver.Chrome(
        options, webdriver.ChromeService(shutil.which("chromedriver"))
    )
    screen = {"width": width, "height": height, "deviceScaleFactor": 1}
    phone = {"mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen | phone)
    return driver


def wait_for(driver: Any, script: str, least: int) -> bool:
    """Return whether a script's number comes to be large enough."""
    end = time.monotonic() + PATIENCE
    while driver.execute_script(script) < least:
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def faults(driver: Any, site: Path, page: str, theme: str) -> Iterator[str]:
    """Open a page in a theme and yield what is wrong with it."""
    driver.get((site / page).as_uri())
    driver.execute_script(f"localStorage.mode = localStorage.theme = '{theme}'")
    driver.refresh()
    if driver.execute_script("return document.documentElement.dataset.theme") != theme:
        yield f"is not {theme}"
    if not wait_for(driver, DRAWN, driver.execute_script(FORMULAS)):
        yield "leaves formulas undrawn"
    wider = driver.execute_script(WIDER)
    if wider > 0:
        yield f"is {wider} pixels wider than its window"
    for entry in driver.get_log("browser"):
        yield f"complains: {entry['message']}"


def search_faults(driver: Any, site: Path) -> Iterator[str]:
    """Search for a word that many pages hold."""
    driver.get((site / "search.html").as_uri() + "?q=leak")
    found = "return document.querySelectorAll('#search-results li a').length"
    if not wait_for(driver, found, 3):
        yield "search: finds nothing"


def main(arguments: Sequence[str]) -> int:
    """Take the pictures; the status tells whether anything is wrong."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        sys.stderr.write("chromium and chromedriver are missing: nobody looked.\n")
        return 0
    site, folder = (Path(path).resolve() for path in arguments)
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for width, size in WIDTHS.items():
        driver = browser(*size)
        for theme in ("light", "dark"):
            for name, page in PAGES.items():
                wrong = faults(driver, site, page, theme)
                found += [f"{page}, {width}, {theme}: {fault}" for fault in wrong]
                driver.save_screenshot(str(folder / f"{name}-{width}-{theme}.png"))
        found += search_faults(driver, site)
        driver.quit()
    sys.stdout.writelines(f"{line}\n" for line in found)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
