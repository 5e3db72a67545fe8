"""PyTorch: what all models share stands here, each task's models in a folder of their own.

`text` characters, `captioning` captions, `vqa` questions; `attention`, `encoder` (the eye), `training`, `config` and
`checkpoint` serve them all. `side_by_side`, `cell_variants`, `lstm_ablations` and `deep_stacks`: many small networks.
"""
