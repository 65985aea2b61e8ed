"""`python -m bot.cli` is `navi`."""

from bot.cli import main

main()
