"""What a translation is worth: exact match, errors by position, and whether attention points where it should."""

import numpy as np

# Where each field stands in an ISO date, "1987-03-05".
PLACES = {"year": range(0, 4), "month": range(5, 7), "day": range(8, 10)}


def exact_match(written, wanted):
    """Share of texts that are right in every character."""
    return float(np.mean([a == b for a, b in zip(written, wanted, strict=True)]))


def errors_by_position(written, wanted):
    """Share of wrong characters at each position of targets of one length T: (T,).

    What was not written is wrong. Raises ValueError unless all that is wanted has one length.
    """
    lengths = {len(text) for text in wanted}
    if len(lengths) != 1:
        raise ValueError(f"wanted: expected texts of one length, got {sorted(lengths)}")
    (T,) = lengths
    wrong = [
        [a[t : t + 1] != b[t] for t in range(T)]
        for a, b in zip(written, wanted, strict=True)
    ]
    return np.mean(wrong, axis=0)


def pointing(weights, spans, texts):
    """Where attention looks while the digits of a date are written.

    Arguments:
        weights: of N dates, arrays (T, S) with T at least 10: a row for each character of the ISO date.
        spans: of N dates, dicts from field to its (start, end) in the source; texts: the N sources.

    Returns:
        dict from field to a dict of: "hit", (N, digits of the field), True where the largest weight lies inside the
        field's own span; "shown", of the same shape, False for a leading zero that the source does not write, as in
        "5 March"; "chance", the mean share of the source that the span takes.
    """
    found = {}
    for field, places in PLACES.items():
        hit, chance, shown = [], [], np.ones((len(texts), len(places)), bool)
        for n, (w, span, text) in enumerate(zip(weights, spans, texts, strict=True)):
            start, end = span[field]
            at = np.asarray(w)[list(places)].argmax(axis=-1)
            hit.append((start <= at) & (at < end))
            chance.append((end - start) / len(text))
            shown[n, 0] = not (end - start == 1 and text[start:end].isdecimal())
        found[field] = {
            "hit": np.array(hit),
            "shown": shown,
            "chance": float(np.mean(chance)),
        }
    return found
