"""The command line: `./turnpike COMMAND`."""
