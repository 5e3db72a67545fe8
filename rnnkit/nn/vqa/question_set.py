"""What the models are trained on: pictures with some of their questions, as integers, in random batches.

Questions come as pairs (index of the picture, question); a question has `words`, a string, its true `answer`,
a string, and its `form`, as `rnnkit.scenes.questions.Question` has.
"""

import torch
from torch.nn.functional import cross_entropy

from rnnkit.nn.batches import RandomBatches
from rnnkit.nn.vqa.answerer import PAD, Answerer


class QuestionSet(RandomBatches):
    """Random batches of pictures with some of their questions, for `rnnkit.nn.training.Training`.

    Several questions of a picture share the work of looking at it.

    Arguments:
        regions: the encoder's vectors, (N, R, C), or (N, frames, R, C).
        asked: pairs (index of the picture, question); a picture without one is left out.
        words, answers: the model's, `Answerer.words` and `Answerer.answers`.
        batch_size: B, pictures in a batch; per_picture: Q, questions drawn for each; seed: whole number.

    Raises:
        ValueError: no question, an unknown word or answer, or a picture that is not there.
    """

    def __init__(
        self,
        regions: torch.Tensor,
        asked: list,
        words: list[str],
        answers: list[str],
        batch_size: int = 32,
        per_picture: int = 8,
        seed: int = 0,
    ) -> None:
        asked = sorted(asked, key=lambda pair: pair[0])
        pictures = torch.tensor([i for i, _ in asked])
        if not asked or pictures[0] < 0 or pictures[-1] >= len(regions):
            raise ValueError(
                f"asked: expected questions about pictures 0 to {len(regions) - 1}, "
                f"got {len(asked)} questions about {pictures.unique().tolist()[-5:]}"
            )
        self.regions = regions
        self.questions = encode_questions([q.words for _, q in asked], words)
        self.targets = encode_answers([q.answer for _, q in asked], answers)
        self.pictures, self.number = pictures.unique(return_counts=True)
        self.begin = self.number.cumsum(0) - self.number  # row of a picture's first one
        self.batch_size, self.per_picture = batch_size, per_picture
        self.rng = torch.Generator().manual_seed(seed)

    def batch(self) -> tuple[torch.Tensor, ...]:
        """Draw regions (B, R, C), words (B, Q, T) and true answers (B, Q)."""
        B, Q = self.batch_size, self.per_picture
        i = torch.randint(len(self.pictures), (B, 1), generator=self.rng)
        choice = torch.rand(B, Q, generator=self.rng) * self.number[i]
        row = self.begin[i] + choice.long()  # (B, Q)
        return (
            self.regions[self.pictures[i[:, 0]]],
            self.questions[row],
            self.targets[row],
        )

    def loss(self, model: Answerer) -> torch.Tensor:
        """Mean cross-entropy of the true answers, nats."""
        regions, words, targets = self.batch()
        scores, _ = model(regions, words)
        return cross_entropy(scores.flatten(0, 1), targets.flatten())


def encode_questions(questions: list[str], words: list[str]) -> torch.Tensor:
    """N questions, strings -> integers (N, T), padded behind the end.

    Raises ValueError for a word that is not in the vocabulary, and for an empty question.
    """
    index = {word: i for i, word in enumerate(words)}
    unknown = {w for q in questions for w in q.split()} - set(words)
    if unknown:
        raise ValueError(f"questions: expected known words, got {sorted(unknown)}")
    rows = [[index[w] for w in q.split()] for q in questions]
    if not all(rows):
        raise ValueError("questions: expected at least one word in each, got none")
    encoded = torch.full((len(rows), max(map(len, rows))), PAD)
    for i, row in enumerate(rows):
        encoded[i, : len(row)] = torch.tensor(row)
    return encoded


def encode_answers(given: list[str], answers: list[str]) -> torch.Tensor:
    """N answers, strings -> integers (N,). Raises ValueError for one that the model cannot give."""
    unknown = set(given) - set(answers)
    if unknown:
        raise ValueError(f"answers: expected known answers, got {sorted(unknown)}")
    index = {answer: i for i, answer in enumerate(answers)}
    return torch.tensor([index[a] for a in given])
