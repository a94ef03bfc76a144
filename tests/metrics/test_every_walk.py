"""Every row of the table of walk-throughs in the store's design has its test, on both engines."""

from typing import Any

WALKS = {
    "first arrival": {
        "a revision, the observation, every level summed again, touched, judged, a Run, in one transaction":
            "test_it_stores_a_first_arrival_in_one_transaction_and_sums_every_level",
        "whole or not at all": "test_a_judge_that_fails_leaves_nothing_behind",
    },
    "same payload again": {"no revision, no event, the Run only": "test_the_same_payload_again_is_no_revision_and_no_event"},
    "correction": {"the old row closed, a new one added, judged again": "test_a_correction_closes_a_row_and_adds_one"},
    "late row for an older period": {
        "the newest period is untouched": "test_a_late_row_for_an_older_period_leaves_the_newest_alone",
        "marked late": "test_a_late_row_is_marked_late_where_it_is_and_in_what_it_entered",
        "judged again from that period": "test_a_late_row_is_judged_again_from_its_own_period_on",
        "retro where only history breaches": "test_it_keeps_a_breach_that_only_history_shows_as_retro_and_pages_nobody__F37",
    },
    "older source revision arrives late": {
        "counted as superseded, not current": "test_an_older_source_revision_that_arrives_late_is_superseded",
    },
    "second feed": {
        "the one in authority is chosen, where it is missing the other":
            "test_of_two_feeds_the_authoritative_one_is_chosen_and_the_other_stands_in",
        "a conflict beyond the tolerance": "test_a_conflict_is_open_until_it_is_ruled_on_and_shows_both_figures",
        "marked substitute": "test_a_stand_in_is_marked_until_a_person_rules_for_it",
    },
    "ruling": {"those periods are chosen again and judged": "test_a_ruling_chooses_its_periods_again_and_has_them_judged"},
    "definition v2 from period X": {
        "v2 from X on, older periods beside v1, no correction, no event, like with like":
            "test_definition_v2_from_a_period_on_leaves_the_past_as_it_was_and_stands_beside_it",
    },
    "county recoded 510124 -> 510117": {
        "one region, two codes, its series untouched":
            "test_a_county_that_is_recoded_is_one_region_with_two_codes_and_its_series_go_on",
    },
    "简阳 moves from 资阳 to 成都 (2016-05)": {
        "totals use the parent of the period, no past total changes": "test_when_a_county_moves_no_past_total_changes",
    },
    "as-of of an aggregate": {
        "leaves, rulings and definitions as known then":
            "test_as_of_an_earlier_revision_every_level_reads_as_it_was_known",
        "have and want from the same rows": "test_coverage_as_of_is_from_the_same_rows_as_the_figure",
    },
    "record moved from department A to B": {
        "A and B change, the province does not":
            "test_a_case_that_moves_between_departments_changes_both_and_not_the_province",
        "attribute: current": "test_what_moves_counts_where_it_is_now_and_the_whole_is_the_same",
        "attribute: at_event": "test_what_moves_after_the_event_stays_with_whose_it_was",
    },
    "deletion in the source": {
        "withdrawn, never deleted": "test_what_is_gone_from_a_complete_source_is_withdrawn_and_kept",
        "more than 5 % at once is not believed": "test_when_too_much_is_gone_at_once_nothing_is_withdrawn",
    },
    "a due date passes": {"overdue is counted again, no data needed": "test_a_due_date_that_passes_needs_no_data"},
    "open at the end of the period": {"exact": "test_open_at_the_end_of_a_period_is_exact"},
    "a source gives only a rate": {
        "shown where it was reported, in no total": "test_a_rate_without_parts_is_shown_where_it_was_reported_and_in_no_total",
    },
}  # fmt: skip
"""What happens -> what must hold then -> the test that walks it."""
TABLE = (
    "first arrival", "same payload again", "correction", "late row for an older period", "older source revision arrives late",
    "second feed", "ruling", "definition v2 from period X", "county recoded 510124 -> 510117",
    "简阳 moves from 资阳 to 成都 (2016-05)", "as-of of an aggregate", "record moved from department A to B",
    "deletion in the source", "a due date passes", "open at the end of the period", "a source gives only a rate",
)  # fmt: skip
"""The rows of the table of the design, in its words and its order."""
ON_BOTH = {"store", "disputed", "place"}
"""`store` runs on both engines, and so does what stands on it."""


def test_every_row_of_the_table_is_walked_and_nothing_else():
    assert tuple(WALKS) == TABLE


def test_every_walk_through_has_its_test_on_both_engines():
    from tests.alerts import test_evaluate
    from tests.metrics import test_definitions, test_events_that_stay, test_gone, test_ruling, test_walkthroughs
    from tests.metrics.reading import test_coverage

    every: dict[str, Any] = {}
    modules = (test_walkthroughs, test_gone, test_definitions, test_events_that_stay, test_ruling, test_coverage, test_evaluate)
    for module in modules:
        every |= {key: one for key, one in vars(module).items() if key.startswith("test_")}
    for row, clauses in WALKS.items():
        for words, name in clauses.items():
            code = every[name].__code__
            assert ON_BOTH & set(code.co_varnames[: code.co_argcount]), (row, words, name)
