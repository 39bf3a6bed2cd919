"""What can be said of SQL by reading it."""
