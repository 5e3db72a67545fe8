"""Sequence to sequence: a text is read character by character and written anew, with or without attention."""
