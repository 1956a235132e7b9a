"""The tests of calls once more, with the native rival as their target."""
