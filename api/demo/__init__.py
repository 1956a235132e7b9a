"""The demonstration: `./turnpike demo`. A customer's PBXs and a carrier's core, played on a running instance."""
