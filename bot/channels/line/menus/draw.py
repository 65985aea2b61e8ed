"""Draws the rich menus' pictures with Chromium from the words in bot/wording/line.yml.

`python -m bot.channels.line.menus.draw` after changing them; the PNG files are committed.
"""

import html
import shutil
import subprocess
import tempfile
from pathlib import Path

from bot.channels.line.richmenu import COLUMNS, HEIGHT, KINDS, PICTURES, ROWS, UNLINKED, WIDTH
from bot.channels.line.words import words

_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
_STYLE = f"""
* {{ box-sizing: border-box; margin: 0 }}
body {{ width: {WIDTH}px; height: {HEIGHT}px; background: #c9d3d7; display: grid; gap: 5px;
  grid-template: repeat({ROWS}, 1fr) / repeat({COLUMNS}, 1fr);
  font-family: "Noto Sans CJK JP", sans-serif; color: #22282b }}
div {{ background: #fff; display: flex; flex-direction: column; justify-content: center;
  align-items: center; gap: 14px }}
.last {{ background: #0b4a66; color: #fff }}
small {{ font-size: 35px }}
b {{ font-size: 53px; font-weight: 700; color: #0b4a66 }}
.last b {{ color: #fff }}
"""


def page(kind: str) -> str:
    """The menu as HTML."""
    entries = words()["richmenu"][kind]
    boxes = [
        f'<div class="{"last" if entry["key"] == "handoff" else ""}">'
        f"<small>{html.escape(entry['sub'])}</small><b>{html.escape(entry['title'])}</b></div>"
        for entry in entries
    ]
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>{''.join(boxes)}"


def draw(kind: str, target: Path) -> None:
    """Raises RuntimeError without Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise RuntimeError("Chromium is missing (Debian: chromium, fonts-noto-cjk)")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "menu.html"
        source.write_text(page(kind), encoding="utf-8")
        command = [chromium, *_FLAGS, f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={target}"]
        subprocess.run([*command, source.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    for name in (*KINDS, UNLINKED):
        draw(name, PICTURES / f"{name}.png")
