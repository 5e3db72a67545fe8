"""Attention: soft is a mean, hard is a draw; where the regions lie."""

import torch

from rnnkit.nn.attention import HardAttention, SoftAttention, coordinates, neighbours


def test_soft_attention_is_the_weighted_mean_of_the_values():
    torch.manual_seed(0)
    look = SoftAttention(3, 4)
    query, keys, values = (
        torch.randn(1, 1, 3),
        torch.randn(1, 5, 4),
        torch.randn(1, 5, 4),
    )
    context, weights, scores = look(query, keys, values)
    by_hand = [torch.dot(look.query(query)[0, 0], key) / 2 for key in keys[0]]
    torch.testing.assert_close(scores[0, 0], torch.stack(by_hand))
    mean = sum(w * v for w, v in zip(weights[0, 0], values[0], strict=True))
    torch.testing.assert_close(context[0, 0], mean)


def test_coordinates_run_from_left_to_right_and_from_top_to_bottom():
    xy = coordinates(4)[:, :2]
    assert coordinates(4).shape == (16, 14)
    torch.testing.assert_close(xy[0], torch.tensor([-2.0, -2.0]))
    assert xy[1, 0] > xy[0, 0]
    assert xy[4, 1] > xy[0, 1]


def test_straight_through_has_the_value_of_the_draw_and_the_slope_of_the_probabilities():
    torch.manual_seed(0)
    look = HardAttention(3, 4, "straight-through")
    p = torch.softmax(torch.randn(2, 3, 5), -1).requires_grad_()
    weights = look.choose(p)
    torch.testing.assert_close(weights.sort(-1).values[..., -1], torch.ones(2, 3))
    slope = torch.randn(2, 3, 5)
    gradient = torch.autograd.grad((weights * slope).sum(), p)[0]
    torch.testing.assert_close(gradient, slope)


def test_hard_attention_draws_with_its_probabilities_and_in_evaluation_the_likeliest():
    torch.manual_seed(0)
    look = HardAttention(3, 4)
    p = torch.tensor([0.1, 0.6, 0.3]).expand(20_000, 1, 3)
    shares = look.train().choose(p).mean(dim=0)[0]
    # Six standard errors of the commonest: other processors may draw other numbers.
    torch.testing.assert_close(shares, p[0, 0], atol=0.02, rtol=0)
    assert (look.eval().choose(p)[:, 0, 1] == 1).all()


def test_neighbours_of_a_corner_and_of_the_middle():
    near = neighbours(4).bool()
    assert near[0].nonzero().flatten().tolist() == [0, 1, 4, 5]
    assert near[5].nonzero().flatten().tolist() == [0, 1, 2, 4, 5, 6, 8, 9, 10]
