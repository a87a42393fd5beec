"""Training of the demo model, a small LLaVA, from scratch on our own scenes; the app never imports this."""
