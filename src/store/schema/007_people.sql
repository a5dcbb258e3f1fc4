-- One person, several addresses. An address keeps its own record for ever (`home`); merges are edges between records,
-- and the person that a conversation is with is the oldest record of those that active merges connect. So a merge that
-- is taken back leaves what was, whatever happened in between.

ALTER TABLE identity ADD COLUMN home INTEGER NOT NULL DEFAULT 0;
-- By what it is looked up: the number, or the mailbox in small letters and without what follows a plus.
ALTER TABLE identity ADD COLUMN likeness TEXT;
-- Name and company of a mail address, where it is no public mail service.
ALTER TABLE identity ADD COLUMN kin TEXT;
-- Kept by an earlier schema in small letters: its own case is not known.
ALTER TABLE identity ADD COLUMN folded INTEGER NOT NULL DEFAULT 0;
UPDATE identity SET home = contact, folded = channel = 'email';
CREATE INDEX identity_home ON identity(home);
CREATE INDEX identity_likeness ON identity(likeness) WHERE likeness IS NOT NULL;
CREATE INDEX identity_kin ON identity(kin) WHERE kin IS NOT NULL;
CREATE INDEX identity_anycase ON identity(channel, address COLLATE NOCASE);

-- The name of a person of several records, where it is not that of the oldest.
ALTER TABLE contact ADD COLUMN shown TEXT;

CREATE TABLE contact_merge (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  a INTEGER NOT NULL, b INTEGER NOT NULL,   -- records, a < b
  at INTEGER NOT NULL, actor TEXT NOT NULL, because TEXT NOT NULL, by_itself INTEGER NOT NULL,
  undone_at INTEGER, undone_by TEXT,
  CHECK (a < b)
);
CREATE UNIQUE INDEX contact_merge_pair ON contact_merge(a, b) WHERE undone_at IS NULL;
CREATE INDEX contact_merge_back ON contact_merge(b) WHERE undone_at IS NULL;
CREATE INDEX contact_merge_undone ON contact_merge(a, b) WHERE undone_at IS NOT NULL;

-- Why two records may be one person.
CREATE TABLE clue (
  a INTEGER NOT NULL, b INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (a, b, kind)
) WITHOUT ROWID;
CREATE INDEX clue_back ON clue(b);

-- A person said that they are not.
CREATE TABLE refused_pair (
  a INTEGER NOT NULL, b INTEGER NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (a, b)
) WITHOUT ROWID;
CREATE INDEX refused_pair_back ON refused_pair(b);

-- Numbers and mailboxes that somebody wrote in a message: a claim, kept until such an address turns up.
CREATE TABLE mention (
  likeness TEXT NOT NULL, home INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (likeness, home)
) WITHOUT ROWID;
CREATE INDEX mention_home ON mention(home);
