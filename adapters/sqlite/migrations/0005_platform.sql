-- What a platform's surface is to know after a restart, such as a hash of the
-- commands that it registered. Nothing about a person.
CREATE TABLE memory (
    label TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- The conversation of a person's direct messages, where the platform gives it an
-- id: to open it anew is what platforms watch for.
ALTER TABLE identity ADD COLUMN room TEXT NOT NULL DEFAULT '';
