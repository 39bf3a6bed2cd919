"""Vector columns: their embedding spaces, and the rows nearest to a vector."""
