"""Compute the index out of the profiles' files and the texts on them: this loads all profiles."""
