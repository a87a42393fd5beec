"""Many questions at once: from a table of questions to a folder of results, figures and a gallery."""
