"""The transition table of alerting.md, row by row, and what is decided about boundaries, gaps and the dead band."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from alerts.judge import State, Value, edited, judge
from metrics.rulebook import Level, Rule

DAY = 86_400_000_000
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LEVELS = (
    Level("reminder", Decimal(95), Decimal(96)),
    Level("warning", Decimal(92), Decimal(93)),
    Level("serious", Decimal(88), Decimal(89)),
)


def rule(**given) -> Rule:
    base = {
        "key": "low", "name": {"zh": "低", "en": "Low"}, "indicator": "rate", "grain": "day", "cut": (), "op": "<",
        "levels": LEVELS[:1], "version": 1,
    }  # fmt: skip
    return Rule(**{**base, **given})


def days(*values: object, start: int = 0) -> list[Value]:
    """One value a day; None is a missing day."""
    made, gap = [], 0
    for place, value in enumerate(values, start):
        if value is None:
            gap += 1
            continue
        made.append(Value(place * DAY, (place + 1) * DAY, Decimal(str(value)), gap))
        gap = 0
    return made


def fold(r: Rule, *values: object, state: State | None = None, start: int = 0):
    state, events = judge(r, state or State(), days(*values, start=start), NOW)
    return state, [event.kind for event in events]


def test_it_fires_at_once_where_m_is_1_and_for_is_unset__row_1():
    state, kinds = fold(rule(), 97, 94)
    assert (state.condition, state.breach_since, state.breach_count, kinds) == ("FIRING", DAY, 1, ["firing"])


def test_it_is_pending_at_the_first_breach_of_several__row_1():
    state, kinds = fold(rule(m=2, n=3), 94)
    assert (state.condition, state.breach_since, state.breach_count, kinds) == ("PENDING", 0, 1, ["pending"])


def test_it_fires_when_m_of_the_last_n_breach__row_2():
    state, kinds = fold(rule(m=2, n=3), 94, 97, 94)
    assert (state.condition, state.breach_since, state.breach_count, kinds) == ("FIRING", 0, 2, ["pending", "firing"])


def test_it_fires_when_the_breach_has_lasted_exactly_for__row_2():
    three_days = rule(for_=timedelta(days=3))
    assert fold(three_days, 94, 94)[0].condition == "PENDING"
    assert fold(three_days, 94, 94, 94)[0].condition == "FIRING"


def test_it_needs_both_m_of_n_and_for_where_both_are_set__row_2():
    both = rule(m=2, n=2, for_=timedelta(days=4))
    assert fold(both, 94, 94)[0].condition == "PENDING"
    assert fold(both, 94, 94, 94, 94)[0].condition == "FIRING"


def test_it_returns_to_normal_once_m_of_n_cannot_be_reached__row_3():
    r = rule(m=2, n=3)
    assert fold(r, 94, 97)[0].condition == "PENDING"
    state, kinds = fold(r, 94, 97, 97)
    assert (state.condition, state.breach_since, kinds) == ("NORMAL", None, ["pending", "cleared"])


def test_it_lets_the_dead_band_use_up_one_of_n__row_3():
    assert fold(rule(m=2, n=2), 94, "95.5")[0].condition == "NORMAL"


def test_it_counts_from_the_next_breach_when_the_first_is_too_old__row_3():
    r = rule(m=3, n=4)
    state, _ = fold(r, 94, 97, 94, 97)
    assert (state.condition, state.breach_since, state.breach_count) == ("PENDING", 2 * DAY, 1)
    assert fold(r, 94, 97, 94, 97, 94, 94)[0].condition == "FIRING"


def test_it_counts_no_gap_after_the_breach_it_counts_from__row_3():
    r = rule(m=3, n=5, for_=timedelta(days=6))
    values = (94, 97, 94, None, None, None, 97, 97)
    state, _ = fold(r, *values)
    assert (state.breach_since, state.paused) == (2 * DAY, 3 * DAY)
    assert fold(r, *values, 94, 94)[0].condition == "PENDING", "8 days from Tuesday on, three of them without a value"
    assert fold(r, *values, 94, 94, 94)[0].condition == "FIRING"


def test_it_counts_no_gap_before_the_breach_it_counts_from__row_3():
    state, _ = fold(rule(m=3, n=4, for_=timedelta(days=9)), 94, None, None, None, 97, 94, 97)
    assert (state.breach_since, state.paused) == (5 * DAY, 0)


def test_it_recovers_only_on_the_safe_side_of_the_recovery_bound__row_4():
    state, kinds = fold(rule(recover_count=2), 94, 96)
    assert (state.condition, state.recover_count, kinds) == ("RECOVERING", 1, ["firing", "recovering"])
    assert fold(rule(), 94, 96) == (State(last=days(94, 96)[1]), ["firing", "recovered"])


def test_it_fires_on_in_the_same_episode_when_it_breaches_while_recovering__row_5():
    state, kinds = fold(rule(recover_count=2), 94, 97, 94)
    assert (state.condition, state.recover_count, state.breach_since) == ("FIRING", 0, 0)
    assert kinds == ["firing", "recovering", "relapsed"]


def test_it_closes_after_recover_count_values__row_6():
    state, kinds = fold(rule(recover_count=3), 94, 97, 97, 97)
    assert (state.condition, kinds) == ("NORMAL", ["firing", "recovering", "recovered"])


def test_it_closes_after_recover_for__row_6():
    r = rule(recover_for=timedelta(days=2))
    assert fold(r, 94, 97)[0].condition == "RECOVERING"
    assert fold(r, 94, 97, 97)[0].condition == "NORMAL"


def test_it_counts_neither_way_between_recovery_and_threshold__row_7():
    state, kinds = fold(rule(recover_count=2), 94, "95.5", "95.5")
    assert (state.condition, kinds) == ("FIRING", ["firing"])
    state, _ = fold(rule(recover_count=2), 94, 97, "95.5")
    assert (state.condition, state.recover_count) == ("RECOVERING", 1)
    assert fold(rule(recover_count=2), 94, 97, "95.5", 97)[0].condition == "NORMAL"


def test_it_notes_a_higher_level_in_the_same_episode__row_8():
    state, kinds = fold(rule(levels=LEVELS), 94, 91, 87)
    assert (state.level, state.breach_since, kinds) == (2, 0, ["firing", "severity_up", "severity_up"])


def test_it_goes_down_a_level_only_past_that_levels_recovery__row_8():
    r = rule(levels=LEVELS)
    assert fold(r, 87, "88.5")[1] == ["firing"]
    state, kinds = fold(r, 87, 90)
    assert (state.level, kinds) == (1, ["firing", "severity_down"])


def test_it_goes_down_a_level_in_the_dead_band_of_a_milder_one__row_8():
    state, kinds = fold(rule(levels=LEVELS), 87, "92.5")
    assert (state.level, kinds) == (1, ["firing", "severity_down"])
    state, kinds = fold(rule(levels=LEVELS), 87, "95.5")
    assert (state.condition, state.level, kinds) == ("FIRING", 0, ["firing", "severity_down"])


@pytest.mark.parametrize(("op", "fires"), [("<", False), ("<=", True)])
def test_it_takes_the_operator_at_its_word_where_the_value_equals_the_threshold(op, fires):
    assert (fold(rule(op=op), "95.0")[0].condition == "FIRING") is fires


def test_it_compares_decimals_exactly():
    tenth = (Level("warning", Decimal("0.3"), Decimal("0.2")),)
    assert fold(rule(op=">", levels=tenth), Decimal("0.1") + Decimal("0.2"))[0].condition == "NORMAL"


def test_it_neither_breaches_nor_recovers_on_a_missing_period():
    assert fold(rule(recover_count=2), 94, None, None, None, 97)[0].condition == "RECOVERING"
    assert fold(rule(m=2, n=2), 94, None, 94)[0].condition == "FIRING"


def test_it_does_not_count_a_gap_of_more_than_two_periods_in_for():
    r = rule(for_=timedelta(days=5))
    assert fold(r, 94, None, None, 94, 94)[0].condition == "FIRING"
    assert fold(r, 94, None, None, None, 94, 94)[0].condition == "PENDING"
    assert fold(r, 94, None, None, None, 94, 94, 94, 94)[0].condition == "FIRING"


def test_it_goes_on_from_kept_state_as_if_it_had_never_stopped():
    r = rule(m=2, n=3, for_=timedelta(days=3), recover_count=2)
    values = (94, 97, 94, 94, 97, "95.5", 97, 94)
    state = State()
    for place, value in enumerate(values):
        state, _ = fold(r, value, state=state, start=place)
    assert state == fold(r, *values)[0]


def test_it_refuses_a_value_that_is_not_later():
    state, _ = fold(rule(), 94, 94)
    with pytest.raises(ValueError, match="not later"):
        judge(rule(), state, days(94), NOW)


def test_it_stays_open_under_an_edited_rule_that_still_breaches_whatever_its_for():
    state, _ = fold(rule(), 94)
    after, closed = edited(rule(m=3, n=3, for_=timedelta(days=30)), state)
    assert (after.condition, closed) == ("FIRING", False)


def test_it_closes_under_an_edited_rule_that_no_longer_breaches():
    state, _ = fold(rule(), 94)
    after, closed = edited(rule(levels=(Level("reminder", Decimal(90), Decimal(91)),)), state)
    assert (after.condition, closed) == ("NORMAL", True)
