"""Programs of a checkout: they write what the repository holds and a program makes (``./dev refresh``)."""
