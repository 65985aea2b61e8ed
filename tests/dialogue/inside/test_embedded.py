"""Commits of the embedded database: durable before the wait ends, nobody held up."""

import asyncio
import os
import sqlite3
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

from rasa_components import embedded
from rasa_components.committer import Committer, Statements, committer_for
from rasa_components.embedded import EmbeddedCommitter
from rasa_components.memory_rows import MemoryRows
from wire import disk as flushes
from wire import kernel

_ADD = "INSERT INTO dialogue_turn (sender_id, version, data) VALUES (?, ?, '[]')"


class Case(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "dialogue.db"
        rows = MemoryRows(f"sqlite:///{self.file}")
        self.addCleanup(rows.engine.dispose)
        made = committer_for(rows.engine)
        assert isinstance(made, EmbeddedCommitter)
        self.committer = made

    def add(self, *names: str) -> "asyncio.Future[list[object]]":
        return asyncio.gather(*map(self.one, names), return_exceptions=True)

    async def one(self, name: str) -> None:
        await self.committer.commit(lambda statements: _added(statements, name))

    def kept(self) -> list[str]:
        other = sqlite3.connect(self.file)
        found = other.execute("SELECT sender_id FROM dialogue_turn ORDER BY rowid").fetchall()
        other.close()
        return [row[0] for row in found]


def _added(statements: Statements, name: str) -> None:
    statements.run(_ADD, (name, 1))


class TestCommits(Case):
    async def test_nobody_is_told_before_the_disk_has_it(self) -> None:
        disk = asyncio.Event()
        with mock.patch.object(self.committer._flushes, "flushed", disk.wait):
            task = asyncio.ensure_future(self.add("a"))
            await asyncio.sleep(0.05)
            self.assertEqual(self.kept(), ["a"])
            self.assertFalse(task.done())
            disk.set()
            self.assertEqual(await task, [None])

    async def test_what_somebody_else_flushes_waits_for_no_disk(self) -> None:
        never = asyncio.Event()
        with mock.patch.object(self.committer._flushes, "flushed", never.wait):
            async with asyncio.timeout(5):
                await self.committer.commit(lambda s: _added(s, "a"), durable=False)
            self.assertEqual(self.kept(), ["a"])
            # Beside one that waits nobody is told too early, and nobody waits for nothing.
            durable = asyncio.ensure_future(self.add("b"))
            other = asyncio.ensure_future(
                self.committer.commit(lambda s: _added(s, "c"), durable=False)
            )
            async with asyncio.timeout(5):
                await other
            await asyncio.sleep(0.02)
            self.assertFalse(durable.done())
            never.set()
            await durable

    async def test_whoever_comes_during_a_flush_goes_together_next(self) -> None:
        disk, commits = asyncio.Event(), []
        run = self.committer._run
        with (
            mock.patch.object(self.committer._flushes, "flushed", disk.wait),
            mock.patch.object(self.committer, "_run", lambda w: (commits.append(len(w)), run(w))),
        ):
            first = asyncio.ensure_future(self.add("a"))
            await asyncio.sleep(0.02)
            others = asyncio.ensure_future(self.add("b", "c", "d"))
            await asyncio.sleep(0.02)
            self.assertEqual(commits, [1])
            disk.set()
            await asyncio.gather(first, others)
        self.assertEqual(commits, [1, 3])

    async def test_a_disk_that_refuses_is_told_to_all(self) -> None:
        refuses = mock.AsyncMock(side_effect=OSError(5, "disk"))
        with mock.patch.object(self.committer._flushes, "flushed", refuses):
            results = await self.add("a", "b")
        self.assertTrue(all(isinstance(one, OSError) for one in results))
        self.assertEqual(await self.add("c"), [None])

    async def test_one_that_fails_takes_nobody_along(self) -> None:
        results = await self.add("a", "b", "a", "c")
        self.assertEqual(
            [type(one) for one in results], [type(None)] * 2 + [sqlite3.IntegrityError, type(None)]
        )
        self.assertEqual(sorted(self.kept()), ["a", "b", "c"])

    async def test_another_processs_writer_holds_up_the_write_and_not_the_loop(self) -> None:
        other = sqlite3.connect(self.file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        task = asyncio.ensure_future(self.add("a", "b"))
        ticks = 0
        for _ in range(20):
            await asyncio.sleep(0.01)
            ticks += 1
        self.assertFalse(task.done())
        other.execute("COMMIT")
        self.assertEqual(await task, [None, None])
        self.assertEqual(ticks, 20)
        with mock.patch.object(self.committer, "_patiently", side_effect=AssertionError):
            self.assertEqual(await self.add("c"), [None])
        other.close()

    async def test_a_writer_who_never_ends_is_an_error(self) -> None:
        other = sqlite3.connect(self.file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with mock.patch.object(embedded, "_WAIT_MS", 50):
            [found] = await self.add("a")
        self.assertIsInstance(found, sqlite3.OperationalError)
        other.execute("COMMIT")
        self.assertEqual(await self.add("b"), [None])
        self.assertEqual(self.kept(), ["b"])
        other.close()

    async def test_what_was_given_up_while_it_waited_is_not_written(self) -> None:
        disk = asyncio.Event()
        with mock.patch.object(self.committer._flushes, "flushed", disk.wait):
            first = asyncio.ensure_future(self.one("a"))
            await asyncio.sleep(0.02)
            given_up = asyncio.ensure_future(self.one("b"))
            await asyncio.sleep(0.02)
            given_up.cancel()
            third = asyncio.ensure_future(self.one("c"))
            await asyncio.sleep(0.02)
            disk.set()
            await asyncio.gather(first, third)
        self.assertTrue(given_up.cancelled())
        self.assertEqual(self.kept(), ["a", "c"])

    async def test_a_long_write_leaves_the_loop_alone_and_keeps_its_place(self) -> None:
        threads, here = [], threading.get_ident()

        def long(statements: Statements) -> None:
            threads.append(threading.get_ident())
            _added(statements, "long")

        work = [self.one("a"), self.committer.commit_long(long), self.one("b")]
        await asyncio.gather(*work)
        self.assertEqual(self.kept(), ["a", "long", "b"])
        self.assertNotEqual(threads, [here])

    async def test_the_log_does_not_grow_for_ever(self) -> None:
        for round_ in range(12):
            await self.add(*(f"{round_}-{n}" for n in range(100)))
            while self.committer._aside._work_queue.qsize():
                await asyncio.sleep(0.01)
        self.assertGreater(self.file.stat().st_size, 40_000)
        self.assertLess(os.path.getsize(f"{self.file}-wal"), 1_500_000)

    async def test_settled_waits_for_the_disk(self) -> None:
        disk = asyncio.Event()
        with mock.patch.object(self.committer._flushes, "flushed", disk.wait):
            task = asyncio.ensure_future(self.committer.settled())
            await asyncio.sleep(0.02)
            self.assertFalse(task.done())
            disk.set()
            await task

    async def test_other_databases_commit_in_a_thread(self) -> None:
        engine = mock.Mock()
        engine.dialect.name = "postgresql"
        self.assertIs(type(committer_for(engine)), Committer)


class TestFlushes(Case):
    async def test_the_kernel_and_the_thread_both_do_it(self) -> None:
        made = flushes.Flushes(str(self.file))
        await self.add("a")
        await made.flushed()
        with mock.patch.object(os, "fdatasync", wraps=os.fdatasync) as called:
            if made._kernel is not None:
                await made.flushed()
                called.assert_not_called()
            made._kernel = None
            await made.flushed()
            called.assert_called_once()

    async def test_no_log_is_nothing_to_flush(self) -> None:
        await flushes.Flushes(str(self.file.with_name("none.db"))).flushed()

    async def test_a_kernel_that_will_not_leaves_it_to_the_thread(self) -> None:
        made = flushes.Flushes(str(self.file))
        await self.add("a")
        made._kernel = mock.Mock(done=os.eventfd(0))
        made._kernel.begin.side_effect = kernel.NotHere
        with mock.patch.object(os, "fdatasync", wraps=os.fdatasync) as called:
            await made.flushed()
            called.assert_called_once()
        self.assertIsNone(made._kernel)

    async def test_the_kernels_error_is_raised(self) -> None:
        made = flushes.Flushes(str(self.file))
        if made._kernel is None:
            self.skipTest("this kernel does not flush by itself")
        await self.add("a")
        failed = mock.Mock(unpack=lambda _: (0, 0, -5, 0))
        with mock.patch.object(kernel, "_EVENT", failed), self.assertRaises(OSError) as found:
            await made.flushed()
        self.assertEqual(found.exception.errno, 5)
        await made.flushed()

    async def test_what_cannot_be_flushed_is_refused_by_the_kernel(self) -> None:
        try:
            flusher = kernel.Kernel()
        except kernel.NotHere:
            self.skipTest("this kernel does not flush by itself")
        reading, writing = os.pipe()
        with self.assertRaises(kernel.NotHere):
            flusher.begin(writing)
        os.close(reading)
        os.close(writing)

    async def test_a_log_that_is_another_file_is_opened_anew(self) -> None:
        made = flushes.Flushes(str(self.file))
        await self.add("a")
        await made.flushed()
        before = made._known
        self.committer._connection.invalidate()
        self.committer._connection = None
        self.committer._engine.dispose()
        Path(f"{self.file}-wal").unlink(missing_ok=True)
        held = Path(f"{self.file}-held")
        held.touch()  # takes the number that the old file had
        await self.add("b")
        await made.flushed()
        self.assertEqual(made._known, os.stat(f"{self.file}-wal").st_ino)
        self.assertNotEqual(made._known, before)

    def test_where_linux_is_not_it_is_the_thread(self) -> None:
        with mock.patch("platform.machine", lambda: "riscv64"):
            self.assertIsNone(flushes.Flushes("x.db")._kernel)
