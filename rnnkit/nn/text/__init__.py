"""Character models: `vocabulary` and `chunks` turn a text into batches, `char_lm` is the model and its file.

`decoding` lets it write: one character drawn after another, or the likeliest continuation.
"""
