"""What has to be done now and then, asked for by nobody."""
