"""A model served elsewhere by a vLLM server."""
