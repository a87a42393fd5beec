"""Players: the parts of a question that can be hidden, and how they are hidden."""
