"""How the demo model is made: a small LLaVA trained from nothing on our own scenes; the app never imports this."""
