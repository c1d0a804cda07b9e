from integrations.webhooks.pacing import Pace


def after(pace: Pace, *, answers: int = 0, seconds: float = 0.001) -> Pace:
    for _ in range(answers):
        pace.succeeded(seconds)
    return pace


def test_an_unknown_endpoint_gets_eight():
    pace = Pace()

    assert (pace.connections, pace.in_hand) == (8, 8)


def test_a_fast_endpoint_gets_large_batches():
    pace = after(Pace(), answers=40)

    assert (pace.connections, pace.in_hand) == (32, 400)


def test_a_slow_endpoint_keeps_its_eight_and_holds_no_more():
    pace = after(Pace(), answers=40, seconds=2.0)

    assert (pace.connections, pace.in_hand) == (8, 8)


def test_an_endpoint_of_50_ms_holds_half_a_second_of_work():
    pace = after(Pace(), answers=40, seconds=0.05)

    assert (pace.connections, pace.in_hand) == (32, 320)


def test_an_endpoint_that_turns_slow_gives_back_what_it_had():
    pace = after(after(Pace(), answers=40), answers=60, seconds=3.0)

    assert (pace.connections, pace.in_hand) == (8, 8)


def test_an_endpoint_that_never_answers_ends_with_one():
    pace = Pace()
    for _ in range(5):
        pace.failed()

    assert (pace.connections, pace.in_hand) == (1, 1)


def test_an_endpoint_that_hangs_is_unknown_again():
    pace = after(Pace(), answers=40)

    pace.stalled()

    assert (pace.connections, pace.in_hand) == (8, 8)
