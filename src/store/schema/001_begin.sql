-- The mirror's first schema. Times are milliseconds since 1970; enums are the words of the model's serde forms.
-- Text of messages, names and subjects is cleaned for display before it comes here; `raw` holds what came over the wire.

CREATE TABLE account (
  name TEXT PRIMARY KEY NOT NULL,
  info TEXT NOT NULL,                       -- AccountInfo as JSON
  window_ms INTEGER,
  sla_ms INTEGER
) WITHOUT ROWID;

CREATE TABLE holder (one INTEGER PRIMARY KEY CHECK (one = 1), pid INTEGER NOT NULL, host TEXT NOT NULL, since INTEGER NOT NULL);

CREATE TABLE cursor (
  account TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (account, name)
) WITHOUT ROWID;

CREATE TABLE coverage (
  account TEXT NOT NULL, feed TEXT NOT NULL, generation INTEGER NOT NULL, floor INTEGER NOT NULL,
  ranges TEXT NOT NULL,                     -- [[low, high], ...] merged and sorted
  at INTEGER NOT NULL,
  PRIMARY KEY (account, feed)
) WITHOUT ROWID;

CREATE TABLE health (account TEXT PRIMARY KEY NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;

-- People ------------------------------------------------------------------------------------------------------------

CREATE TABLE contact (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, named INTEGER NOT NULL DEFAULT 0, remarks TEXT NOT NULL DEFAULT '',
  vip INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL
);

CREATE TABLE identity (
  id INTEGER PRIMARY KEY, contact INTEGER NOT NULL REFERENCES contact(id), channel TEXT NOT NULL,
  address TEXT NOT NULL, name TEXT, name_at INTEGER NOT NULL DEFAULT 0, verified INTEGER NOT NULL DEFAULT 0,
  opted_out INTEGER NOT NULL DEFAULT 0, consent_at INTEGER NOT NULL DEFAULT 0,
  UNIQUE (channel, address)
);
CREATE INDEX identity_contact ON identity(contact);

-- Conversations -----------------------------------------------------------------------------------------------------

CREATE TABLE conversation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL REFERENCES account(name),
  channel TEXT NOT NULL,
  contact INTEGER NOT NULL REFERENCES contact(id),
  contact_name TEXT NOT NULL,
  contact_address TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  base_subject TEXT NOT NULL DEFAULT '',    -- lower-cased; empty when generic
  thread TEXT,                              -- the provider's
  status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'snoozed', 'resolved', 'spam')),
  priority INTEGER NOT NULL DEFAULT 1 CHECK (priority BETWEEN 0 AND 3),
  assignee TEXT,
  labels TEXT NOT NULL DEFAULT '[]',        -- sorted; conversation_label follows by trigger
  muted INTEGER NOT NULL DEFAULT 0,
  flagged INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  snippet TEXT NOT NULL DEFAULT '',
  head INTEGER,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  last_inbound INTEGER,
  answered_at INTEGER NOT NULL DEFAULT 0,   -- what came until then waits no more (resolved, answered elsewhere)
  waiting_since INTEGER,
  window_closes_at INTEGER,
  due_at INTEGER,
  snoozed_until INTEGER,
  wake_on_reply INTEGER NOT NULL DEFAULT 0,
  drafted_head INTEGER,                     -- the newest public message to which the drafter has said its word
  has_draft INTEGER NOT NULL DEFAULT 0,
  proposals INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  unsent INTEGER NOT NULL DEFAULT 0,
  paged INTEGER NOT NULL DEFAULT 0,
  opted_out INTEGER NOT NULL DEFAULT 0,
  -- What closes or falls due soonest; then who waits longest; then the newest.
  k_closing INTEGER GENERATED ALWAYS AS (
    CASE
      WHEN status = 'snoozed' THEN coalesce(snoozed_until, 70368744177664)
      WHEN waiting_since IS NULL THEN 140737488355328 - last_at
      WHEN window_closes_at IS NULL AND due_at IS NULL THEN 35184372088832 + waiting_since
      ELSE min(coalesce(window_closes_at, due_at), coalesce(due_at, window_closes_at))
    END) VIRTUAL,
  -- Highest priority first, newest within.
  k_priority INTEGER GENERATED ALWAYS AS (priority * 281474976710656 + last_at) VIRTUAL
);

