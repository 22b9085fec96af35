-- What a button calls a note tells nothing of the notes of others: it is made of
-- the time, and no longer counts every note there is. Old buttons keep their
-- notes.
ALTER TABLE note ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
UPDATE note SET number = id;
DROP INDEX note_account;
CREATE UNIQUE INDEX note_account ON note (account_id, number);
