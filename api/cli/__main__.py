"""`python -m api.cli`, as the `turnpike` executable calls it."""

from api.cli.commands import main

main(prog_name="./turnpike")
