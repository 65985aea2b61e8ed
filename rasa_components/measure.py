"""Runs in the dialogue's environment for `navi model test`: understand texts, draw a matrix.

`python -m rasa_components.measure MODEL PICTURE` reads JSON from standard input and answers in
JSON. {"texts": […]} gives intent, ranking and milliseconds of each text; {"labels": […],
"counts": [[…]]} draws the confusion matrix into PICTURE.
"""

import asyncio
import json
import sys
import time
from typing import Any


async def understand(model: str, texts: list[str]) -> list[dict[str, Any]]:
    """What the trained model makes of each text, and how long it took (ms)."""
    from rasa_components import lean

    lean.install()  # as the dialogue's process does
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    await agent.parse_message("温めておく")
    rows = []
    for text in texts:
        started = time.perf_counter()
        parsed = await agent.parse_message(text)
        rows.append(
            {
                "intent": parsed["intent"]["name"],
                "ranking": {r["name"]: r["confidence"] for r in parsed["intent_ranking"]},
                "ms": (time.perf_counter() - started) * 1000,
            }
        )
    return rows


def draw(labels: list[str], counts: list[list[int]], picture: str) -> None:
    """The confusion matrix: a row an expected topic, a column what was understood."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(11, 10))
    axes.imshow(counts, cmap="Blues")
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("understood as")
    axes.set_ylabel("expected")
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            if count:
                axes.text(j, i, str(count), ha="center", va="center", fontsize=7)
    figure.tight_layout()
    figure.savefig(picture, dpi=110)


def main() -> None:
    """Serve one request."""
    model, picture = sys.argv[1], sys.argv[2]
    asked = json.load(sys.stdin)
    if "texts" in asked:
        print(json.dumps(asyncio.run(understand(model, asked["texts"])), ensure_ascii=False))
    else:
        draw(asked["labels"], asked["counts"], picture)


if __name__ == "__main__":
    main()
