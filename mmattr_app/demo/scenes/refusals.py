"""Sentences with which the demo model refuses to answer."""

UNKNOWN_PICTURE = "I only know drawn scenes."
OUT_OF_SCOPE = "Please ask what there is, where, how many, how big or in which colour."
