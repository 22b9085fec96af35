-- Instants are microseconds since 1970 UTC, dates ISO text, ids of people
-- random. No table but identity names a platform's user.

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
CREATE INDEX account_seen ON account (seen_at);
CREATE INDEX account_left ON account (left_at) WHERE left_at IS NOT NULL;

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
CREATE INDEX team_owner ON team (owner_account) WHERE owner_account IS NOT NULL;

CREATE TABLE membership (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    team_ref   INTEGER NOT NULL REFERENCES team (ref) ON DELETE CASCADE,
    PRIMARY KEY (account_id, team_ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_team ON membership (team_ref);

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
CREATE INDEX request_made ON request (made_at);
CREATE INDEX request_account ON request (account_id);

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
CREATE INDEX note_account ON note (account_id, id);

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
CREATE INDEX flow_expires ON flow (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE draft (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    draft_id   TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    body       BLOB    NOT NULL,    -- sealed JSON, see rows.go
    PRIMARY KEY (account_id, draft_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_expires ON draft (expires_at);

CREATE TABLE said (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    local_date TEXT    NOT NULL,
    item       TEXT    NOT NULL,
    PRIMARY KEY (account_id, local_date, item)
) STRICT, WITHOUT ROWID;

-- What is to be said: for a person where account_id is set, else for a team.
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
CREATE UNIQUE INDEX due_team ON due (team_ref, kind, subject) WHERE account_id IS NULL;
CREATE INDEX due_next ON due (next_at, id);

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
CREATE UNIQUE INDEX outbox_week ON outbox (team_ref, kind, subject, week_date) WHERE week_date IS NOT NULL;
CREATE INDEX outbox_ready ON outbox (lane, ready_at, id) WHERE state = 'ready';
CREATE INDEX outbox_sending ON outbox (lease_until) WHERE state = 'sending';
CREATE INDEX outbox_account ON outbox (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX outbox_team ON outbox (team_ref, kind) WHERE team_ref IS NOT NULL;
CREATE INDEX outbox_due ON outbox (due_at);

-- One rhythm message a local day. Slot is 'rhythm', or the occurrence of an
-- exact one, which uses the day up as well.
CREATE TABLE budget (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    local_date TEXT    NOT NULL,
    slot       TEXT    NOT NULL,
    outbox_id  INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, local_date, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX budget_outbox ON budget (outbox_id);

CREATE TABLE missed (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
    team_ref   INTEGER REFERENCES team (ref) ON DELETE CASCADE,
    kind       TEXT    NOT NULL,
    local_date TEXT    NOT NULL,
    why        TEXT    NOT NULL,
    made_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX missed_team ON missed (team_ref) WHERE team_ref IS NOT NULL;
CREATE INDEX missed_account ON missed (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX missed_made ON missed (made_at);

CREATE TABLE outage (
    from_at  INTEGER NOT NULL PRIMARY KEY, -- machine clock
    until_at INTEGER NOT NULL
) STRICT;

-- Single facts about this database: heartbeat, clock offset, what is missed.
CREATE TABLE tally (
    label  TEXT PRIMARY KEY,
    amount INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the local page has shown.
CREATE TABLE page (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    label   TEXT    NOT NULL UNIQUE,
    place   TEXT    NOT NULL,
    body    BLOB    NOT NULL, -- sealed
    made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX page_place ON page (place, id);
