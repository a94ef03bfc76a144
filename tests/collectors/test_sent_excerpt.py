"""What is kept of a payload that was sent: the fields every system has; of everything else the name alone."""

from datetime import UTC, datetime

from collectors._seen import HIDDEN, of_sent
from metrics.model import Source

AT = datetime(2026, 5, 3, tzinfo=UTC)


def test_the_beginning_of_what_was_sent_holds_no_personal_value() -> None:
    source = Source("permits", {"zh": "p", "en": "p"}, "push", "a", "records", {}, {}, personal=("applicant", "category"))
    sent = [
        {"id": f"P{number}", "category": "Wang's", "state": "open", "extra": {"applicant": "Wang Wei"}, "phone": "13812341234"}
        for number in range(9)
    ]
    kept = of_sent(source, [*sent, "no item"], 7, AT)
    assert (kept.run_id, len(kept.rows)) == (7, 3)
    assert kept.rows[0] == {"id": "P0", "category": HIDDEN, "state": "open", "extra": HIDDEN, "phone": HIDDEN}
    assert "Wang" not in str(kept)
    assert "1381234" not in str(kept)
