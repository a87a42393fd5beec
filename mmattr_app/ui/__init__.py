"""The page and its wiring; the only package that knows Gradio."""
