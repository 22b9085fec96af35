-- Whether somebody who may set the team up was told of its problem.
ALTER TABLE team ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
