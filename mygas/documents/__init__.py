"""Data in, bytes out: drawings and documents; no database."""
