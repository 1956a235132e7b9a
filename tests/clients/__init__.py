"""PBXs that Debian 12 does not have, fetched for the occasion: `./turnpike test clients`."""
