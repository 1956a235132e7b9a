"""The portal: pages for people, over the API. Each page asks the API within the process; it has no logic of its own."""
