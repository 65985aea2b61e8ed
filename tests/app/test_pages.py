"""The heap in large pages: the same bytes, and nothing where the system cannot."""

import mmap
import subprocess
import sys
from pathlib import Path

import pytest

from wire import pages

# The same is asked of the system without `pages`: whether it gives a large page at all.
_PROGRAM = """
import ctypes, mmap, re
from wire import pages

other = mmap.mmap(-1, 8 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
other[:] = b"x" * len(other)
begin = ctypes.addressof(ctypes.c_char.from_buffer(other))
begin += -begin % (2 << 20)
advise = ctypes.CDLL(None).madvise
advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
gives = advise(begin, 2 << 20, 25) == 0

def large():
    return int(re.search("AnonHugePages: +([0-9]+)", open("/proc/self/smaps_rollup").read())[1])

kept = mmap.mmap(-1, 16 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
said = bytes(range(256)) * (len(kept) // 256)
kept[:] = said
before = large()
print(gives, pages.gather(), large() - before, kept[:] == said)
"""


def test_what_lies_there_stays_as_it_is() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    gives, gathered, more_kib, same = done.stdout.split()
    assert same == "True"
    assert (int(gathered) > 0) == (gives == "True")
    if gives == "True":
        assert int(more_kib) >= 2048


def test_only_whole_pages_of_private_memory_are_taken() -> None:
    size = 8 << 20
    anonymous = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    shared = mmap.mmap(-1, size)
    found = list(pages._heap())
    assert sum(end - begin for begin, end in found) >= size - (2 << 20)
    assert all(begin % (2 << 20) == 0 and end % (2 << 20) == 0 for begin, end in found)
    lines = Path("/proc/self/maps").read_text().splitlines()
    others = [line.split()[0] for line in lines if line.split()[1] != "rw-p"]
    for addresses in others:
        begin, end = (int(address, 16) for address in addresses.split("-"))
        assert not any(begin < to and start < end for start, to in found)
    anonymous.close()
    shared.close()


def test_where_there_are_none_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_WHOLE", Path("/nowhere"))
    assert pages.gather() == 0
