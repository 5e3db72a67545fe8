"""How a model is asked, and how often it is right."""

from collections import defaultdict

import torch

from rnnkit.nn.vqa.answerer import Answerer
from rnnkit.nn.vqa.question_set import encode_questions


@torch.no_grad()
def reply(
    model: Answerer, regions: torch.Tensor, asked: list, batch_size: int = 250
) -> tuple[list[str], torch.Tensor | None]:
    """Ask a model; it is put into evaluation mode for it.

    regions (N, R, C); asked: M pairs (index of the picture, question).
    Returns the model's answers, M strings, and where it looked, (M, G, R), or None.
    """
    training = model.training
    model.eval()
    pictures = torch.tensor([i for i, _ in asked])
    words = encode_questions([q.words for _, q in asked], model.words)
    best, looked = [], []
    for rows in torch.arange(len(asked)).split(batch_size):
        scores, glances = model(regions[pictures[rows]], words[rows, None])
        best += scores[:, 0].argmax(dim=-1).tolist()
        looked.append(glances)
    model.train(training)
    glances = None if looked[0] is None else torch.cat(looked)[:, 0]
    return [model.answers[k] for k in best], glances


def accuracy(replies: list[str], asked: list) -> dict[str, float]:
    """Share of right answers for each form of question: a dict."""
    right = defaultdict(list)
    for given, (_, question) in zip(replies, asked, strict=True):
        right[question.form].append(given == question.answer)
    return {form: sum(hits) / len(hits) for form, hits in right.items()}
