"""Captioning models: the eye, image vectors, attention soft and hard, decoding, the shipped model."""

import itertools

import numpy as np
import pytest
import torch
from torch.nn.functional import relu

from rnnkit.cells import lstm_step_forward
from rnnkit.data.descriptions import CAPTION_WORDS, captions
from rnnkit.data.scenes import Thing, generate_scenes
from rnnkit.data.scoring import inside, noun_score, points, score
from rnnkit.nn.attention import (
    Glances,
    HardAttention,
    SoftAttention,
    coordinates,
    neighbours,
)
from rnnkit.nn.attention_captioner import AttentionCaptioner, mean_square
from rnnkit.nn.caption_files import SHIPPED, arrays, load_captioner, save_captioner
from rnnkit.nn.captioner import END, IGNORE, MultimodalCaptioner, VectorCaptioner
from rnnkit.nn.captions import (
    CaptionSet,
    beam_search,
    decode_caption,
    encode_captions,
    evidence,
    greedy,
    log_probability,
    shifted,
)
from rnnkit.nn.checkpoint import CheckpointError, save
from rnnkit.nn.hard_attention import HardCaptioner, entropy, reinforce
from rnnkit.nn.training import Training, fit
from rnnkit.nn.vision import Encoder, encode

WORDS = ["a", "b", "c", "d"]
SIZES = {"regions": 16, "channels": 5, "embedding_size": 6, "hidden_size": 8}
MODELS = {
    "first": lambda: VectorCaptioner(WORDS, every=False, **SIZES),
    "every": lambda: VectorCaptioner(WORDS, **SIZES),
    "m-rnn": lambda: MultimodalCaptioner(WORDS, **SIZES),
    "soft": lambda: AttentionCaptioner(WORDS, attention_size=7, **SIZES),
    "straight-through": lambda: HardCaptioner(WORDS, "straight-through", **SIZES),
    "reinforce": lambda: HardCaptioner(WORDS, **SIZES),
}
ATTENTION = ["soft", "straight-through", "reinforce"]


def make(name):
    torch.manual_seed(0)
    return MODELS[name]().eval()


