"""Between the truth and its own outputs."""

import torch

from rnnkit.nn.translation import scheduled_sampling
from rnnkit.nn.translation.pairs import encode_sources, encode_targets
from rnnkit.nn.translation.scheduled_sampling import ScheduledPairs, scheduled_loss

from .small_translators import LETTERS, make


def given():
    source, mask = encode_sources(["abcab", "c"], LETTERS)
    return source, mask, encode_targets(["ab", "cab"], LETTERS)


def test_without_its_own_characters_it_is_teacher_forcing():
    model, batch = make(), given()
    torch.testing.assert_close(
        scheduled_loss(model, *batch, 0.0, torch.Generator()), model.loss(*batch)
    )


def test_with_its_own_characters_alone_it_is_the_loss_of_what_it_read():
    """A model that is certain draws the same at every step: it reads that, and is asked for the truth."""
    model, (source, mask, target) = make(), given()
    with torch.no_grad():
        model.output.bias[4] = 100.0  # always a "b"
    read = torch.full_like(target, 4)
    read[:, 0] = target[:, 0]
    state, memory = model.encode(source, mask)
    logits, _, _ = model.decode(read[:, :-1], state, memory)
    wanted = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), target[:, 1:].flatten(), ignore_index=0
    )
    got = scheduled_loss(model, source, mask, target, 1.0, torch.Generator())
    torch.testing.assert_close(got, wanted)


def test_the_share_rises_in_a_line_and_goes_on_where_it_stopped(monkeypatch):
    shares = []

    def noted(model, source, mask, target, share, rng):
        shares.append(share)
        return scheduled_loss(model, source, mask, target, share, rng)

    monkeypatch.setattr(scheduled_sampling, "scheduled_loss", noted)
    pairs = ScheduledPairs(["ab", "c"], ["a", "bc"], LETTERS, steps=4, most=0.8)
    losses = [pairs.loss(make()).item() for _ in range(3)]
    state = pairs.state_dict()
    losses.append(pairs.loss(make()).item())
    assert shares == [0, 0.2, 0.4, 0.6000000000000001]
    again = ScheduledPairs(["ab", "c"], ["a", "bc"], LETTERS, steps=4, most=0.8)
    again.load_state_dict(state)
    assert again.loss(make()).item() == losses[-1]
    assert len(set(losses)) > 1
