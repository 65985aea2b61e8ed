"""How several processes share the tests (pytest-xdist): `pytest -n 2`.

Its own `--dist loadgroup` does nothing under pytest 9.2 (pytest-xdist's issue 1386).
"""

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

# These take minutes: they begin, so that at the end no process waits for another. They have
# products of their own; the other files of tests/product share one, which takes a gigabyte.
_LONG = (
    "tests/product/test_kill_line.py",
    "tests/product/test_line.py",
    "tests/product/test_kill.py",
)
_SHARED_PRODUCT = "tests/product"


class InGroups(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each process whole groups, in the order of `place`."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def group(nodeid: str) -> str:
    """The tests with this one's process: its file's, or all that share the running product."""
    file = nodeid.partition("::")[0]
    shares = str(PurePosixPath(file).parent) == _SHARED_PRODUCT and file not in _LONG
    return _SHARED_PRODUCT if shares else file


def place(nodeid: str) -> int:
    """Sorts tests: the longest groups first."""
    order = (_SHARED_PRODUCT, *_LONG)
    own = group(nodeid)
    return order.index(own) if own in order else len(order)
