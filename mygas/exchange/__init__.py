"""Registries of the supplier's billing system: in (importing) and made up (demo). Formats: docs/formats.md."""
