"""``emulator demo``, one program on several generations: ``play`` runs it, ``table`` prints the answers."""
