"""What the data needs."""

import subprocess
import sys


def test_data_needs_nothing_but_numpy():
    loaders = "shakespeare, names, japanese_vowels, sentiment, moving_square, dates, language_pack"
    code = f"import sys; from rnnkit.data import {loaders}; print({{'torch', 'sklearn'}} & set(sys.modules))"
    assert (
        subprocess.check_output([sys.executable, "-c", code], text=True).strip()
        == "set()"
    )
