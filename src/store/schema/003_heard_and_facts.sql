-- What vendors posted to us, as it came: kept for a while, so that nothing depends on having understood it at once.

CREATE TABLE heard (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  at INTEGER NOT NULL,
  method TEXT NOT NULL,
  query TEXT NOT NULL,
  headers TEXT NOT NULL,
  body BLOB NOT NULL,
  -- How many facts it held; NULL where it could not be read.
  events INTEGER,
  note TEXT
);
CREATE INDEX heard_at ON heard(at);

-- Single facts about the mirror itself: by which promises its due times were made.
CREATE TABLE fact (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
