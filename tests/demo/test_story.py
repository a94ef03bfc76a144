"""The gate's look at the demo's 45 days can fail; what it finds there, `make newcomer` says."""

from tests.demo import story


def test_it_misses_everything_where_nothing_has_happened(sqlite_template):
    assert story.missing(sqlite_template) == list(story.SHOWN)