-- One index per list and order; the id breaks ties and is in every index anyway.
CREATE INDEX conversation_status_closing ON conversation(status, k_closing);
CREATE INDEX conversation_status_last ON conversation(status, last_at);
CREATE INDEX conversation_status_priority ON conversation(status, k_priority);
CREATE INDEX conversation_mine_closing ON conversation(assignee, k_closing) WHERE status = 'open';
CREATE INDEX conversation_mine_last ON conversation(assignee, last_at) WHERE status = 'open';
CREATE INDEX conversation_mine_priority ON conversation(assignee, k_priority) WHERE status = 'open';
CREATE INDEX conversation_waiting_closing ON conversation(k_closing) WHERE status = 'open' AND waiting_since IS NOT NULL;
CREATE INDEX conversation_waiting_last ON conversation(last_at) WHERE status = 'open' AND waiting_since IS NOT NULL;
CREATE INDEX conversation_waiting_priority ON conversation(k_priority) WHERE status = 'open' AND waiting_since IS NOT NULL;
CREATE INDEX conversation_channel_closing ON conversation(channel, k_closing) WHERE status = 'open';
CREATE INDEX conversation_channel_last ON conversation(channel, last_at) WHERE status = 'open';
CREATE INDEX conversation_channel_priority ON conversation(channel, k_priority) WHERE status = 'open';
CREATE INDEX conversation_account_closing ON conversation(account, k_closing) WHERE status = 'open';
CREATE INDEX conversation_account_last ON conversation(account, last_at) WHERE status = 'open';
CREATE INDEX conversation_account_priority ON conversation(account, k_priority) WHERE status = 'open';
CREATE INDEX conversation_all_closing ON conversation(k_closing) WHERE status <> 'spam';
CREATE INDEX conversation_all_last ON conversation(last_at) WHERE status <> 'spam';
CREATE INDEX conversation_all_priority ON conversation(k_priority) WHERE status <> 'spam';
CREATE INDEX conversation_contact ON conversation(contact, last_at);
CREATE INDEX conversation_thread ON conversation(account, thread) WHERE thread IS NOT NULL;
CREATE INDEX conversation_subject ON conversation(account, contact_address, base_subject) WHERE base_subject <> '';
CREATE INDEX conversation_wants_draft ON conversation(last_at)
  WHERE status = 'open' AND waiting_since IS NOT NULL AND drafted_head IS NOT head;
CREATE INDEX conversation_wakes ON conversation(snoozed_until) WHERE status = 'snoozed' AND snoozed_until IS NOT NULL;

CREATE TABLE conversation_label (
  label TEXT NOT NULL, conversation INTEGER NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
  open INTEGER NOT NULL, k_closing INTEGER NOT NULL, last_at INTEGER NOT NULL, k_priority INTEGER NOT NULL,
  PRIMARY KEY (conversation, label)
) WITHOUT ROWID;
CREATE INDEX label_closing ON conversation_label(label, open, k_closing, conversation);
CREATE INDEX label_last ON conversation_label(label, open, last_at, conversation);
CREATE INDEX label_priority ON conversation_label(label, open, k_priority, conversation);

-- A conversation that was joined to another keeps its number as a way to it.
CREATE TABLE conversation_alias (old INTEGER PRIMARY KEY, now INTEGER NOT NULL);
CREATE INDEX conversation_alias_now ON conversation_alias(now);

-- Messages ----------------------------------------------------------------------------------------------------------

CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation INTEGER NOT NULL REFERENCES conversation(id),
  account TEXT NOT NULL,
  channel TEXT NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound', 'note')),
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  contact INTEGER,
  address TEXT,                             -- the sender's, normalised; inbound only
  who TEXT NOT NULL,                        -- name and address, for search
  author TEXT NOT NULL,                     -- Author as JSON
  subject TEXT NOT NULL,
  snippet TEXT NOT NULL DEFAULT '',
  content TEXT NOT NULL,                    -- Content as JSON
  people TEXT,                              -- to, cc, reply_to as JSON
  dedupe TEXT,
  message_id TEXT,
  refs TEXT,                                -- References, oldest first, as JSON
  thread TEXT,
  outbox INTEGER,
  delivery TEXT, delivery_at INTEGER, delivery_detail TEXT,
  hidden INTEGER NOT NULL DEFAULT 0,
  seen INTEGER NOT NULL DEFAULT 0,
  answered INTEGER NOT NULL DEFAULT 0,
  flagged INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0,
  edited_at INTEGER,
  to_customer INTEGER NOT NULL DEFAULT 0,   -- ours, and the customer is among its recipients
  attachments INTEGER NOT NULL DEFAULT 0,
  fts INTEGER,                              -- row in message_fts, of the order of `at`
  fullness INTEGER NOT NULL DEFAULT 0,      -- how much the report told, to choose between two of one message
  window_ms INTEGER,
  threaded_by TEXT NOT NULL,                -- ThreadedBy as JSON
  reactions TEXT,
  body TEXT NOT NULL,                       -- last: what is behind it would be far away
  CHECK (direction = 'outbound' OR outbox IS NULL)
);
CREATE UNIQUE INDEX message_dedupe ON message(account, dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX message_conversation ON message(conversation, at);
CREATE INDEX message_turns ON message(conversation, direction, kind, at);
CREATE INDEX message_unread ON message(conversation) WHERE seen = 0 AND direction = 'inbound';
CREATE UNIQUE INDEX message_fts_row ON message(fts) WHERE fts IS NOT NULL;
CREATE INDEX message_flagged ON message(conversation) WHERE flagged = 1;
CREATE INDEX message_outbox ON message(outbox) WHERE outbox IS NOT NULL;

-- Where a message is at the provider.
CREATE TABLE remote (
  account TEXT NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL,
  message INTEGER NOT NULL REFERENCES message(id),
  PRIMARY KEY (account, scope, key)
) WITHOUT ROWID;
CREATE INDEX remote_message ON remote(message);

-- Ids by which later messages find their conversation: of messages here (own = 1), or named by one (own = 0).
CREATE TABLE thread_ref (
  account TEXT NOT NULL, ref TEXT NOT NULL, message INTEGER NOT NULL REFERENCES message(id), own INTEGER NOT NULL,
  PRIMARY KEY (account, ref)
) WITHOUT ROWID;
CREATE INDEX thread_ref_message ON thread_ref(message);

-- Facts about messages that are not here yet.
CREATE TABLE early (
  account TEXT NOT NULL, target TEXT NOT NULL, what TEXT NOT NULL, fact TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (account, target, what)
) WITHOUT ROWID;

CREATE TABLE raw (
  message INTEGER PRIMARY KEY REFERENCES message(id), bytes BLOB, sha256 TEXT,
  CHECK ((bytes IS NULL) <> (sha256 IS NULL))
);

CREATE TABLE attachment (
  id INTEGER PRIMARY KEY, message INTEGER NOT NULL REFERENCES message(id), name TEXT NOT NULL, mime TEXT NOT NULL,
  size INTEGER NOT NULL, inline INTEGER NOT NULL, content_id TEXT, sha256 TEXT, fetch TEXT
);
CREATE INDEX attachment_message ON attachment(message);

CREATE VIRTUAL TABLE message_fts USING fts5(
  subject, body, who,
  content = '', contentless_delete = 1, prefix = '2 3',
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mc Mn'"
);

-- Drafts, proposals, outbox ------------------------------------------------------------------------------------------

CREATE TABLE draft (
  id INTEGER PRIMARY KEY AUTOINCREMENT, conversation INTEGER REFERENCES conversation(id), kind TEXT NOT NULL,
  author TEXT NOT NULL, updated_at INTEGER NOT NULL, data TEXT NOT NULL
);
CREATE UNIQUE INDEX draft_place ON draft(conversation, kind, author) WHERE conversation IS NOT NULL;
CREATE INDEX draft_author ON draft(author, updated_at);

CREATE TABLE proposal (
  id INTEGER PRIMARY KEY AUTOINCREMENT, conversation INTEGER NOT NULL REFERENCES conversation(id),
  head INTEGER NOT NULL, state TEXT NOT NULL, because TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL,
  expires_at INTEGER, window_closes_at INTEGER, due_at INTEGER, risk INTEGER NOT NULL,
  hash TEXT NOT NULL, data TEXT NOT NULL, outbox INTEGER, decided_at INTEGER
);
CREATE INDEX proposal_conversation ON proposal(conversation, state);
CREATE INDEX proposal_pending ON proposal(created_at) WHERE state = 'pending';
CREATE INDEX proposal_expires ON proposal(expires_at) WHERE state IN ('proposed', 'blocked', 'pending') AND expires_at IS NOT NULL;
CREATE INDEX proposal_window ON proposal(window_closes_at) WHERE state IN ('proposed', 'blocked', 'pending') AND window_closes_at IS NOT NULL;

CREATE TABLE decision (
  id INTEGER PRIMARY KEY AUTOINCREMENT, proposal INTEGER NOT NULL REFERENCES proposal(id), actor TEXT NOT NULL,
  at INTEGER NOT NULL, host TEXT NOT NULL, verb TEXT NOT NULL, reason TEXT, words TEXT NOT NULL DEFAULT '',
  hash TEXT NOT NULL, taken_back INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX decision_proposal ON decision(proposal);

CREATE TABLE draft_request (
  conversation INTEGER PRIMARY KEY REFERENCES conversation(id) ON DELETE CASCADE, instruction TEXT NOT NULL,
  earlier INTEGER, at INTEGER NOT NULL
);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL, channel TEXT NOT NULL, conversation INTEGER REFERENCES conversation(id),
  message INTEGER REFERENCES message(id), kind TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('agent', 'assistant', 'system')),
  data TEXT NOT NULL,                       -- Outgoing as JSON, frozen
  hash TEXT NOT NULL,
  reference TEXT NOT NULL UNIQUE,
  proposal INTEGER REFERENCES proposal(id),
  decision INTEGER UNIQUE REFERENCES decision(id),
  state TEXT NOT NULL, since INTEGER NOT NULL, due_at INTEGER, attempts INTEGER NOT NULL DEFAULT 0,
  first_try INTEGER, fence INTEGER NOT NULL DEFAULT 0, reason TEXT, unless_reply INTEGER NOT NULL DEFAULT 0,
  base_head INTEGER, base_id INTEGER NOT NULL DEFAULT 0, draft TEXT, provider_id TEXT, receipt TEXT,
  CHECK (origin <> 'assistant' OR (proposal IS NOT NULL AND decision IS NOT NULL)),
  CHECK (proposal IS NULL OR decision IS NOT NULL)
);
-- One proposal, at most one send; a row that was taken back while held does not count.
CREATE UNIQUE INDEX outbox_proposal ON outbox(proposal) WHERE proposal IS NOT NULL AND state <> 'cancelled';
CREATE INDEX outbox_due ON outbox(due_at) WHERE state IN ('held', 'queued', 'retry');
CREATE INDEX outbox_conversation ON outbox(conversation) WHERE conversation IS NOT NULL;
CREATE INDEX outbox_message ON outbox(message) WHERE message IS NOT NULL;
CREATE INDEX outbox_open ON outbox(state) WHERE state NOT IN ('sent', 'cancelled');
CREATE INDEX outbox_provider ON outbox(account, provider_id) WHERE provider_id IS NOT NULL;

