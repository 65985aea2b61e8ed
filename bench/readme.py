"""README's part about speed, made from the newest full result: `python -m bench.readme`."""

import json
from typing import Any

from bench.report import find, goals, ratio
from bot.settings import PROJECT_ROOT

_BEGIN, _END = "<!-- bench: made by `make bench` -->", "<!-- /bench -->"
_RESULT = "bench/results/bench.json"


def section(result: dict[str, Any]) -> str:
    """Markdown: what was to be reached and what was measured, then the loads."""
    about = result["machine"]
    lines = [
        f"One run of `make bench` on {about['processor']}, {about['cores']} cores,"
        f" {about['memory_gib']} GiB, {about['at'][:10]}; the load average before it was"
        f" {about['load_before']}. Product, stock Rasa and the floor take turns; every answer is"
        " checked.",
        "",
        "| what | measured | wanted |",
        "|---|---|---|",
        *(f"| {what} | {measured} | {wanted} |" for what, measured, wanted in goals(result)),
        "",
        "| script, members | navi, turns/s | stock Rasa | ratio | p50 / p95 ms | stock Rasa |",
        "|---|---|---|---|---|---|",
        *_loads(result),
        "",
        f"![Turns a second by script and members]({_RESULT.replace('.json', '.svg')})",
        "",
        f"The whole result: [{_RESULT}]({_RESULT}). Stock Rasa is"
        " [bench/stock](bench/stock/config.yml): the same domain, data and handlers with DIET and"
        " TED, its REST channel, its SQL tracker store and rasa-sdk's action server.",
    ]
    return "\n".join(lines)


def _loads(result: dict[str, Any]) -> list[str]:
    lines = []
    for row in result["loads"]:
        if row["target"] != "ours":
            continue
        stock = find(result, "stock", row["script"], row["members"])
        speed = stock["turns_per_s"] if stock else None
        times = stock["ms"]["all"] if stock else None
        theirs = f"{times['p50']:.0f} / {times['p95']:.0f}" if times else "–"
        own = row["ms"]["all"]
        lines.append(
            f"| {row['script']}, {row['members']} | {row['turns_per_s']} | {speed or '–'} |"
            f" {ratio(row['turns_per_s'], speed)} |"
            f" {own['p50']:.1f} / {own['p95']:.1f} | {theirs} |"
        )
    return lines


def updated(readme: str, result: dict[str, Any]) -> str:
    """README with the part between its two marks made anew. Raises ValueError without marks."""
    before, begin, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"README.md: {_BEGIN} … {_END} is missing")
    return f"{before}{begin}\n{section(result)}\n{end}{after}"


def write() -> None:
    """Bring README.md up to date."""
    readme = PROJECT_ROOT / "README.md"
    result = json.loads((PROJECT_ROOT / _RESULT).read_text(encoding="utf-8"))
    readme.write_text(updated(readme.read_text(encoding="utf-8"), result), encoding="utf-8")


if __name__ == "__main__":
    write()
