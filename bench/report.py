"""The tables that `make bench` prints: ratios first."""

from typing import Any

from rich.console import Console
from rich.table import Table

_console = Console(stderr=True)
Row = dict[str, Any]


def progress(line: str) -> None:
    """One line of what is going on, to standard error."""
    _console.print(f"[dim]{line}[/dim]")


def find(result: dict[str, Any], target: str, script: str, members: int) -> Row | None:
    """The load of a target."""
    same = (target, script, members)
    rows = result["loads"]
    return next((r for r in rows if (r["target"], r["script"], r["members"]) == same), None)


def ratio(above: float | None, below: float | None) -> str:
    """`above` as a multiple of `below`."""
    return f"{above / below:.1f} ×" if above and below else "–"


def goals(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What was to be reached: (what, measured, wanted)."""
    return [*_against_stock(result), *_against_floor(result), *_alone(result)]


def _against_stock(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = []
    for members, faster, quicker in ((1, 8, 6), (8, 12, 12), (32, 12, 12)):
        ours, stock = (find(result, name, "mixed", members) for name in ("ours", "stock"))
        if ours and stock:
            times = ratio(ours["turns_per_s"], stock["turns_per_s"])
            found.append(
                (f"mixed script, {members} members, turns/s", times, f"≥ {faster} × stock")
            )
        ours, stock = (find(result, name, "text", members) for name in ("ours", "stock"))
        for share in ("p50", "p95"):
            if ours and stock:
                times = ratio(stock["ms"]["all"][share], ours["ms"]["all"][share])
                wanted = f"≥ {quicker} × quicker than stock"
                found.append((f"text turn {share}, {members} members", times, wanted))
    return found


def _against_floor(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    floor, found = find(result, "floor", "button", 1), []
    for kind, most in (("button", 5), ("form", 8)):
        ours = find(result, "ours", kind, 1)
        if floor and ours:
            times = ratio(ours["ms"]["all"]["p50"], floor["ms"]["all"]["p50"])
            found.append((f"{kind} turn p50, 1 member", times, f"≤ {most} × floor"))
    return found


def _alone(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    grown = result.get("growth", {}).get("ours", {})
    about = result["targets"].get("ours")
    found = []
    if grown.get("1000"):
        found.append(("turn 1,000 to turn 2", ratio(grown["1000"], grown["2"]), "≤ 1.3 ×"))
    if about:
        found.append(("memory of all processes (PSS)", f"{about['pss_mib']} MiB", "≤ 900 MiB"))
        found.append(("ready after the start", f"{about['ready_s']} s", "≤ 12 s"))
        if about["training_s"]:
            found.append(("training", f"{about['training_s']} s", "≤ 30 s"))
    return found


def show(result: dict[str, Any]) -> None:
    """Print all tables."""
    console = Console()
    about = result["machine"]
    console.print(f"{about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB")
    table = Table("what", "measured", "wanted", title="Goals")
    for goal in goals(result):
        table.add_row(*goal)
    console.print(table)
    console.print(_loads(result))
    console.print(_targets(result))
    for row in result["loads"]:
        if row["wrong"]:
            console.print(
                f"wrong: {row['target']} {row['script']} {row['members']}: {row['wrong']}"
            )
            console.print(*row["wrong_shown"], sep="\n")


def _loads(result: dict[str, Any]) -> Table:
    table = Table("script", "members", "target", "turns/s", "p50 ms", "p95", "p99", "CPU ms/turn")
    for row in sorted(result["loads"], key=lambda r: (r["script"], r["members"], r["target"])):
        times = row["ms"]["all"]
        figures = [row["turns_per_s"], times["p50"], times["p95"], times["p99"]]
        figures.append(row["processor_ms_per_turn"])
        table.add_row(row["script"], str(row["members"]), row["target"], *map(str, figures))
    return table


def _targets(result: dict[str, Any]) -> Table:
    turns = list(next(iter(result.get("growth", {}).values()), {}))
    heads = [f"turn {turn}, ms" for turn in turns]
    table = Table("target", "ready s", "training s", "RSS MiB", "PSS MiB", *heads)
    for name, about in result["targets"].items():
        grown = result.get("growth", {}).get(name, {})
        figures = [about["ready_s"], about["training_s"], about["rss_mib"], about["pss_mib"]]
        shown = [*figures, *(grown.get(turn) for turn in turns)]
        table.add_row(name, *("–" if figure is None else str(figure) for figure in shown))
    return table
