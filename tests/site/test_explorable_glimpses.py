"""The glimpses in the page: their numbers against the twin, by mouse, by finger and by keyboard."""

import re

import numpy as np
import pytest

from rnnkit.data.digits import load_digits
from rnnkit.nn.pictures.files import arrays, load_pictures
from rnnkit.show.glimpses import Glimpses
from rnnkit.show.glimpsing import draw_codes, paint_codes, read_picture

pytestmark = pytest.mark.browser
READ = """(m, weights, picture, places) => {
  const net = m.unpackPart(weights, "reader");
  const found = Array.isArray(places) ? m.readAt(net, picture, places) : m.readPicture(net, picture, places);
  return [found.map(({ p }) => p), found.map(({ place }) => place), found.map(({ corner }) => corner)]; }"""
PAINT = """(m, weights, codes) => m.paintCodes(m.unpackPart(weights, "painter"), codes)
  .map(({ ink, added, rows, columns, spread }) => [ink, added, rows, columns, spread])"""
# A 7 as a pen draws it, rows and columns in pixels.
SEVEN = [(0.8, 1.5), (0.8, 6.2), (4, 4.4), (7.3, 3.4)]

# Ten digits as a visitor may draw them, none from experiments/pen_digits.py: lines through (row, column) in pixels.
DRAWN = {
    0: ["0.8,4 2,2.3 4,1.9 6,2.4 7.2,4 6,5.6 4,6.1 2,5.6 0.8,4"],
    1: ["2,2.6 0.8,4 7.2,4"],
    2: ["2.2,2 1,3 0.9,4.8 2,5.9 3.4,5.6 7,2 7.1,6.2"],
    3: ["1.2,2.2 0.8,4 1.8,5.4 3.4,4.6 3.8,3.6 4.6,5.6 6.2,5.7 7.2,4 6.7,2.1"],
    4: ["0.8,2.4 3.8,2 4.2,5.8", "0.9,5 7.2,4.8"],
    5: ["1,5.8 0.9,2.6 3.4,2.3 3.6,4.6 5,5.8 6.5,5.2 7.1,3.4 6.6,2"],
    6: ["0.8,4.8 2.4,3 4.6,2.1 6.4,2.5 7.2,4 6.4,5.5 4.8,5.2 4.2,3.6 5,2.3"],
    7: ["0.9,2 0.9,6 3.6,4.6 7.2,3.6"],
    8: [
        "3.8,4 2.6,2.5 1.2,3 0.8,4 1.2,5 2.6,5.5 3.8,4 5.2,2.3 6.6,2.9 7.2,4 6.6,5.1 5.2,5.7 3.8,4"
    ],
    9: ["2.4,5.6 1,4.8 0.9,3 2.4,2.1 3.8,3 3.6,4.8 2.4,5.6 4.6,5.3 7.2,4.4"],
}


@pytest.fixture(scope="module")
def explorable():
    reader, painter, _ = load_pictures()
    _, held_out = load_digits()
    some = slice(0, 6)
    return Glimpses(
        weights=arrays(reader, painter),
        digits=held_out.x[some],
        answers=held_out.y[some],
    )


@pytest.fixture
def figure(mount_page, explorable):
    page = mount_page(explorable)
    page.emulate_media(reduced_motion="reduce")
    yield page.locator("#rk-glimpses")
    assert page.errors == []


# ---- the numbers


