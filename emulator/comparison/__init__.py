"""One scenario or program on several releases, call by call, and where they differ."""
