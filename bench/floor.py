"""The floor: a bare FastAPI route that makes one durable commit, and nothing else."""

import sqlite3
import sys
import threading
from pathlib import Path
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Said(BaseModel):
    """A message, as large as the product's."""

    client_message_id: UUID
    text: str


def create_app(file: Path) -> FastAPI:
    """The route over its own SQLite file, as durable as the product's journal."""
    app, lock = FastAPI(), threading.Lock()
    database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE IF NOT EXISTS said (id TEXT PRIMARY KEY, text TEXT)")

    @app.post("/commit")
    def commit(said: Said) -> dict[str, bool]:
        with lock:  # SQLite has one writer; queueing here is cheaper than its busy wait
            database.execute(
                "INSERT INTO said VALUES (?, ?)", (str(said.client_message_id), said.text)
            )
        return {"kept": True}

    @app.get("/ready")
    def ready() -> dict[str, bool]:
        return {"ready": True}

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_app(Path(sys.argv[1])),
        port=int(sys.argv[2]),
        log_level="error",
        access_log=False,
    )
