"""Plausible wrong programs for every problem of the problem sets: hidden tests have to refuse each of them.

{set: {problem: [(mistake, what stands in the solution, what stands there instead), ...]}}
"""

WRONG = {
    "1_reading_and_learning": {
        "1": [
            (
                "the mean over all steps",
                "mask.sum(axis=1, keepdims=True)",
                "mask.shape[1]",
            ),
            (
                "a gradient in the padding",
                "mask[..., None] * (dm / counts)",
                "np.ones((*mask.shape, 1)) * (dm / counts)",
            ),
            ("the gradient is not divided", "(dm / counts)[:, None]", "dm[:, None]"),
            (
                "a row without a step divides by 0",
                "np.maximum(mask.sum(axis=1, keepdims=True), 1)",
                "mask.sum(axis=1, keepdims=True)",
            ),
            (
                "0 times what padding holds",
                "np.where(mask[..., None], h, 0)",
                "(h * mask[..., None])",
            ),
        ],
        "2": [
            (
                "the direct path is forgotten",
                "dh * (1 - leak) + da @ W_hh.T",
                "da @ W_hh.T",
            ),
            ("the leak is missing in da", "dh * leak * (1 - n**2)", "dh * (1 - n**2)"),
            (
                "the slope of the sigmoid is missing",
                ".sum(axis=0) * leak * (1 - leak)",
                ".sum(axis=0)",
            ),
            ("the old state has no part in dk", "(dh * (n - h_prev))", "(dh * n)"),
            ("the transpose is missing", "da @ W_hh.T", "da @ W_hh"),
        ],
        "3": [
            ("the choice among the unknown is free", " + unknown * np.log(others)", ""),
            ("nats", " / np.log(2)", ""),
            ("unknown characters are left out", "nats.mean()", "nats[~unknown].mean()"),
            (
                "the choice is paid in bits too early",
                "np.log(others)",
                "np.log2(others)",
            ),
        ],
        "4": [
            ("the state before", "dW_hy += h[:, t + 1].T", "dW_hy += h[:, t].T"),
            ("only the last step", "dW_xy += x", "dW_xy = x"),
            (
                "a square of the wrong thing",
                "(1 - h[:, t + 1] ** 2)",
                "(1 - h[:, t + 1]) ** 2",
            ),
            ("the shortcut of the gradient", " + dy[:, t] @ W_xy.T", ""),
        ],
        "5": [
            ("the gradient of another matrix", "[3]", "[2]"),
            (
                "divided by the truncated norm",
                "/ np.linalg.norm(full)",
                "/ np.linalg.norm(cut)",
            ),
            (
                "the largest chunk",
                "next(c for c in CHUNKS if",
                "max(c for c in CHUNKS if",
            ),
            ("a statement about all networks", '{"a", "c"}', '{"a", "b", "c"}'),
            ("one network", "for k in range(10)", "for k in range(1)"),
        ],
    },
    "2_looking_at_pictures": {
        "1": [
            ("no way through the gate", " + da @ W_g.T", ""),
            ("the sign of t", "-(ds * s).sum()", "(ds * s).sum()"),
            ("the keys do not know the temperature", "ds, q) / tau", "ds, q)"),
            (
                "the softmax without its mean",
                "p * (dp - (p * dp).sum(axis=1, keepdims=True))",
                "p * dp",
            ),
            ("the values see no gate", "dc = dz * gate", "dc = dz"),
        ],
        "2": [
            ("at every word", 'np.einsum("bt,bth->bh", shown, da)', "da.sum(axis=1)"),
            (
                "a mean over the words",
                'np.einsum("bt,bth->bh", shown, da)',
                'np.einsum("bt,bth->bh", shown, da) / da.shape[1]',
            ),
            (
                "the first word only",
                'np.einsum("bt,bth->bh", shown, da)',
                "shown[:, :1] * da[:, 0]",
            ),
            (
                "one row for all",
                'np.einsum("bt,bth->bh", shown, da)',
                'np.einsum("t,bth->bh", shown[-1], da)',
            ),
        ],
        "3": [
            ("rows and columns", "y, x = np.divmod", "x, y = np.divmod"),
            ("corners instead of centres", "x * 8 + 4, y * 8 + 4", "x * 8, y * 8"),
            (
                "twice where boxes overlap",
                "row[hit].sum()",
                "sum(row[(l <= x) & (x < r) & (t <= y) & (y < b)].sum() for l, t, r, b in inside)",
            ),
            (
                "pictures without the noun count",
                "            continue",
                "            masses.append(0.0)\n            continue",
            ),
            ("the right edge belongs to the box", "(x < right)", "(x <= right)"),
        ],
        "4": [
            (
                "ties by what came first",
                "(-answers.count(a), a)",
                "(-answers.count(a), answers.index(a))",
            ),
            ("the rarest", "-answers.count(a)", "answers.count(a)"),
            (
                "one right is enough",
                "right.append(truths[i : i + 2] == answers[i : i + 2])",
                "right.append(truths[i] == answers[i] or truths[i + 1] == answers[i + 1])",
            ),
            ("two that are no pair are counted", "truths[i] == truths[i + 1]", "False"),
        ],
        "5": [
            ("the share that stays", "before != ask(", "before == ask("),
            (
                "only the pictures are replaced",
                "ask(name, new_questions, new_pictures)",
                "ask(name, questions, new_pictures)",
            ),
            (
                "words and picture the wrong way round",
                '"picture" if by_picture > 0 else "words"',
                '"words" if by_picture > 0 else "picture"',
            ),
            (
                "all match",
                "if by_picture > 0 and by_question > 0",
                "if by_picture > 0 or by_question > 0",
            ),
        ],
    },
    "3_gradients_and_gates": {
        "1": [
            ("the direct path is forgotten", "dh * z + da @ W_hh.T", "da @ W_hh.T"),
            ("the gate the wrong way round", "(h_prev - n) * z", "(n - h_prev) * z"),
            (
                "the candidate without its gate",
                "dh * (1 - z) * (1 - n**2)",
                "dh * (1 - n**2)",
            ),
            ("packed the other way", "[da_z, da_n]", "[da_n, da_z]"),
            (
                "the Jacobian's transpose",
                "+ by_z + by_n",
                "+ by_z.transpose(0, 2, 1) + by_n.transpose(0, 2, 1)",
            ),
            (
                "the Jacobian without its diagonal",
                "z[..., None] * np.eye(z.shape[1]) + ",
                "",
            ),
        ],
        "2": [
            ("one way from the memory", "dc * f + da_f * p", "dc * f"),
            (
                "dp for each row",
                "(da_f * c_prev).sum(axis=0)",
                "(da_f * c_prev).mean(axis=0)",
            ),
            ("the slope of the forget gate", "c_prev * f * (1 - f)", "c_prev"),
            (
                "gate and candidate exchanged",
                "dc * g * i * (1 - i)",
                "dc * i * (1 - i)",
            ),
        ],
        "3": [
            (
                "array by array",
                "sum((g**2).sum() for g in grads.values())",
                "max((g**2).sum() for g in grads.values())",
            ),
            ("small gradients grow", "min(1, limit / norm)", "limit / norm"),
            (
                "in place",
                "np.clip(g, -limit, limit)",
                "np.clip(g, -limit, limit, out=g)",
            ),
            (
                "the cosine's root",
                "dot / (norms[0] * norms[1])",
                "dot / (norms[0] * norms[1]) ** 2",
            ),
            (
                "a bound on entries as one on the norm",
                '{"a", "b", "d"}',
                '{"a", "b", "c", "d"}',
            ),
        ],
        "4": [
            ("the mean slope", ".max(axis=1)", ".mean(axis=1)"),
            (
                "eigenvalues",
                "np.linalg.norm(W_hh, 2)",
                "np.abs(np.linalg.eigvals(W_hh)).max()",
            ),
            (
                "the Frobenius norm",
                "np.linalg.norm(P, 2, axis=(1, 2))",
                "np.linalg.norm(P, axis=(1, 2))",
            ),
            ("steps counted from 0", "int(below[0]) + 1", "int(below[0])"),
            ("each step by itself", "np.cumprod(slopes * ", "(slopes * "),
        ],
        "5": [
            ("nothing from the next step", "dc + dh * o", "dh * o"),
            ("the memory after the step", "dc_full * c_prev * f", "dc_full * c * f"),
            ("packed i, f, g, o", "da_o, da_g]", "da_g, da_o]"),
            ("kept by the input gate", "dc_full * f\n", "dc_full * i\n"),
        ],
    },
    "4_both_ways_and_attention": {
        "1": [
            (
                "the padding is turned to the front",
                "np.where(t < n, n - 1 - t, t)",
                "T - 1 - t + 0 * n",
            ),
            ("the states behind the padding", "n[:, 0] - 1", "T - 1"),
            (
                "the right reader's first state",
                "for h in both], axis=1",
                "for h in both[:1]] + [both[1][:, 0]], axis=1",
            ),
            (
                "the right reader reads from the left",
                "rnn_forward(turned",
                "rnn_forward(x",
            ),
        ],
        "2": [
            (
                "the filter turned round",
                "np.array([before, (ds * old).sum(), after])",
                "np.array([after, (ds * old).sum(), before])",
            ),
            (
                "the old weights' gradient turned round",
                "dold[:, :-1] += w[0]",
                "dold[:, :-1] += w[2]",
            ),
            ("only the same place", "    dold[:, 1:] += w[2] * ds[:, :-1]\n", ""),
            (
                "the softmax without its mean",
                "alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True))",
                "alpha * dalpha",
            ),
        ],
        "3": [
            ("END is not counted", "len(words) ** a", "max(len(words) - 1, 1) ** a"),
            ("no penalty", " / len(words) ** a", ""),
            ("greedy", "[:width]", "[:1]"),
            (
                "stops with the first that ends",
                "if not alive:",
                "if finished or not alive:",
            ),
            ("END is returned", "words[:-1])", "words)"),
        ],
        "4": [
            ("no intercept", ", np.ones(len(states))]", "]"),
            (
                "judged where it was fitted",
                "(wide[400:] @ weights > 0.5) == bits[400:]",
                "(wide[:400] @ weights > 0.5) == bits[:400]",
            ),
            ("a threshold of 0", "> 0.5", "> 0.0"),
            ("a statement about training", '{"a", "b", "d"}', '{"a", "b", "c", "d"}'),
            ("one side for both", "np.concatenate([left, right], axis=1)", "left"),
        ],
    },
    "5_glimpses_and_codes": {
        "1": [
            (
                "the area does not depend on the width",
                "(away**2 / sigma**2 - 1)",
                "(away**2 / sigma**2)",
            ),
            (
                "the sign of the places",
                "weighted * away / sigma**2",
                "-weighted * away / sigma**2",
            ),
            (
                "the stride without its offsets",
                "(dmeans * offsets).sum(axis=1)",
                "dmeans.sum(axis=1)",
            ),
            ("one sigma too few", "away / sigma**2).sum", "away / sigma).sum"),
        ],
        "2": [
            (
                "p and q exchanged",
                "np.exp(2 * (log_p - log_q))",
                "np.exp(2 * (log_q - log_p))",
            ),
            (
                "the mean over the entries",
                "- 2 * (log_p - log_q)).sum(axis=1)",
                "- 2 * (log_p - log_q)).mean(axis=1)",
            ),
            ("the factor of one half", "0.5 * (ratio", "(ratio"),
            (
                "drawn from q",
                "z = mean_p + np.exp(log_p)",
                "z = mean_q + np.exp(log_q)",
            ),
            ("the standard deviation", " / np.sqrt(n)", ""),
        ],
        "3": [
            ("the mean reward", "(squares * r).mean() / squares.mean()", "r.mean()"),
            ("weighed by g", "squares = g**2 - g * g.mean()", "squares = np.abs(g)"),
            ("a variance without the score", "(r - b) * (z - m) / s**2", "(r - b)"),
            ("the best is taken for the mean", '{"a", "c", "d"}', '{"a", "b", "d"}'),
        ],
        "4": [
            (
                "the picture is squashed at every step",
                "canvas = canvas + painted",
                "canvas = sigmoid(canvas + painted)",
            ),
            ("rows and columns", "stroke, rows, columns", "stroke, columns, rows"),
            (
                "the canvas instead of the picture",
                "target - sigmoid(canvas)",
                "target - canvas",
            ),
            ("only the last stroke", "canvas = canvas + painted", "canvas = painted"),
        ],
        "5": [
            ("the weights do not sum to 1", " / bell.sum()", ""),
            ("the square of the width", "(2 * sigma**2)", "(2 * sigma)"),
            ("the frequency of every second stripe", "1 / (2 * stride)", "1 / stride"),
            ("every width, however narrow", '{"a", "c"}', '{"a", "b", "c"}'),
        ],
    },
}
