"""What a self-check has to do: let right programs pass, and turn wrong ones away with the right diagnosis."""

PASSED = "all right"


def judge(check, right, wrong):
    """Assert that a self-check tells right programs from wrong ones.

    check: the self-check, a function of the reader's program that returns a sentence.
    right: programs that solve the exercise, a list; different ways to write it, where there are some.
    wrong: name of a mistake -> (program that makes it, words that the diagnosis must contain; "" if it has none of its
    own). At least five.
    """
    assert right
    assert len(wrong) >= 5
    for program in right:
        answer = check(program)
        assert answer == PASSED, f"a right program was told: {answer}"
    for mistake, (program, told) in wrong.items():
        answer = check(program)
        assert answer != PASSED, f"passed: {mistake}"
        assert told in answer, f"{mistake} was told: {answer}"
