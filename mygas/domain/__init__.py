"""What the portal does: plain functions, commands and the queries that pages need."""
