"""Arithmetic that several methods, metrics or pages share: masks to draw, fits, curves, shares. Plain NumPy."""
