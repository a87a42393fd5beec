"""Where model calls run."""
