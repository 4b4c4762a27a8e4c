from provisioning.demo.grouping import explain_grouping

S = 1_000_000


def test_one_clip_for_each_visit_needs_no_words():
    assert (
        explain_grouping([(5 * S, 9 * S), (20 * S, 25 * S)], [(1 * S, 12 * S), (16 * S, 28 * S)], 2.5) == []
    )


def test_a_post_roll_that_reaches_into_the_next_visit_needs_no_words():
    assert (
        explain_grouping([(5 * S, 9 * S), (11 * S, 25 * S)], [(1 * S, 12 * S), (12 * S, 28 * S)], 1.0) == []
    )


def test_a_visit_within_the_post_roll_shares_the_clip_before():
    assert explain_grouping([(5 * S, 9 * S), (11_700_000, 25 * S)], [(1 * S, 28 * S)], 4.0) == [
        "visit 2 came 2.7 s after visit 1 left, inside the post-roll of 4 s"
    ]


def test_a_visit_after_the_post_roll_shares_the_clip_before_if_something_still_moved():
    assert explain_grouping([(5 * S, 9 * S), (14 * S, 25 * S)], [(1 * S, 28 * S)], 4.0) == [
        "visit 2 came 5.0 s after visit 1 left, and motion was seen until less than 4 s before"
    ]


def test_a_missed_visit_is_said():
    assert explain_grouping([(5 * S, 9 * S)], [(10 * S, 12 * S)], 4.0) == ["visit 1 is in no clip"]


def test_a_split_visit_is_said():
    assert explain_grouping([(5 * S, 90 * S)], [(1 * S, 60 * S), (60 * S, 92 * S)], 4.0) == [
        "visit 1 goes on in clip 2: it was longer than a clip, or nothing moved for a while"
    ]
