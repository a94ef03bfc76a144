"""Where an event of a record stays when the record moves on; told of what moved before from the versions there are"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EVENTS = ("opened", "due", "closed", "entered")
MOVED = """
    SELECT v.record_id, v.known_from, v.department_id, v.region_id, v.opened, v.due, v.closed, v.entered, r.at
    FROM record_version v JOIN revision r ON r.number = v.known_from
    WHERE v.record_id IN (SELECT record_id FROM record_version GROUP BY record_id
        HAVING MIN(department_id) <> MAX(department_id) OR MIN(region_id) <> MAX(region_id))
    ORDER BY v.record_id, v.known_from"""


def upgrade() -> None:
    table = op.create_table(
        "record_place",
        sa.Column("record_id", Big, autoincrement=False, nullable=False),
        sa.Column("known_from", Big, autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=8), nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("region_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "known_from", "event", name=op.f("pk_record_place")),
    )
    old, held = None, {}
    rows = []
    for new in op.get_bind().execute(sa.text(MOVED)).all():
        before, here = held, (new.department_id, new.region_id)
        same = old is not None and old.record_id == new.record_id
        held = {}
        for event in EVENTS:
            instant = getattr(new, event)
            stays = same and instant is not None and getattr(old, event) == instant and instant < new.at
            held[event] = before[event] if stays else here
            if held[event] != here:
                rows.append({"record_id": new.record_id, "known_from": new.known_from, "event": event,
                             "department_id": held[event][0], "region_id": held[event][1]})  # fmt: skip
        old = new
    if rows:
        op.bulk_insert(table, rows)
