"""What is known of a behaviour: its question and answers, who gives which, why, and what callers must do."""
