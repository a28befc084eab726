"""The portal kept safe: backups made, thinned out, rehearsed and brought back (promises.md §6.7, docs/backups.md)."""
