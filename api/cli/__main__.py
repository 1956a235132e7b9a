"""`python -m api.cli`, as the `turnpike` executable calls it."""

from api.cli import main

main(prog_name="./turnpike")
