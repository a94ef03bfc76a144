"""How often an alert has turned of late is found without reading all there ever was"""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_index("ix_alert_event_rule_series", "alert_event", ["rule", "series_id", "at"])
