"""Text for a terminal: its width, its colours, and tables of labels beside wrapped text."""
