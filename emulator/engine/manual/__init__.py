"""Manual mode: a release's own pages decide where they promise or permit what the library does not do."""
