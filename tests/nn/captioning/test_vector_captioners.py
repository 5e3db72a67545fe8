"""Where the picture's vector is shown."""

import torch

from .small_captioners import make


def test_a_vector_at_the_first_step_reaches_the_first_step_alone(regions):
    for name, elsewhere in (("first", False), ("every", True)):
        model = make(name)
        words = torch.tensor([[0, 2, 3]] * 3)
        x = model.join(model.embedding(words), words, torch.ones(3, 128))
        assert (x[:, 0, 6:] == 1).all()
        assert (x[:, 1:, 6:] == elsewhere).all()
