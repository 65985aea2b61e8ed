"""Tests of the running product: `navi serve` as members meet it, with the real dialogue server."""
