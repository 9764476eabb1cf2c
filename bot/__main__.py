"""`python -m bot` is `citewire`."""

from bot.terminal.cli import main

main(prog_name="citewire")