CREATE TABLE remote_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL,
  change TEXT NOT NULL, at INTEGER NOT NULL, done_at INTEGER, failed TEXT
);
CREATE INDEX remote_change_open ON remote_change(account, id) WHERE done_at IS NULL;
CREATE INDEX remote_change_place ON remote_change(account, scope, key) WHERE done_at IS NULL;

CREATE TABLE escalation (
  id INTEGER PRIMARY KEY AUTOINCREMENT, conversation INTEGER NOT NULL REFERENCES conversation(id), person TEXT NOT NULL,
  by_name TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, ack_by TEXT, ack_at INTEGER,
  silenced_until INTEGER, outbox TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX escalation_conversation ON escalation(conversation);
CREATE INDEX escalation_open ON escalation(at) WHERE state <> 'closed';

CREATE TABLE saved_view (name TEXT PRIMARY KEY NOT NULL, query TEXT NOT NULL) WITHOUT ROWID;

-- Passages ----------------------------------------------------------------------------------------------------------

CREATE TABLE passage (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, heading TEXT NOT NULL,
  text TEXT NOT NULL, address TEXT NOT NULL, as_of INTEGER, language TEXT
);
CREATE INDEX passage_source ON passage(source, kind);
CREATE VIRTUAL TABLE passage_fts USING fts5(
  name, heading, text, content = '', contentless_delete = 1,
  tokenize = "porter unicode61 remove_diacritics 2 categories 'L* N* Co Mc Mn'"
);

-- Journal -----------------------------------------------------------------------------------------------------------

CREATE TABLE journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, name TEXT NOT NULL,
  verb TEXT NOT NULL, conversation INTEGER, detail TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE INDEX journal_conversation ON journal(conversation, id) WHERE conversation IS NOT NULL;

-- What can still be taken back; a row goes when it is.
CREATE TABLE undo (journal INTEGER PRIMARY KEY REFERENCES journal(id), name TEXT NOT NULL, inverse TEXT NOT NULL);
CREATE INDEX undo_name ON undo(name, journal);

CREATE TRIGGER journal_is_kept BEFORE UPDATE ON journal BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_stays BEFORE DELETE ON journal BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;

-- What must never happen --------------------------------------------------------------------------------------------

CREATE TRIGGER outbox_no_note BEFORE INSERT ON outbox
WHEN NEW.message IS NOT NULL AND (SELECT direction FROM message WHERE id = NEW.message) IS NOT 'outbound'
BEGIN SELECT raise(ABORT, 'only an outbound message can leave'); END;

CREATE TRIGGER outbox_no_note_later BEFORE UPDATE OF message ON outbox
WHEN NEW.message IS NOT NULL AND (SELECT direction FROM message WHERE id = NEW.message) IS NOT 'outbound'
BEGIN SELECT raise(ABORT, 'only an outbound message can leave'); END;

CREATE TRIGGER outbox_needs_decision BEFORE INSERT ON outbox
WHEN NEW.proposal IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM decision JOIN proposal ON proposal.id = decision.proposal
  WHERE decision.id = NEW.decision AND decision.proposal = NEW.proposal AND decision.taken_back = 0
    AND decision.verb IN ('approve', 'edit') AND proposal.state IN ('approved', 'edited'))
BEGIN SELECT raise(ABORT, 'what an assistant wrote leaves only with an approval'); END;

CREATE TRIGGER outbox_is_frozen BEFORE UPDATE OF account, channel, kind, origin, data, hash, reference, decision ON outbox
BEGIN SELECT raise(ABORT, 'what is queued is frozen'); END;

CREATE TRIGGER message_keeps_direction BEFORE UPDATE OF direction ON message
BEGIN SELECT raise(ABORT, 'a message keeps its direction'); END;

CREATE TRIGGER decision_is_kept BEFORE UPDATE OF proposal, actor, at, host, verb, reason, words, hash ON decision
BEGIN SELECT raise(ABORT, 'a decision is kept as it was'); END;
CREATE TRIGGER decision_stays BEFORE DELETE ON decision BEGIN SELECT raise(ABORT, 'a decision is kept'); END;
