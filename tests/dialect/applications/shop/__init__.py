"""A small Django application with the fields that PostgreSQL alone has."""
