"""Django's own postgresql backend, every statement compared on its way."""
