from uuid import UUID

from uuid_utils.compat import uuid7

from integrations.webhooks.lanes import STALL_SECONDS, Lanes
from integrations.webhooks.queue import Claimed


def claimed(endpoint_id: UUID, count: int) -> list[Claimed]:
    return [
        Claimed(uuid7(), endpoint_id, uuid7(), 0, "https://x.example/", "", "{}")
        for _ in range(count)
    ]


def test_the_oldest_goes_first_however_the_database_answers():
    endpoint_id, lanes = uuid7(), Lanes()
    rows = claimed(endpoint_id, 3)

    lanes.take(rows[::-1], claim=1, now=0)

    (lane,) = lanes.turns()
    assert [held.claimed for held in lane.queue] == rows


def test_lanes_take_turns_and_an_empty_one_leaves():
    lanes = Lanes()
    one, other = uuid7(), uuid7()
    lanes.take(claimed(one, 1) + claimed(other, 2), claim=1, now=0)

    turns = []
    while len(lanes):
        for lane in lanes.turns():
            lane.queue.popleft()
            turns.append(lane.endpoint_id)

    assert sorted(turns[:2]) == sorted([one, other])
    assert turns[2:] == [other]
    assert list(lanes.turns()) == []


def test_an_engine_that_fills_up_gives_each_lane_less():
    lanes = Lanes()
    lanes.take(claimed(uuid7(), 1), claim=1, now=0)
    (lane,) = lanes.turns()

    assert [lane.connections(room) for room in (256, 40, 8, 1, 0)] == [8, 6, 2, 1, 0]


def test_what_waits_too_long_is_given_back_with_its_claim():
    lanes = Lanes()
    old, new = claimed(uuid7(), 2), claimed(uuid7(), 1)
    lanes.take(old, claim=7, now=0)
    lanes.take(new, claim=8, now=STALL_SECONDS)

    given_back = lanes.give_back(STALL_SECONDS + 0.1, everything=False)

    assert given_back == {row.id: 7 for row in old}
    assert len(lanes) == 1
    assert lanes.give_back(0, everything=True) == {new[0].id: 8}
    assert len(lanes) == 0


def test_a_claim_that_fills_its_room_means_there_is_more():
    lanes = Lanes()
    one, other = uuid7(), uuid7()
    rows = claimed(one, 8) + claimed(other, 3)
    lanes.take(rows, claim=1, now=0)

    assert lanes.note_what_is_left(rows, rooms={}) is True
    assert lanes.has_more is True

    assert lanes.note_what_is_left([], rooms={one: 8, other: 5}) is False
    assert lanes.has_more is False
