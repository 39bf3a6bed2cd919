"""The contract: one Struct per request and response, the envelope, the table of endpoints, the seam.

Shapes and names follow the API reference; what it does not show follows decisions.md.
"""