@pytest.mark.parametrize("k", range(6))
def test_the_page_looks_where_the_twin_does(call, explorable, k):
    want = explorable.read(k)
    picture = explorable.picture(k).reshape(-1).tolist()
    given = explorable.weights, picture, explorable.glimpses
    got = call("models/glimpse_reader", READ, *given)
    for ours, theirs in zip(got, want, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_page_reads_where_it_is_told(call, explorable):
    places = [[-1, 1], [0.4, 0.3], [0.25, -0.75], [2, -3]]  # two are halves, one beyond
    picture = explorable.picture(1)
    given = explorable.weights, picture.reshape(-1).tolist(), places
    got = call("models/glimpse_reader", READ, *given)
    want = read_picture(explorable.unpacked(), picture, places)
    for ours, theirs in zip(got, want, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_middle_tells_much_of_the_0_and_little_of_the_6(call, published):
    page = published("notebooks/12_glimpses_draw.html", "rk-glimpses")
    told = {}
    for digit in (0, 6):
        k = page["answers"].index(digit)
        assert page["answers"].count(digit) == 1
        picture = [ink / 16 for ink in page["digits"][k]]
        given = page["weights"], picture, [[0, 0]]
        told[digit] = call("models/glimpse_reader", READ, *given)[0][0][digit]
    assert told[0] > 0.9
    assert told[6] < 0.3


@pytest.mark.parametrize("seed", [0, 1, 77, -5])
def test_the_page_paints_what_the_twin_does(call, explorable, seed):
    weights = explorable.unpacked()
    codes = draw_codes(seed, 8, len(weights["painter.dec_W_xh"]))
    code = "(m, w, seed, steps) => m.drawCodes(m.unpackPart(w, 'painter'), seed, steps)"
    modules = "models/glimpse_reader models/painter"
    drawn = call(modules, code, explorable.weights, seed, 8)
    np.testing.assert_allclose(drawn, codes, atol=1e-12)
    got = call(modules, PAINT, explorable.weights, codes.tolist())
    want = paint_codes(weights, codes)
    for t, (ink, added, rows, columns, spread) in enumerate(got):
        np.testing.assert_allclose(ink, want.ink[t].reshape(-1), atol=1e-5)
        np.testing.assert_allclose(added, want.added[t].reshape(-1), atol=1e-5)
        np.testing.assert_allclose(rows, want.rows[t], atol=1e-5)
        np.testing.assert_allclose(columns, want.columns[t], atol=1e-5)
        np.testing.assert_allclose(spread, want.spread[t], atol=1e-5)


@pytest.mark.parametrize(
    ("said", "until"), [([3], 1), ([1, 3, 3], 2), ([3, 1, 3], 3), ([3, 1], None)]
)
def test_looks_until_right(call, said, until):
    looks = [{"p": np.eye(10)[digit].tolist()} for digit in said]
    code = "(m, looks) => m.looksUntilRight(looks, 3)"
    assert call("models/glimpse_reader", code, looks) == until


def test_the_pen_counts_the_ink_of_a_finer_grid(call):
    code = """(m) => { const fine = m.empty(8); m.draw(fine, [2.5, 1], [2.5, 7]); m.toggle(fine, [6, 0]);
      const ink = m.count(fine); m.toggle(fine, [6, 0]); m.toggle(fine, [2, 3]);
      return [ink, m.count(fine), m.count(m.fineOf(ink))]; }"""
    ink, wiped, again = (np.reshape(a, (8, 8)) for a in call("models/pen", code))
    assert (ink[2, 1:7] == 16).all()
    assert ink[[0, 4, 5, 7]].sum() == 0
    assert (ink[6, 0], wiped[6, 0], wiped[2, 3]) == (16, 0, 0)
    np.testing.assert_array_equal(again, ink)


def test_drawn_digits_are_read(call, explorable):
    code = """(m, lines) => { const fine = m.empty(8);
      for (const line of lines) line.slice(1).forEach((to, k) => m.draw(fine, line[k], to));
      return m.count(fine); }"""
    right = 0
    for digit, lines in DRAWN.items():
        points = [
            [[float(v) for v in p.split(",")] for p in line.split()] for line in lines
        ]
        ink = np.reshape(call("models/pen", code, points), (8, 8)) / 16
        right += explorable.reads(ink).p[-1].argmax() == digit
    assert right >= 9


# ---- reading


def predict(figure, guess="one look"):
    figure.get_by_role("button", name=f"I predict {guess}").click()


def press(figure, name):
    figure.get_by_role("button", name=name, exact=True).click()


def said(figure):
    return figure.locator(".rk-live").first.inner_text()


def belief(figure):
    """The heights of the bars, and those of the marks, or None where there are none."""
    bars = figure.locator(".rk-belief .rk-bar")
    heights = bars.locator("i").evaluate_all("(all) => all.map((b) => b.style.height)")
    marks = bars.locator("u").evaluate_all(
        "(all) => all.map((b) => (b.hidden ? null : b.style.bottom))"
    )
    shown = [None if m is None else float(m[:-1]) / 100 for m in marks]
    return [float(h[:-1]) / 100 for h in heights], None if None in shown else shown


def place_of(corner):
    return [v / 2 - 1 for v in corner]


def where(figure, row, column):
    """A point of the board in pixels of the page."""
    box = figure.locator(".rk-stage-board > svg").bounding_box()
    unit = box["width"] / 8.24  # with its margin
    return box["x"] + unit * (column + 0.12), box["y"] + unit * (row + 0.12)


def test_everything_waits_for_the_prediction(figure):
    assert figure.get_by_role("button", name="Look here").is_disabled()
    assert figure.get_by_label("digit", exact=True).is_disabled()
    figure.locator(".rk-stage-board").press("ArrowUp")
    figure.locator(".rk-stage-board").press("Enter")
    figure.page.mouse.click(*where(figure, 4, 4))
    assert said(figure) == ""
    assert belief(figure) == ([0] * 10, None)


def test_the_network_chooses_and_the_guess_is_judged(figure, explorable):
    names = {1: "one look", 2: "two looks", 3: "three looks", 4: "four looks"}
    right = names.get(explorable.looks(), "not with four")
    predict(figure, right)
    assert figure.locator(".rk-ask").inner_text().startswith("Right.")
    found = explorable.read()
    listed = figure.locator(".rk-history li b").all_inner_texts()
    assert listed == [str(p.argmax()) for p in found.p]
    np.testing.assert_allclose(belief(figure)[0], found.p[-1], atol=6e-4)
    corner = found.corners[-1] + 1
    assert f"Look 4, at rows {corner[0]} to {corner[0] + 3}" in said(figure)
    unseen = figure.locator(".rk-beside .rk-unseen:not([visibility=hidden])").count()
    seen = np.zeros((8, 8), bool)
    for row, column in found.corners:
        seen[row : row + 4, column : column + 4] = True
    assert unseen == (~seen).sum()


def test_a_wrong_guess_is_told_so(figure, explorable):
    predict(figure, "not with four" if explorable.looks() else "one look")
    assert "Not this time" in figure.locator(".rk-ask").inner_text()


def test_keys_move_the_frame_and_look(figure, explorable):
    predict(figure)
    press(figure, "Start again")
    board = figure.locator(".rk-stage-board")
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowLeft"):
        board.press(key)  # from the middle, [2, 2]; the third is at the edge
    want = explorable.read(0, [place_of((0, 1))]).p[0]
    bars, marks = belief(figure)
    assert bars == [0] * 10
    np.testing.assert_allclose(marks, want, atol=6e-4)
    assert "rows 1 to 4, columns 2 to 5" in said(figure)
    board.press("Enter")
    bars, marks = belief(figure)
    np.testing.assert_allclose(bars, want, atol=6e-4)
    assert marks is None
    board.press("ArrowDown")
    board.press(" ")
    want = explorable.read(0, [place_of((0, 1)), place_of((1, 1))]).p[1]
    np.testing.assert_allclose(belief(figure)[0], want, atol=6e-4)
    assert said(figure).startswith("Look 2, at rows 2 to 5")
    board.press("ArrowRight")
    press(figure, "Look here")
    assert said(figure).startswith("Look 3, at rows 2 to 5, columns 3 to 6")


def test_the_mouse_shows_looks_and_leaves(figure, explorable):
    predict(figure)
    press(figure, "Start again")
    mouse = figure.page.mouse
    mouse.move(*where(figure, 2, 6))
    assert "rows 1 to 4, columns 5 to 8" in said(figure)
    np.testing.assert_allclose(
        belief(figure)[1], explorable.read(0, [[-1, 1]]).p[0], atol=6e-4
    )
    mouse.move(*where(figure, 12, 6))  # away: the frame is back where it was
    assert "rows 3 to 6, columns 3 to 6" in said(figure)
    mouse.move(*where(figure, 2, 6))
    mouse.down()
    mouse.move(*where(figure, 6, 6))
    assert figure.locator(".rk-history li").count() == 0
    mouse.up()
    assert said(figure).startswith("Look 1, at rows 5 to 8, columns 5 to 8")
    mouse.move(*where(figure, 12, 6))
    assert said(figure).startswith("Look 1")


def touch(figure, points):
    """A finger that goes from point to point."""
    board = figure.locator(".rk-stage-board")
    board.evaluate("(one) => { one.setPointerCapture = () => {}; }")
    kinds = ["pointerdown", *["pointermove"] * (len(points) - 1)]
    for kind, (row, column) in zip(kinds, points, strict=True):
        x, y = where(figure, row, column)
        finger = {"pointerType": "touch", "pointerId": 7, "clientX": x, "clientY": y}
        board.dispatch_event(kind, finger)
    board.dispatch_event("pointerup", {"pointerType": "touch", "pointerId": 7})


def test_a_finger_drags_and_looks(figure):
    predict(figure)
    press(figure, "Start again")
    touch(figure, [(4, 4), (2, 4), (2, 2)])
    assert said(figure).startswith("Look 1, at rows 1 to 4, columns 1 to 4")
    touch(figure, [(6, 6)])
    assert said(figure).startswith("Look 2, at rows 5 to 8, columns 5 to 8")


def test_eight_looks_and_no_more(figure):
    predict(figure)
    board = figure.locator(".rk-stage-board")
    for _ in range(4):
        board.press("Enter")
    assert figure.locator(".rk-history li").count() == 8
    assert figure.get_by_role("button", name="Look here").is_disabled()
    board.press("Enter")
    assert figure.locator(".rk-history li").count() == 8
    assert "Eight looks: start again" in said(figure)
    press(figure, "Let the network choose")
    assert figure.locator(".rk-history li").count() == 4


def test_another_digit(figure, explorable):
    predict(figure)
    figure.get_by_label("digit", exact=True).select_option("3")
    assert figure.locator(".rk-history li").count() == 0
    press(figure, "Let the network choose")
    np.testing.assert_allclose(belief(figure)[0], explorable.read(3).p[-1], atol=6e-4)
    assert figure.locator(".rk-belief b.rk-right").inner_text() == str(
        explorable.answers[3]
    )


# ---- drawing


def inks(figure):
    cells = figure.locator(".rk-stage-board .rk-ink")
    ink = cells.evaluate_all("(all) => all.map((c) => c.getAttribute('fill-opacity'))")
    return np.array(ink, float).reshape(8, 8)


def check_drawn(figure, explorable, digit):
    """What the page says of the drawing is what the twin says."""
    ink = inks(figure)
    press(figure, "Let the network read it")
    want = read_picture(explorable.unpacked(), ink, 4)
    np.testing.assert_allclose(belief(figure)[0], want.p[-1], atol=2e-3)
    assert want.p[-1].argmax() == digit
    assert f"It reads your drawing as a {digit}." in said(figure)
    assert figure.locator(".rk-belief b.rk-right").count() == 0


def test_a_digit_drawn_by_mouse(figure, explorable):
    predict(figure)
    press(figure, "Draw your own")
    mouse = figure.page.mouse
    mouse.move(*where(figure, 5, 5))  # nothing is drawn before it is pressed
    mouse.move(*where(figure, *SEVEN[0]))
    mouse.down()
    for point in SEVEN[1:]:
        mouse.move(*where(figure, *point), steps=4)
    mouse.up()
    ink = inks(figure)
    assert (ink[0, 2:6] > 0.5).all()
    assert ink[5, 5] == 0
    check_drawn(figure, explorable, 7)
    assert figure.get_by_label("digit", exact=True).input_value() == "-1"
    press(figure, "Draw your own")  # it is still there
    np.testing.assert_array_equal(inks(figure), ink)
    press(figure, "Clear")
    assert inks(figure).sum() == 0


def test_a_digit_drawn_by_finger(figure, explorable):
    predict(figure)
    figure.get_by_label("digit", exact=True).select_option("-1")
    touch(figure, [(0.7, 4.2), (4, 4.1), (7.3, 4)])
    check_drawn(figure, explorable, 1)


def test_a_digit_drawn_by_keys(figure, explorable):
    predict(figure)
    press(figure, "Draw your own")
    keys = figure.page.keyboard  # the focus is on the board
    for key in ["ArrowRight"] * 2 + [" "] + ["ArrowRight", " "] * 3:
        keys.press(key)
    for _ in range(3):
        keys.press("ArrowDown")
        keys.press(" ")
    keys.press("ArrowLeft")
    for _ in range(4):
        keys.press("ArrowDown")
        keys.press("Enter")
    ink = inks(figure)
    assert ink[0].tolist() == [0, 0, 1, 1, 1, 1, 0, 0]
    assert ink.sum() == 11
    keys.press(" ")
    assert inks(figure)[7, 4] == 0
    keys.press(" ")
    check_drawn(figure, explorable, 7)


def test_looking_at_a_drawing_and_at_none(figure):
    predict(figure)
    press(figure, "Draw your own")
    press(figure, "Look yourself")
    assert said(figure) == "Nothing is drawn yet."
    touch(figure, [(1, 4), (6, 4)])
    press(figure, "Look yourself")
    figure.locator(".rk-stage-board").press("Enter")
    assert said(figure).startswith("Look 1, at rows 3 to 6")
    figure.get_by_label("digit", exact=True).select_option("2")
    press(figure, "Let the network choose")
    assert figure.locator(".rk-history li").count() == 4


# ---- painting


def open_painting(figure):
    figure.get_by_role("button", name="Paint", exact=True).click()
    return figure.locator(".rk-paint")


def test_a_digit_is_painted_stroke_by_stroke(figure, explorable):
    paint = open_painting(figure)
    assert figure.get_by_role("button", name="Look here").is_hidden()
    slider = figure.get_by_label("stroke", exact=True)
    want = explorable.paint()
    press(figure, "Paint it")
    assert slider.input_value() == "8"
    cells = paint.locator(".rk-main .rk-ink")
    for t in (8, 1):
        slider.fill(str(t))
        shown = cells.evaluate_all(
            "(all) => all.map((c) => Number(c.getAttribute('fill-opacity')))"
        )
        np.testing.assert_allclose(shown, want.ink[t - 1].reshape(-1), atol=6e-4)
        frame = paint.locator(".rk-main .rk-window")
        wide = float(frame.get_attribute("width"))
        columns = want.columns[t - 1]
        assert abs(wide - len(columns) * (columns[1] - columns[0])) < 1e-4
        left = float(frame.get_attribute("x"))
        assert abs(left + wide / 2 - columns.mean() - 0.5) < 1e-4
    said = figure.locator(".rk-live").nth(1)
    best = explorable.reads(want.ink[0]).p[-1]
    assert f"takes the canvas for {best.argmax()} with" in said.inner_text()
    slider.press("ArrowLeft")
    assert "blank canvas" in said.inner_text()
    assert paint.locator(".rk-main .rk-window").count() == 0
    paint.locator(".rk-strip svg").nth(4).click()
    assert slider.input_value() == "5"


def test_another_is_another(figure, explorable):
    paint = open_painting(figure)
    press(figure, "Another")
    cells = paint.locator(".rk-main .rk-ink")
    shown = cells.evaluate_all(
        "(all) => all.map((c) => Number(c.getAttribute('fill-opacity')))"
    )
    want = explorable.paint(1).ink[-1].reshape(-1)
    np.testing.assert_allclose(shown, want, atol=6e-4)
    assert np.abs(want - explorable.paint(0).ink[-1].reshape(-1)).max() > 0.1


def test_it_plays_and_pauses(figure):
    figure.page.emulate_media(reduced_motion="no-preference")
    open_painting(figure)
    slider = figure.get_by_label("stroke", exact=True)
    press(figure, "Paint it")
    figure.page.wait_for_function(
        "document.querySelector('.rk-slider > input').value === '2'"
    )
    press(figure, "Pause")
    at = slider.input_value()
    figure.page.wait_for_timeout(800)
    assert slider.input_value() == at
    press(figure, "Paint it")
    figure.get_by_role("button", name="Read", exact=True).click()  # it stops
    figure.page.wait_for_timeout(800)
    open_painting(figure)
    assert int(slider.input_value()) <= int(at) + 1


def test_the_network_takes_its_time(figure):
    figure.page.emulate_media(reduced_motion="no-preference")
    predict(figure)
    looks = figure.locator(".rk-history li")
    assert looks.count() == 1
    figure.page.wait_for_function(
        "document.querySelectorAll('.rk-history li').length === 2"
    )
    figure.locator(".rk-stage-board").press("ArrowLeft")  # who moves takes over
    figure.page.wait_for_timeout(1100)
    assert looks.count() == 2


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_axe_finds_nothing(mount_page, violations, explorable, width, dark):
    page = mount_page(explorable, width=width, dark=dark)
    page.emulate_media(reduced_motion="reduce")
    figure = page.locator("#rk-glimpses")
    steps = [
        lambda: None,
        lambda: predict(figure),
        lambda: press(figure, "Draw your own"),
        lambda: (open_painting(figure), press(figure, "Paint it")),
    ]
    for step in steps:
        step()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page, without=["page-has-heading-one"]) == []
    small = figure.get_by_role("button").evaluate_all(
        "(all) => all.filter((b) => b.offsetParent && b.offsetHeight < 44).length"
    )
    assert small == 0
    assert re.search(r"Stroke 8 of 8", figure.inner_text())