@pytest.fixture
def regions():
    return torch.randn(3, 16, 5, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def rows():
    return encode_captions(["a b", "c d a", "b"], ["<START>", "<END>", *WORDS])


@pytest.mark.parametrize("name", MODELS)
def test_all_steps_at_once_are_the_steps_one_by_one(name, regions, rows):
    model, words = make(name), rows.clamp(min=0)
    together, _, glances = model(words, model.start(regions))
    assert together.shape == (3, rows.shape[1], len(WORDS) + 2)
    state = model.start(regions)
    for t in range(words.shape[1]):
        logits, state, looked = model(words[:, t : t + 1], state)
        torch.testing.assert_close(logits[:, 0], together[:, t])
        if looked is not None:
            torch.testing.assert_close(looked.weights[:, 0], glances.weights[:, t])


@pytest.mark.parametrize("name", MODELS)
def test_what_stands_behind_the_end_does_not_count(name, regions, rows):
    model = make(name)
    longer = torch.cat([rows, torch.full((3, 4), IGNORE)], dim=1)
    torch.manual_seed(0)
    if name in ATTENTION:
        model.config["calm"] = 0  # its mean runs over all steps
    a = model.loss(regions, rows)
    torch.testing.assert_close(model.loss(regions, longer), a)


def test_a_vector_at_the_first_step_reaches_the_first_step_alone(regions):
    for name, elsewhere in (("first", False), ("every", True)):
        model = make(name)
        words = torch.tensor([[0, 2, 3]] * 3)
        x = model.join(model.embedding(words), words, torch.ones(3, 128))
        assert (x[:, 0, 6:] == 1).all()
        assert (x[:, 1:, 6:] == elsewhere).all()


@pytest.mark.parametrize("name", ATTENTION)
def test_attention_sums_to_one(name, regions, rows):
    model = make(name)
    _, _, glances = model(rows.clamp(min=0), model.start(regions))
    torch.testing.assert_close(glances.weights.sum(-1), torch.ones(3, rows.shape[1], 2))
    if name != "soft":
        highest = glances.weights.max(-1).values
        torch.testing.assert_close(highest, torch.ones_like(highest))


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


def expected_price(scores, values, target):
    """The exact expected price of a word over all draws, and the price of each draw: the tiny case."""
    price = (values - target).square().sum(-1)  # (R,)
    return (torch.softmax(scores, -1) * price).sum(), price


@pytest.mark.parametrize("baseline", [0.0, 1.3])
def test_reinforce_is_unbiased_whatever_the_baseline(baseline):
    """Its mean over all draws, each as often as it is drawn, is the exact gradient."""
    torch.manual_seed(0)
    values, target = torch.randn(5, 3), torch.randn(3)
    scores = torch.randn(5, requires_grad=True)
    exact, prices = expected_price(scores, values, target)
    gradient = torch.autograd.grad(exact, scores)[0]
    mean = torch.zeros(5)
    for region, p in enumerate(torch.softmax(scores, -1).tolist()):
        weights = torch.eye(5)[region].view(1, 1, 1, 5)
        glances = Glances(weights, (scores.view(1, 1, 5),))
        term = reinforce(prices[region].view(1, 1), torch.tensor([[baseline]]), glances)
        mean += p * torch.autograd.grad(term.sum(), scores)[0]
    torch.testing.assert_close(mean, gradient)


def test_the_whole_loss_of_the_hard_captioner_is_unbiased():
    """Two glances, two words: the mean over all draws, by enumeration, is the gradient of the exact mean."""
    torch.manual_seed(0)
    sizes = {"regions": 4, "channels": 3, "embedding_size": 3, "hidden_size": 4}
    model = HardCaptioner(["a"], attention_size=3, entropy=0, calm=0, **sizes).double()
    regions = torch.randn(1, 4, 3, dtype=torch.float64)
    rows = torch.tensor([[0, 2, END]])
    parameters = [p for n, p in model.named_parameters() if n != "baseline.weight"]
    exact, estimate = 0, [torch.zeros_like(p) for p in parameters]
    for draw in itertools.product(
        range(4), repeat=2
    ):  # the same at both words: see below
        for look, region in zip(model.looks, draw, strict=True):
            look.choose = fixed(region)
        logits, _, glances = model(rows[:, :-1], model.start(regions))
        log_p = torch.stack(glances.scores, 2).log_softmax(-1)[0]  # (T, G, R)
        p = (
            log_p[:, range(2), draw].sum(1).exp()
        )  # probability of this draw at each word
        price = -logits.log_softmax(-1)[0, range(2), rows[0, 1:]]
        exact = exact + (p * price).mean()
        # A word's draw concerns that word alone, so words may be enumerated side by side.
        for word in range(2):
            kept = rows.clone()
            kept[0, 1 + (1 - word)] = IGNORE
            loss = ignoring(model, regions, rows, kept)
            grads = torch.autograd.grad(loss, parameters, allow_unused=True)
            for total, g in zip(estimate, grads, strict=True):
                if g is not None:
                    total += p[word].item() * g / 2
    wanted = torch.autograd.grad(exact, parameters, allow_unused=True)
    for mean, g in zip(estimate, wanted, strict=True):
        if g is not None:
            torch.testing.assert_close(mean, g)


def fixed(region):
    """An attention's `choose` that always looks at one region."""
    return lambda p: torch.eye(4, dtype=p.dtype)[region].expand_as(p)


def ignoring(model, regions, rows, kept):
    """The model's loss where only the targets of `kept` count, while it reads `rows`."""
    forward = model.forward
    model.forward = lambda words, state: forward(rows[:, :-1], state)
    try:
        return model.loss(regions, kept)
    finally:
        model.forward = forward


def test_straight_through_has_the_value_of_the_draw_and_the_slope_of_the_probabilities():
    torch.manual_seed(0)
    look = HardAttention(3, 4)
    look.estimator = "straight-through"
    p = torch.softmax(torch.randn(2, 3, 5), -1).requires_grad_()
    weights = look.choose(p)
    torch.testing.assert_close(weights.sort(-1).values[..., -1], torch.ones(2, 3))
    slope = torch.randn(2, 3, 5)
    gradient = torch.autograd.grad((weights * slope).sum(), p)[0]
    torch.testing.assert_close(gradient, slope)


def test_hard_attention_draws_with_its_probabilities_and_in_evaluation_the_likeliest():
    torch.manual_seed(0)
    look = HardAttention(3, 4)
    p = torch.tensor([0.1, 0.6, 0.3]).expand(4000, 1, 3)
    torch.testing.assert_close(
        look.train().choose(p).mean(dim=0)[0], p[0, 0], atol=0.03, rtol=0
    )
    assert (look.eval().choose(p)[:, 0, 1] == 1).all()


def test_neighbours_of_a_corner_and_of_the_middle():
    near = neighbours(4).bool()
    assert near[0].nonzero().flatten().tolist() == [0, 1, 4, 5]
    assert near[5].nonzero().flatten().tolist() == [0, 1, 2, 4, 5, 6, 8, 9, 10]


@pytest.mark.parametrize("estimator", ["straight-through", "reinforce"])
def test_with_inhibition_no_glance_of_a_word_touches_another(estimator, rows):
    torch.manual_seed(0)
    sizes = SIZES | {"regions": 64, "glances": 3, "contexts": "all"}
    model = HardCaptioner(WORDS, estimator, inhibition=True, **sizes)
    regions = torch.randn(3, 64, 5)
    for training in (True, False):
        state = model.train(training).start(regions)
        _, _, glances = model(rows.clamp(min=0), state)
        at = glances.weights.argmax(dim=-1)  # (B, T, G)
        y, x = at // 8, at % 8
        for g, k in ((0, 1), (0, 2), (1, 2)):
            far = torch.maximum(
                (x[..., g] - x[..., k]).abs(), (y[..., g] - y[..., k]).abs()
            )
            assert far.min() > 1
    # What is barred has no share in the loss: it stays as finite, and as small, as without.
    assert model.loss(regions, rows).isfinite()
    assert mean_square(glances.scores) < 100


def test_contexts_that_the_word_is_chosen_from(regions, rows):
    for contexts, size in (("last", 8 + 2 * 14 + 7), ("all", 8 + 2 * 14 + 14)):
        model = AttentionCaptioner(
            WORDS, attention_size=7, contexts=contexts, **SIZES
        ).eval()
        assert model.output[0].in_features == size
        model(rows.clamp(min=0), model.start(regions))
    with pytest.raises(ValueError, match='contexts: expected "last" or "all"'):
        AttentionCaptioner(WORDS, contexts="first", **SIZES)


def test_entropy_of_an_undecided_glance():
    glances = Glances(torch.zeros(1, 1, 2, 8), (torch.zeros(1, 1, 8),) * 2)
    torch.testing.assert_close(
        entropy(glances), torch.tensor([[2 * np.log(8)]]).float()
    )


@pytest.mark.parametrize("name", MODELS)
def test_greedy_repeats_itself_and_its_probability_is_the_models(name, regions):
    model = make(name)
    words, _ = greedy(model, regions, longest=4)
    assert torch.equal(words, greedy(model, regions, longest=4)[0])
    logits, _, _ = model(shifted(words), model.start(regions))
    assert torch.equal(logits.argmax(-1), words)


@pytest.mark.parametrize("name", ["every", "soft"])
def test_a_wide_beam_finds_the_likeliest_caption(name, regions):
    """Against all captions of at most three words, one by one."""
    model = make(name)
    V = len(model.words)
    every = [list(c) for n in range(3) for c in itertools.product(range(V), repeat=n)]
    every = [[*c, END] for c in every if END not in c]
    every += [
        list(c) for c in itertools.product(range(V), repeat=3) if END not in c[:2]
    ]
    rows = torch.tensor([c + [END] * (3 - len(c)) for c in every])
    for r in regions:
        logs = log_probability(model, r.expand(len(rows), -1, -1), rows)
        words, log_p = beam_search(model, r, width=V**3, longest=3)
        assert log_p == pytest.approx(logs.max().item(), abs=1e-4)
        narrow = beam_search(model, r, width=1, longest=3)[1]
        assert narrow <= log_p + 1e-5


def test_beam_of_one_is_greedy(regions):
    model = make("soft")
    for i, row in enumerate(greedy(model, regions, longest=5)[0]):
        one, log_p = beam_search(model, regions[i], width=1, longest=5)
        assert decode_caption(one, model.words) == decode_caption(row, model.words)
        both = log_probability(model, regions[i : i + 1], row[None])
        assert log_p == pytest.approx(both.item(), abs=1e-4)


def test_evidence_is_the_derivative_by_the_scores(regions):
    """Where a region's score is raised a little, the log-probability of the word rises by so much."""
    model = make("soft").double()
    regions = regions.double()
    words, _ = greedy(model, regions, longest=3)
    found, eps = evidence(model, regions, words), 1e-6
    last, region = model.looks[-1], 7
    choose = last.forward

    def log_p(raise_by):
        def nudged(query, keys, values, barred):
            _, _, scores = choose(query, keys, values)
            scores = scores + raise_by * torch.eye(16, dtype=scores.dtype)[region]
            weights = torch.softmax(scores, -1)
            return weights @ values, weights, scores

        last.forward = nudged
        with torch.no_grad():
            logits, _, _ = model(shifted(words), model.start(regions))
        return logits.log_softmax(-1).gather(-1, words[..., None])[..., 0]

    numerical = (log_p(eps) - log_p(-eps)) / (2 * eps)
    torch.testing.assert_close(found[..., region], numerical, atol=1e-7, rtol=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_training_lowers_the_loss(name, regions):
    torch.manual_seed(0)
    model = MODELS[name]()
    data = CaptionSet(regions, [["a b"], ["c d", "d c"], ["b"]], model.words, 8)
    training = Training(model, data, steps=60, lr=2e-2)
    fit(training, evaluations=4, bar=False)
    losses = [point["train_loss"] for point in training.history.points]
    assert losses[-1] < 0.7 * losses[0] or losses[-1] < 0


def test_a_batch_pairs_pictures_with_their_own_captions(regions):
    data = CaptionSet(regions, [["a"], ["b", "c"], ["d"]], MODELS["soft"]().words, 300)
    own = {0: {2}, 1: {3, 4}, 2: {5}}
    seen, rows = data.batch()
    for picture, row in zip(seen, rows, strict=True):
        i = [torch.equal(picture, r) for r in regions].index(True)
        assert row[1].item() in own[i]
    assert len(set(rows[:, 1].tolist())) == 4
    state = data.state_dict()
    first = data.batch()[1]
    data.load_state_dict(state)
    assert torch.equal(data.batch()[1], first)


def test_the_folded_encoder_is_the_encoder():
    torch.manual_seed(0)
    encoder = Encoder(6)
    images = torch.randint(0, 256, (9, 32, 32, 3), dtype=torch.uint8)
    encoder.train()
    for _ in range(3):
        encoder(images)  # so that the running means are not 0 and 1
    x = images.permute(0, 3, 1, 2).float() / 255
    for weight, bias in encoder.eval().folded():
        x = relu(torch.nn.functional.conv2d(x, weight, bias, stride=2, padding=1))
    expected = encode(encoder, images)
    torch.testing.assert_close(
        x.flatten(2).transpose(1, 2), expected, atol=1e-5, rtol=0
    )


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_the_arrays_say_all_that_a_page_needs(regions):
    """The model computed from its arrays alone, as `arrays` describes it, in numpy."""
    model, encoder = make("soft"), Encoder(5).eval()
    model.standardise(regions * 3 + 1)
    w = arrays(encoder, model)
    words = torch.tensor([0, 2, 3])
    expected, _, _ = model(words[None], model.start(regions[:1]))
    seen = np.maximum(regions[0].numpy() @ w["W_what"] + w["b_what"], 0)
    seen = np.concatenate([seen, w["where"]], axis=1)
    keys, values = (seen @ w[f"W_{n}"] + w[f"b_{n}"] for n in ("key", "value"))
    h = c = np.zeros((1, 8), np.float32)
    for t, word in enumerate(words):
        x = w["embedding"][word : word + 1]
        h, c, _ = lstm_step_forward(x, h, c, w["W_xh"], w["W_hh"], w["b_h"])
        known, parts = h[0], [h[0]]
        for g in ("look1", "look2"):
            weights = softmax((known @ w[f"W_{g}"] + w[f"b_{g}"]) @ keys.T / np.sqrt(7))
            parts.append(weights @ w["where"])
            known = np.concatenate([known, weights @ values])
        parts.append(weights @ values)
        hidden = np.maximum(np.concatenate(parts) @ w["W_hidden"] + w["b_hidden"], 0)
        logits = hidden @ w["W_output"] + w["b_output"]
        np.testing.assert_allclose(logits, expected[0, t].detach(), atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_a_checkpoint_comes_back(name, regions, tmp_path):
    model, encoder = make(name), Encoder(5).eval()
    model.standardise(regions)
    path = tmp_path / "c.safetensors"
    save_captioner(path, encoder, model, {"seed": 3})
    encoder2, model2, metadata = load_captioner(path)
    assert metadata == {"seed": 3}
    assert torch.equal(greedy(model, regions)[0], greedy(model2, regions)[0])
    save(path, {"x": torch.zeros(1)}, {"what": "something else"})
    with pytest.raises(CheckpointError, match="expected a captioner"):
        load_captioner(path)


def test_scores_of_a_known_scene():
    things = (Thing("cat", "", (0, 0, 16, 16)), Thing("apple", "", (40, 40, 64, 64)))
    words = "a cat left of an apple".split()
    maps = np.zeros((len(words) + 1, 64))
    maps[:, 9] = 1  # the region whose centre is (12, 12)
    np.testing.assert_allclose(
        points(words, maps, things), [[1, 1, 4 / 64], [0, 0, 9 / 64]]
    )
    assert inside("cat", things, 8).sum() == 4
    assert noun_score(words, things) == 1
    assert noun_score("a cat above a cat".split(), things) == 0.5
    found = score([words], [things], maps[None], step="first")
    assert found["exact"] == 1
    assert found["pointing"] == found["mass"] == 0.5
    assert score([["a", "pig"]], [things], maps[None])["chance"] == 0
    with pytest.raises(ValueError, match="step: expected"):
        points(words, maps, things, step="last")


def test_a_caption_without_end_is_read_at_its_last_word():
    things = (Thing("cat", "", (0, 0, 16, 16)), Thing("apple", "", (40, 40, 64, 64)))
    words = "a cat left of an apple".split()
    maps = np.zeros((len(words), 64))
    maps[:-1, 9], maps[-1, 45] = 1, 1  # the cat; at the last word the apple
    hits = points(words, maps, things, step="after")[:, 0]
    np.testing.assert_array_equal(hits, [1, 1])


def test_the_shipped_model_reaches_its_figures():
    encoder, model, _ = load_captioner()
    assert SHIPPED.stat().st_size < 5e6
    parameters = [*encoder.parameters(), *model.parameters()]
    assert sum(p.numel() for p in parameters) <= 350_000
    assert [w for w in model.words if w[0] != "<"] == CAPTION_WORDS
    for pairs, exact in (("seen", 0.92), ("held-out", 0.78)):
        scenes = generate_scenes(200, seed=21, pairs=pairs)
        indices, glances = greedy(model, encode(encoder, scenes.images))
        words = [decode_caption(row, model.words) for row in indices]
        assert score(words, scenes.things)["exact"] > exact
        # The first noun is a free choice among all that is there: it is looked at once it is said.
        assert hits(words, glances.weights[:, :, 0], scenes.things, "after")[0] > 0.9
        assert hits(words, glances.weights[:, :, 1], scenes.things, "noun")[1] > 0.75


def hits(words, weights, things, step):
    """How often the map is right for the first noun, and for the second."""
    both = zip(words, weights.numpy(), things, strict=True)
    return np.mean([points(w, a, t, step)[:2, 0] for w, a, t in both], axis=0)


def test_errors(regions):
    model = make("soft")
    with pytest.raises(ValueError, match=r"regions: expected \(B, R, C\)"):
        model.start(regions[:, :3])
    with pytest.raises(ValueError, match="words: expected different"):
        VectorCaptioner(["a", "a"])
    with pytest.raises(ValueError, match="regions: expected a square"):
        AttentionCaptioner(WORDS, regions=15)
    with pytest.raises(ValueError, match="hidden_size: expected a whole"):
        AttentionCaptioner(WORDS, hidden_size=0)
    with pytest.raises(ValueError, match="estimator: expected"):
        HardCaptioner(WORDS, "magic")
    with pytest.raises(ValueError, match="width: expected"):
        beam_search(model, regions[0], width=0)
    with pytest.raises(ValueError, match="expected known words"):
        CaptionSet(regions, [["a"], ["b"], ["z"]], model.words)
    with pytest.raises(ValueError, match="expected one list"):
        CaptionSet(regions, [["a"]], model.words)
    with pytest.raises(ValueError, match="at least one for every"):
        CaptionSet(regions, [["a"], [], ["b"]], model.words)


def test_every_caption_of_a_scene_can_be_encoded():
    scenes = generate_scenes(20, seed=0)
    words = ["<START>", "<END>", *CAPTION_WORDS]
    for things in scenes.things:
        for text in captions(things):
            row = encode_captions([text], words)[0]
            assert " ".join(decode_caption(row[1:], words)) == text
