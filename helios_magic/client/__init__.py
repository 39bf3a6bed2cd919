"""The client: one typed method per endpoint, over HTTP or in process."""
