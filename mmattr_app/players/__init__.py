"""Who plays: what can be hidden of a question, and how."""
