"""Captions: `captioner` is what all captioners share, `vector_`, `attention_` and `hard_attention_captioner` the models.

`caption_set` is what they are trained on, `writing` lets them write, `files` keeps them.
"""
