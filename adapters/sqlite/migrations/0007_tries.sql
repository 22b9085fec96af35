-- Who tried a team's post, for a figure that says at least how many they were.
-- They are named by a keyed hash, whose key and which themselves go when the
-- figure is made.
CREATE TABLE tries (
    team_ref INTEGER NOT NULL REFERENCES team (ref) ON DELETE CASCADE,
    on_date  TEXT    NOT NULL,  -- nominal, of the post
    secret   BLOB,              -- NULL: closed
    at_least INTEGER NOT NULL DEFAULT 0,
    made_at  INTEGER NOT NULL,
    PRIMARY KEY (team_ref, on_date)
) STRICT, WITHOUT ROWID;
CREATE TABLE tried (
    team_ref INTEGER NOT NULL,
    on_date  TEXT    NOT NULL,
    mark     BLOB    NOT NULL,
    PRIMARY KEY (team_ref, on_date, mark),
    FOREIGN KEY (team_ref, on_date) REFERENCES tries (team_ref, on_date) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
