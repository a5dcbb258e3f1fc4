-- Texts that vendors approved beforehand, as they were last read; and when that was tried.
CREATE TABLE template (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  language TEXT NOT NULL,
  channel TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (account, id, language)
) WITHOUT ROWID;
CREATE TABLE template_reading (
  account TEXT PRIMARY KEY NOT NULL,
  tried_at INTEGER NOT NULL,
  -- The last reading that worked; NULL where none ever did.
  read_at INTEGER,
  -- Why the last one failed.
  error TEXT
) WITHOUT ROWID;
