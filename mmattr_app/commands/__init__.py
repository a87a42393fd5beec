"""The commands of `python -m mmattr_app`, one in each file, and what they print."""
