"""The rounds of an order, on any course."""

from alerts.orders.rounds import Round, rounds


def test_a_relapse_begins_a_round_of_its_own_that_is_not_signed_again():
    course = [("issued", 1), ("signed", 2), ("answered", 5), ("recovered", 9), ("relapsed", 100), ("answered", 103)]
    first, second = rounds(course)
    assert (first.begun, first.answering, first.answered, first.recovered) == (1, 2, 5, 9)
    assert (second.begun, second.signed, second.answering, second.answered, second.recovered) == (100, None, 100, 103, None)


def test_it_counts_to_the_last_answer_and_passes_over_what_makes_no_round():
    assert rounds(
        [("drafted", 0), ("issued", 1), ("noted", 2), ("signed", 3), ("answered", 4), ("returned", 5), ("answered", 6)]
    ) == [Round(1, True, 3, 6, None)]
    assert rounds([("drafted", 0), ("noted", 1)]) == []
