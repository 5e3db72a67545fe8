"""Scenes whose drawings lie on each other, and what an explorable's frame lies on."""


def stacks(lower, upper):
    """Fifteen scenes of two drawings, the second on the first, in all parts of the picture."""
    places = [(x, y) for x in (12, 32, 52) for y in (8, 20, 32, 44, 56)]
    return [
        {
            "ground": [236, 226, 214],
            "things": [
                {"name": name, "size": 24, "x": x, "y": y} for name in (lower, upper)
            ],
        }
        for x, y in places
    ]


def under_frame(figure, look):
    """The names of the drawings, in the order of their painting, that lie under the middle of a look's frame."""
    frame = look.locator(".rk-strongest").first
    x, y = (float(frame.get_attribute(axis)) + 4 for axis in ("x", "y"))
    things = figure.locator(".rk-thing").evaluate_all(
        """things => things.map((t) => [t.ariaLabel.split(",")[0],
          ...["x", "y", "width", "height"].map((a) => Number(t.getAttribute(a)))])"""
    )
    return [
        name
        for name, left, top, width, height in things
        if left <= x < left + width and top <= y < top + height
    ]
