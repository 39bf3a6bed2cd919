"""The bundled HeliosDB: the service behind the seam, and HTTP on top of it."""
