-- Requests that are on disk, whose vendor has its answer, and that are still to be read.

CREATE TABLE heard_waiting (account TEXT NOT NULL, heard INTEGER NOT NULL, PRIMARY KEY (account, heard)) WITHOUT ROWID;
