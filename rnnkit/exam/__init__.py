"""Exam questions whose numbers follow from a seed: the bank, and papers made from it in versions A and B.

    rnnkit exam --seed 2027 --chapters 1-4 --points 60 --out exam/

A question is a function in ``bank/``; it draws its numbers, and computes its model answer with the functions that the
chapters teach. Nothing here needs more than numpy; printing as HTML needs the extra ``exam``.
"""

from rnnkit.exam.bank import QUESTIONS, find
from rnnkit.exam.question import LEVELS, VERSIONS, Question

__all__ = ["LEVELS", "QUESTIONS", "VERSIONS", "Question", "find"]
