"""The scenarios that come with the package, one file each: ``@retry-moved`` is ``retry-moved.toml``."""
