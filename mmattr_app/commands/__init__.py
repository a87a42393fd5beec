"""The commands of `python -m mmattr_app`, one a file, and what they print."""
