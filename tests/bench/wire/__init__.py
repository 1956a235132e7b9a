"""The wire tests of rules W, B and R once more, with the native rival as their target."""
