"""What must not get in, and what must not get out: every attack that the service has to withstand, by subject."""
