"""What stays true when processes are killed and databases stopped."""
