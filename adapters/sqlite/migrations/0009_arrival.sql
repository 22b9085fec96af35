-- What a check-in brings is only appended at first, one row each, and filed where
-- it belongs later, many together (see arrival.go): it then writes a tenth of a
-- page in place of two pages somewhere in the file. The first columns are those of
-- event. A row names an account without a constraint, which would read a page of
-- the accounts again: whatever writes an account files what has arrived first.
CREATE TABLE arrival (
    id         INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
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
    meant      TEXT    NOT NULL,
    assumed    INTEGER NOT NULL,
    week_start INTEGER NOT NULL,
    answer     TEXT    NOT NULL,
    pressed_at INTEGER NOT NULL,
    beside     BLOB    NOT NULL  -- the request, and flows
) STRICT;
