"""Whether response times tell if a registration number exists, and how many events a second.

    .venv/bin/python -m bench.identity_timing codes [SAMPLES]   # against the running pipe
    .venv/bin/python -m bench.identity_timing events [BATCHES]

`codes`: known and unknown numbers in random order, each from a new conversation, over HTTP
against the app with a dialogue that answers at once (so that nothing hides a difference), while
the outbox sends to a real SMTP server. AUC 0.5 means that times tell nothing.
"""

import asyncio
import json
import random
import socket
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from sqlalchemy import insert

from actions.domain.tables import MemberRow
from bot.app import create_apps
from bot.clock import utc_now
from bot.database import create_engine, migrate
from bot.registry_events.signature import sign
from bot.settings import Environment, Settings

MEMBERS = 20_000
KEY = "k" * 40


class _Sink:
    async def handle_DATA(self, *_: Any) -> str:
        return "250 OK"


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _fill(settings: Settings) -> None:
    migrate(settings)
    engine, now = create_engine(settings.resolved_database_url()), utc_now()
    rows = [
        {
            "number": f"{100_000 + 2 * n}",
            "kind": "individual",
            "name": "",
            "kana": "",
            "email": f"m{n}@example.jp",
            "as_of": now,
            "demo": False,
            "created_at": now,
            "updated_at": now,
        }
        for n in range(MEMBERS)
    ]
    with engine.begin() as connection:
        connection.execute(insert(MemberRow), rows)
    engine.dispose()


async def _replies(scope: Any, receive: Any, send: Any) -> None:
    """A dialogue server that answers at once."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    body = b'{"replies": [{"text": "ok"}]}'
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def _served(app: Any) -> AsyncIterator[str]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


async def codes(samples: int) -> None:
    """AUC of known against unknown numbers."""
    smtp = Controller(_Sink(), hostname="127.0.0.1", port=free_port())
    smtp.start()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            env=Environment.demo,
            var=Path(folder),
            smtp_host="127.0.0.1",
            smtp_port=smtp.port,
            smtp_starttls=False,
            smtp_from="navi@example.jp",
            codes_per_hour=10**6,
            codes_per_address=10**6,
        )
        _fill(settings)
        async with _served(_replies) as dialogue:
            public = create_apps(settings, dialogue, "secret").public
            async with _served(public) as address, httpx.AsyncClient(base_url=address) as client:
                times = await _measure(client, public, samples)
    smtp.stop()
    for name, values in times.items():
        print(f"{name}: median {1000 * statistics.median(values):.2f} ms of {len(values)}")
    print(f"AUC {auc(times['known'], times['unknown']):.4f} (wanted: 0.45 to 0.55)")


async def _measure(client: httpx.AsyncClient, public: Any, samples: int) -> dict[str, list[float]]:
    known = random.sample(range(MEMBERS), samples)
    unknown = random.sample(range(MEMBERS), samples)
    asked = [("known", f"{100_000 + 2 * n}") for n in known]
    asked += [("unknown", f"{100_001 + 2 * n}") for n in unknown]
    random.shuffle(asked)
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    answers = set()
    for name, number in asked:
        began = (await client.post("/api/conversations", json={})).json()
        public.state.identity.mailed_codes.begin(began["conversation_id"])
        body = {"client_message_id": str(uuid.uuid4()), "text": number}
        bearer = {"Authorization": f"Bearer {began['access_token']}"}
        url = f"/api/conversations/{began['conversation_id']}/messages"
        started = time.perf_counter()
        answer = await client.post(url, json=body, headers=bearer)
        times[name].append(time.perf_counter() - started)
        told = answer.json()
        answers.add((answer.status_code, told["accepted"]["text"], len(answer.content)))
    print(f"different answers (status, text, length): {sorted(answers)}")
    return times


def auc(a: list[float], b: list[float]) -> float:
    """How likely a time of `a` is longer than one of `b`."""
    ranked = sorted([(value, 0) for value in a] + [(value, 1) for value in b])
    ranks = sum(rank for rank, (_, group) in enumerate(ranked, 1) if group == 0)
    return (ranks - len(a) * (len(a) + 1) / 2) / (len(a) * len(b))


async def events(batches: int, size: int = 200) -> None:
    """Reported events a second on SQLite, over HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            env=Environment.demo, var=Path(folder), events_keys=SecretStr(f"k:{KEY}")
        )
        _fill(settings)
        public = create_apps(settings, "http://127.0.0.1:1", "secret").public
        async with _served(public) as address, httpx.AsyncClient(base_url=address) as client:
            bodies = [_batch(size) for _ in range(batches)]
            started = time.perf_counter()
            for body in bodies:
                at = f"{time.time():.6f}"
                headers = {
                    "X-Navi-Key": "k",
                    "X-Navi-Timestamp": at,
                    "X-Navi-Signature": sign(KEY, "k", at, body),
                }
                answer = await client.post("/api/registry/events", content=body, headers=headers)
                assert answer.status_code == 200, answer.text
            took = time.perf_counter() - started
    print(f"{batches * size} events in batches of {size}: {batches * size / took:.0f} a second")


def _batch(size: int) -> bytes:
    applied = "2026-01-05T10:00:00+09:00"
    kinds = [
        {"kind": "applied", "at": applied},
        {
            "kind": "mail_delivered",
            "mail": "confirmation",
            "applied_at": applied,
            "at": "2026-01-05T10:01:00+09:00",
        },
        {"kind": "url_clicked", "applied_at": applied, "at": "2026-01-05T11:00:00+09:00"},
        {"kind": "opened", "applied_at": applied, "at": "2026-01-07T11:00:00+09:00"},
    ]
    rows = [
        {
            "id": str(uuid.uuid4()),
            "number": f"{100_000 + 2 * random.randrange(MEMBERS)}",
            **random.choice(kinds),
        }
        for _ in range(size)
    ]
    return json.dumps({"events": rows}).encode()


if __name__ == "__main__":
    which = sys.argv[1] if len(sys.argv) > 1 else "codes"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else (2_000 if which == "codes" else 50)
    asyncio.run(codes(count) if which == "codes" else events(count))
