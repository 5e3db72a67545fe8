"""Pictures read by glimpses, and painted in steps: the runs of chapter 12 that take longer than a chapter may.

python -m experiments.pictures           all parts that the report lacks, half an hour on one core:
python -m experiments.pictures glimpses  8 x 8 digits by number and size of glimpses: four eyes, and all at once
python -m experiments.pictures longer_looks  eight looks at them: where they are, what they cover, what more steps change
python -m experiments.pictures canvas    digits among scraps on 20 x 20 pixels: four eyes, and all at once
python -m experiments.pictures rates     the same at other learning rates
python -m experiments.pictures centred   all pixels at once where the digit stands in the middle
python -m experiments.pictures weighed   the learned eye by the slope of the mean reward, with the baseline and without
python -m experiments.pictures variance  how far the eye's gradient scatters, with and without the baseline
python -m experiments.pictures painting  DRAW by its number of steps, with windows and without; one step of the same size
python -m experiments.pictures longer    the same with more updates
python -m experiments.pictures placed    the same where the digit stands anywhere on 16 x 16 pixels
python -m experiments.pictures ship      the models of the page: rnnkit/nn/shipped/glimpses.safetensors

Each run is three networks side by side, seeds 0 to 2, each with weights and data of its own; for the variance, four.
"""

from experiments.harness import Experiment, main
from experiments.pictures_painting import longer, painting, placed
from experiments.pictures_places import longer_looks
from experiments.pictures_reading import (
    canvas,
    centred,
    glimpses,
    rates,
    variance,
    weighed,
)
from experiments.pictures_shipped import ship

EXPERIMENT = Experiment(
    "pictures",
    parts={
        "glimpses": glimpses,
        "longer_looks": longer_looks,
        "canvas": canvas,
        "rates": rates,
        "centred": centred,
        "weighed": weighed,
        "variance": variance,
        "painting": painting,
        "longer": longer,
        "placed": placed,
    },
    ships={"ship": ship},
)

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
