"""Arithmetic that several methods and metrics share: random masks, fits, curves, searches. Plain NumPy."""
