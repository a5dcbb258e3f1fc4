-- Commits leave the runs of the index as they are; the program merges them while nothing else is to be written, and
-- only where that never happened, with more runs than any search should walk, SQLite does it by itself.
INSERT INTO message_fts(message_fts, rank) VALUES
  ('hashsize', 4194304), ('automerge', 0), ('usermerge', 16), ('crisismerge', 1000);
