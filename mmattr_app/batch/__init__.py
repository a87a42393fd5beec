"""Many questions at once: a table of them in, a folder of results, figures and a gallery out."""
