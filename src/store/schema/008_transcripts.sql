-- What machines heard in audio files, or why not yet. Kept by the file's place in its message: a fuller report of the
-- message makes new rows of attachments, and the words stay.
CREATE TABLE transcript (
  message INTEGER NOT NULL REFERENCES message(id),
  -- Where its provider has it, else the hash of its bytes.
  place TEXT NOT NULL,
  -- What was heard; NULL where it is not known.
  text TEXT,
  -- Why the last try failed.
  says TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  -- When to try (again); NULL when it is done or given up.
  due_at INTEGER,
  PRIMARY KEY (message, place)
) WITHOUT ROWID;
CREATE INDEX transcript_due ON transcript(due_at) WHERE due_at IS NOT NULL;
CREATE INDEX attachment_audio ON attachment(id) WHERE lower(substr(mime, 1, 6)) = 'audio/';
