-- What presses bring is only appended at first, one row each, and filed where it
-- belongs later, many together (see arrival.go). A check-in then writes a tenth
-- of a page in place of two pages somewhere in the file. A row names an account
-- without a constraint, which would read that account's page again: whatever
-- writes an account files what has arrived first.
CREATE TABLE arrival (
    id         INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    body       BLOB    NOT NULL
) STRICT;
