-- A check-in writes two trees in place of five. What the last requests answered
-- and the flows that hold no words lie with the account, which every press
-- writes anyway (see beside.go). Older ones of many requests are moved to
-- request. Who was not seen for long is found by reading the whole table, once
-- an hour.
ALTER TABLE account ADD COLUMN recent BLOB NOT NULL DEFAULT x'';
ALTER TABLE account ADD COLUMN flows BLOB NOT NULL DEFAULT x'';
ALTER TABLE account ADD COLUMN stale_at INTEGER; -- when something of recent or flows is to go; NULL: never
ALTER TABLE account ADD COLUMN more_at INTEGER;  -- when the newest row of request was made; NULL: there is none
UPDATE account SET more_at = (SELECT max(made_at) FROM request WHERE request.account_id = account.id);
DROP INDEX account_seen;
