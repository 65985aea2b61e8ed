"""A quick disk is waited for in the loop, a slow one in a thread."""

import threading
from collections.abc import Iterator

import pytest

from bot.store.disk import _ROW, Disk


class Commits:
    """Commits that take as long as they are told; notes in which thread each was made."""

    def __init__(self) -> None:
        self.now, self.takes_ms = 0.0, 0.1
        self.threads: list[str] = []

    def clock(self) -> float:
        return self.now

    def __call__(self) -> None:
        self.now += self.takes_ms / 1000
        self.threads.append(threading.current_thread().name)


@pytest.fixture
def commits() -> Iterator[Commits]:
    yield Commits()


async def test_a_disk_is_slow_until_it_was_quick_for_a_while(commits: Commits) -> None:
    disk = Disk(commits.clock)
    for _ in range(_ROW + 2):
        await disk.commit(commits)
    assert {name.startswith("journal") for name in commits.threads[:_ROW]} == {True}
    assert set(commits.threads[_ROW:]) == {threading.current_thread().name}


async def test_one_slow_commit_sends_the_next_ones_to_the_thread(commits: Commits) -> None:
    disk = Disk(commits.clock)
    for _ in range(_ROW):
        await disk.commit(commits)
    assert disk.is_quick
    commits.takes_ms = 40.0
    await disk.commit(commits)
    assert not disk.is_quick
    await disk.commit(commits)
    assert commits.threads[-1].startswith("journal")


async def test_in_between_changes_nothing(commits: Commits) -> None:
    disk = Disk(commits.clock)
    commits.takes_ms = 1.0
    for _ in range(2 * _ROW):
        await disk.commit(commits)
    assert not disk.is_quick


async def test_what_a_commit_raises_is_raised(commits: Commits) -> None:
    def broken() -> None:
        raise OSError("no space left")

    disk = Disk(commits.clock)
    for _ in range(2):
        with pytest.raises(OSError):
            await disk.commit(broken)
        for _ in range(_ROW):
            await disk.commit(commits)
