-- Schema 1 as released, with rows about one person. Never edited.
CREATE TABLE account (
    id         INTEGER PRIMARY KEY, -- random
    since      INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    settings   TEXT    NOT NULL,    -- JSON, see rows.go
    ledger     TEXT    NOT NULL,    -- a cache: the fold of event, see ledger.go
    form       INTEGER NOT NULL,    -- of ledger
    unanswered INTEGER NOT NULL DEFAULT 0,
    shut       INTEGER NOT NULL DEFAULT 0,
    left_at    INTEGER              -- deactivated or gone from the platform
) STRICT;
CREATE TABLE identity (
    platform   TEXT    NOT NULL,
    realm      TEXT    NOT NULL,
    person     TEXT    NOT NULL,
    account_id INTEGER NOT NULL UNIQUE REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (platform, realm, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE team (
    ref           INTEGER PRIMARY KEY,
    platform      TEXT    NOT NULL,
    team_id       TEXT    NOT NULL,
    settings      TEXT    NOT NULL DEFAULT '{}', -- JSON, see rows.go
    week_start    INTEGER NOT NULL DEFAULT 1,
    stopped       INTEGER NOT NULL DEFAULT 0,
    owner_account INTEGER REFERENCES account (id) ON DELETE SET NULL,
    problem       TEXT    NOT NULL DEFAULT '',
    sent_at       INTEGER,
    pressed_at    INTEGER,                       -- by anybody
    left_at       INTEGER,                       -- uninstalled
    UNIQUE (platform, team_id)
) STRICT;
CREATE TABLE membership (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    team_ref   INTEGER NOT NULL REFERENCES team (ref) ON DELETE CASCADE,
    PRIMARY KEY (account_id, team_ref)
) STRICT, WITHOUT ROWID;
CREATE TABLE installation (
    platform   TEXT    NOT NULL,
    team_id    TEXT    NOT NULL,
    made_at    INTEGER NOT NULL,
    PRIMARY KEY (platform, team_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE request (
    hash       BLOB    PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    answer     TEXT    NOT NULL,
    made_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE zone_span (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    from_at    INTEGER NOT NULL,
    zone_name  TEXT    NOT NULL,
    PRIMARY KEY (account_id, from_at)
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    meaning    TEXT,                -- NULL: has none
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
    UNIQUE (account_id, meaning)
) STRICT;
CREATE TABLE note (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    made_at    INTEGER NOT NULL,
    local_date TEXT    NOT NULL,
    prompt     TEXT    NOT NULL,
    item       TEXT    NOT NULL,
    seal_row   TEXT    NOT NULL,    -- what words are bound to
    words      BLOB    NOT NULL     -- sealed
) STRICT;
CREATE TABLE flow (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    flow_id    TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    item       TEXT    NOT NULL,
    edition    TEXT    NOT NULL,
    node       TEXT    NOT NULL,
    week_date  TEXT    NOT NULL,
    made_at    INTEGER NOT NULL,
    expires_at INTEGER,             -- NULL: never
    words      BLOB,                -- sealed; NULL: none
    PRIMARY KEY (account_id, flow_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE draft (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    draft_id   TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    body       BLOB    NOT NULL,    -- sealed JSON, see rows.go
    PRIMARY KEY (account_id, draft_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE said (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    local_date TEXT    NOT NULL,
    item       TEXT    NOT NULL,
    PRIMARY KEY (account_id, local_date, item)
) STRICT, WITHOUT ROWID;
CREATE TABLE due (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
    team_ref   INTEGER REFERENCES team (ref) ON DELETE CASCADE,
    kind       TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    to_kind    INTEGER NOT NULL,
    channel    TEXT    NOT NULL,
    spec       TEXT    NOT NULL,    -- '': a single one, at minute of nominal
    minute     INTEGER NOT NULL,
    zone_name  TEXT    NOT NULL,
    next_at    INTEGER NOT NULL,
    nominal    TEXT    NOT NULL,
    last_date  TEXT    NOT NULL,
    exact      INTEGER NOT NULL,
    weekly     INTEGER NOT NULL,    -- once a week, whatever day it is moved to
    memory     BLOB,
    UNIQUE (account_id, kind, subject)
) STRICT;
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    occurrence  TEXT    NOT NULL UNIQUE, -- whose, then the delivery's key
    account_id  INTEGER REFERENCES account (id) ON DELETE CASCADE,
    team_ref    INTEGER REFERENCES team (ref) ON DELETE CASCADE,
    kind        TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    to_kind     INTEGER NOT NULL,
    channel     TEXT    NOT NULL,
    lane        TEXT    NOT NULL,
    local_date  TEXT    NOT NULL,
    zone_name   TEXT    NOT NULL,
    exact       INTEGER NOT NULL,
    week_date   TEXT,                    -- of a weekly one that is not dead
    payload     TEXT    NOT NULL,        -- JSON, see rows.go
    due_at      INTEGER NOT NULL,
    ready_at    INTEGER NOT NULL,
    state       TEXT    NOT NULL,
    attempt     INTEGER NOT NULL DEFAULT 0,
    worker      TEXT    NOT NULL DEFAULT '',
    lease_until INTEGER,                 -- machine clock
    started_at  INTEGER,                 -- machine clock
    settled_at  INTEGER,
    sent_ref    TEXT    NOT NULL DEFAULT '',
    why         TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE budget (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    local_date TEXT    NOT NULL,
    slot       TEXT    NOT NULL,
    outbox_id  INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, local_date, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE missed (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
    team_ref   INTEGER REFERENCES team (ref) ON DELETE CASCADE,
    kind       TEXT    NOT NULL,
    local_date TEXT    NOT NULL,
    why        TEXT    NOT NULL,
    made_at    INTEGER NOT NULL
) STRICT;
CREATE TABLE outage (
    from_at  INTEGER NOT NULL PRIMARY KEY, -- machine clock
    until_at INTEGER NOT NULL
) STRICT;
CREATE TABLE tally (
    label  TEXT PRIMARY KEY,
    amount INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE page (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    label   TEXT    NOT NULL UNIQUE,
    place   TEXT    NOT NULL,
    body    BLOB    NOT NULL, -- sealed
    made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX account_seen ON account (seen_at);
CREATE INDEX account_left ON account (left_at) WHERE left_at IS NOT NULL;
CREATE INDEX team_owner ON team (owner_account) WHERE owner_account IS NOT NULL;
CREATE INDEX membership_team ON membership (team_ref);
CREATE INDEX request_made ON request (made_at);
CREATE INDEX request_account ON request (account_id);
CREATE INDEX note_account ON note (account_id, id);
CREATE INDEX flow_expires ON flow (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX draft_expires ON draft (expires_at);
CREATE UNIQUE INDEX due_team ON due (team_ref, kind, subject) WHERE account_id IS NULL;
CREATE INDEX due_next ON due (next_at, id);
CREATE UNIQUE INDEX outbox_week ON outbox (team_ref, kind, subject, week_date) WHERE week_date IS NOT NULL;
CREATE INDEX outbox_ready ON outbox (lane, ready_at, id) WHERE state = 'ready';
CREATE INDEX outbox_sending ON outbox (lease_until) WHERE state = 'sending';
CREATE INDEX outbox_account ON outbox (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX outbox_team ON outbox (team_ref, kind) WHERE team_ref IS NOT NULL;
CREATE INDEX outbox_due ON outbox (due_at);
CREATE INDEX budget_outbox ON budget (outbox_id);
CREATE INDEX missed_team ON missed (team_ref) WHERE team_ref IS NOT NULL;
CREATE INDEX missed_account ON missed (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX missed_made ON missed (made_at);
CREATE INDEX page_place ON page (place, id);
INSERT INTO account VALUES (6460433167603321725, 1795424400000000, 1795424400000000, '{"rhythm":"daily"}', '2026-11-23k1 
{"run":1,"longest":1,"rest":2,"kept":1,"strength":0,"today":"2026-11-23","since":"2026-11-23","closed":{"run":0,"longest":0,"rest":2,"kept":0,"strength":0}}', 1, 0, 0, NULL);
INSERT INTO identity VALUES ('p', 'r', 'ann', 6460433167603321725);
INSERT INTO team VALUES (1, 'p', 't1', '{"channel":"c1","spec":"0 9 * * 1","week_chosen":true}', 0, 0, 6460433167603321725, '', NULL, 1795424400000000, NULL);
INSERT INTO membership VALUES (6460433167603321725, 1);
INSERT INTO request VALUES (x'b888e58361634287b4e3ec14a8374a4e', 6460433167603321725, 'a', 1795424400000000);
INSERT INTO request VALUES (x'c34e75c4ac9d071adedf2e79f34fb86e', 6460433167603321725, '', 1795424400000000);
INSERT INTO zone_span VALUES (6460433167603321725, 1795424400000000, 'Europe/Berlin');
INSERT INTO event VALUES (1, 6460433167603321725, 'k', 'checkin', 1795424400000000, 'UTC', 0, '2026-11-23', '', 3, 'm1', 'well', '', '', '', 0, 0, 'a');
INSERT INTO flow VALUES (6460433167603321725, 'f', 'try', '', '', '', '', 1795424400000000, NULL, x'e9d8645a9ccc01312a37e0ade9b5cdd1ada34c8cfc55fee6916bf9fb772cf1adc85543ae65625e26778f4e0b179f91906b9be92b0f6c5f7aa5f7');
INSERT INTO said VALUES (6460433167603321725, '2026-11-23', 'i');
INSERT INTO due VALUES (1, 6460433167603321725, NULL, 'tip', 's', 2, '', '0 9 * * *', 0, 'UTC', 1795510800000000, '2026-11-24', '', 0, 0, NULL);
INSERT INTO due VALUES (2, 6460433167603321725, NULL, 'question', 'f', 2, '', '', 600, 'UTC', 1795600800000000, '2026-11-25', '', 1, 0, NULL);
INSERT INTO tally VALUES ('ping', 1795424400000000);
PRAGMA application_id = 1380012116;
PRAGMA user_version = 1;
