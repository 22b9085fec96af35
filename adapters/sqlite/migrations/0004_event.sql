-- A check-in writes four trees in place of nine. Events lie by person, as they
-- are read; those without a meaning have a line break and a random text for
-- one. What has expired is found by reading the whole table, once an hour.
CREATE TABLE event_by_person (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    meaning    TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    made_at    INTEGER NOT NULL,
    zone_name  TEXT    NOT NULL,
    utc_offset INTEGER NOT NULL,
    local_date TEXT    NOT NULL,
    week_date  TEXT    NOT NULL,
    step       INTEGER NOT NULL,
    item       TEXT    NOT NULL,
    outcome    TEXT    NOT NULL,
    from_date  TEXT    NOT NULL,
    until_date TEXT    NOT NULL,
    meant      TEXT    NOT NULL,    -- the meaning an undo or an edit is about
    assumed    INTEGER NOT NULL,
    week_start INTEGER NOT NULL,
    answer     TEXT    NOT NULL,
    PRIMARY KEY (account_id, meaning)
) STRICT, WITHOUT ROWID;
INSERT INTO event_by_person (account_id, meaning, kind, made_at, zone_name, utc_offset, local_date, week_date, step, item, outcome, from_date,
        until_date, meant, assumed, week_start, answer)
    SELECT account_id, coalesce(meaning, char(10) || hex(randomblob(16))), kind, made_at, zone_name, utc_offset, local_date, week_date, step, item,
        outcome, from_date, until_date, meant, assumed, week_start, answer FROM event;
DROP TABLE event;
ALTER TABLE event_by_person RENAME TO event;
DROP INDEX request_made;
DROP INDEX flow_expires;
