"""Third-party files: fetched once, checked against `vendor.lock.json`, kept in `vendor/`. Standard library only."""
