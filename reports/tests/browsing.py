"""Pages as a browser shows them: what it measures, and what can be seen.

The browser is Chromium without a window.  It opens a page of our own, in which the page in question
is a frame: so that the frame may be as narrow as a phone, which a window may not, and so that our
script can measure what the policy of the page forbids it to say of itself.
"""

import html
import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any, Literal

import psutil
import pytest
from PIL import Image

Scheme = Literal["light", "dark"]

NARROWEST = 500  # a window of Chromium gets no narrower
FRAME = 200  # what a window may take from its height for itself
PATIENCE = 240  # seconds for what takes two on a machine that has nothing else to do
SCHEMES = {"dark": 0, "light": 1}

_MEASURE = """
const page = document.querySelector("iframe").contentDocument;
const all = selector => [...page.querySelectorAll(selector)];
const box = element => { const r = element.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
const name = element => element.tagName + "." + (element.getAttribute("class") || "") + ": " +
  element.textContent.trim().slice(0, 60);
document.getElementById("measured").textContent = JSON.stringify({
  width: page.documentElement.scrollWidth,
  height: page.documentElement.scrollHeight,
  beyond: all("body *").filter(e => !e.closest(".scroll, svg, .unseen, thead")).filter(e => {
    const holder = (e.parentElement.closest("article, .card") || page.body).getBoundingClientRect();
    const own = e.getBoundingClientRect();
    const spills = e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1;
    return spills || own.width > 1 && (own.right > holder.right + 0.5 || own.left < holder.left - 0.5);
  }).map(name),
  clipped: all(".scroll").filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.getAttribute("aria-label")),
  plots: all("svg").map(svg => ({
    id: svg.getAttribute("aria-labelledby").split("-title")[0],
    box: box(svg),
    texts: [...svg.querySelectorAll("text")].map(text => ({
      says: text.textContent, box: box(text),
      size: parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / 340,
    })),
    marks: [...svg.querySelectorAll(".ratio, .marker")].map(box),
  })),
});
"""


def browser() -> str:
    """Return the command that starts the browser; skip the test where there is none."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("there is no chromium on PATH to look at pages with")
    return found


def measure(page: str, width: int, folder: Path) -> dict[str, Any]:
    """Lay *page* out *width* pixels wide and return what `_MEASURE` finds."""
    script = f'addEventListener("load", () => {{ {_MEASURE} }});'
    wrapper = _wrapper(page, width, 800, f'<pre id="measured"></pre><script>{script}</script>')
    printed = _run(wrapper, folder, "--dump-dom", f"--window-size={max(width, NARROWEST)},900")
    [found] = re.findall(r'<pre id="measured">(.*?)</pre>', printed, re.DOTALL)
    measured: dict[str, Any] = json.loads(html.unescape(found))
    return measured


def screenshot(page: str, width: int, height: int, scheme: Scheme, folder: Path) -> Image.Image:
    """Return what *page* looks like, all of its *height*, to people who prefer *scheme*."""
    place = folder / "screenshot.png"
    _run(
        _wrapper(page, width, height, ""),
        folder,
        f"--screenshot={place}",
        f"--window-size={max(width, NARROWEST)},{height + FRAME}",
        f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
    )
    with Image.open(place) as image:
        return image.convert("RGB").crop((0, 0, width, height))


def _wrapper(page: str, width: int, height: int, more: str) -> str:
    return (
        '<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<style>body {{ margin: 0 }} iframe {{ border: 0; display: block; width: {width}px; height: {height}px }}"
        f'</style><iframe srcdoc="{html.escape(page)}"></iframe>{more}'
    )


def _run(wrapper: str, folder: Path, *options: str) -> str:
    """Let the browser open *wrapper* with *options*; return what it prints, and leave no process behind."""
    opened = folder / "wrapper.html"
    opened.write_text(wrapper, encoding="utf-8")
    profile = f"--user-data-dir={folder / 'profile'}"
    always = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-breakpad", profile]
    with subprocess.Popen(
        [browser(), *always, *options, opened.as_uri()],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            printed, _ = process.communicate(timeout=PATIENCE)
        finally:
            _end(process, profile)
    return printed


def _end(process: "subprocess.Popen[str]", profile: str) -> None:
    """Kill the session of *process*, and whatever left it but uses the same *profile*."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    for other in psutil.process_iter(["cmdline"]):
        if profile in (other.info["cmdline"] or ()):
            other.kill()
