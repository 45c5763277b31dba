"""Facts about behaviours: question, answers, the releases that give each, the reason, advice to callers."""
