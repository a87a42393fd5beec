"""The page in the browser and its event handlers; the only package that imports Gradio."""
