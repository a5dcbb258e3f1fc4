-- Numbers that are kept, not counted, and facts of a conversation that follow from other tables.
-- All by trigger, so that no way of writing can forget them.

CREATE TABLE tally (kind TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;

CREATE TRIGGER tally_conversation_new AFTER INSERT ON conversation BEGIN
  INSERT INTO tally(kind, key, n) SELECT 'status', NEW.status, 1 WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'assignee', coalesce(NEW.assignee, ''), 1 WHERE NEW.status = 'open'
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'channel', NEW.channel, CASE WHEN NEW.status = 'open' THEN 1 ELSE 0 END WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'account', NEW.account, CASE WHEN NEW.status = 'open' THEN 1 ELSE 0 END WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'waiting', '', 1 WHERE NEW.status = 'open' AND NEW.waiting_since IS NOT NULL
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'unread', '', 1 WHERE NEW.status = 'open' AND NEW.unread > 0
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER tally_conversation_gone AFTER DELETE ON conversation BEGIN
  INSERT INTO tally(kind, key, n) SELECT 'status', OLD.status, -1 WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'assignee', coalesce(OLD.assignee, ''), -1 WHERE OLD.status = 'open'
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'channel', OLD.channel, CASE WHEN OLD.status = 'open' THEN -1 ELSE 0 END WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'account', OLD.account, CASE WHEN OLD.status = 'open' THEN -1 ELSE 0 END WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'waiting', '', -1 WHERE OLD.status = 'open' AND OLD.waiting_since IS NOT NULL
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'unread', '', -1 WHERE OLD.status = 'open' AND OLD.unread > 0
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER tally_conversation_change AFTER UPDATE OF status, assignee, channel, account, waiting_since, unread ON conversation
WHEN (OLD.status, OLD.assignee, OLD.channel, OLD.account, OLD.waiting_since IS NULL, OLD.unread > 0)
  IS NOT (NEW.status, NEW.assignee, NEW.channel, NEW.account, NEW.waiting_since IS NULL, NEW.unread > 0)
BEGIN
  INSERT INTO tally(kind, key, n) SELECT 'status', OLD.status, -1 WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'assignee', coalesce(OLD.assignee, ''), -1 WHERE OLD.status = 'open'
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'channel', OLD.channel, CASE WHEN OLD.status = 'open' THEN -1 ELSE 0 END WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'account', OLD.account, CASE WHEN OLD.status = 'open' THEN -1 ELSE 0 END WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'waiting', '', -1 WHERE OLD.status = 'open' AND OLD.waiting_since IS NOT NULL
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'unread', '', -1 WHERE OLD.status = 'open' AND OLD.unread > 0
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'status', NEW.status, 1 WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'assignee', coalesce(NEW.assignee, ''), 1 WHERE NEW.status = 'open'
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'channel', NEW.channel, CASE WHEN NEW.status = 'open' THEN 1 ELSE 0 END WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'account', NEW.account, CASE WHEN NEW.status = 'open' THEN 1 ELSE 0 END WHERE true
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'waiting', '', 1 WHERE NEW.status = 'open' AND NEW.waiting_since IS NOT NULL
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
  INSERT INTO tally(kind, key, n) SELECT 'unread', '', 1 WHERE NEW.status = 'open' AND NEW.unread > 0
    ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
END;

-- Labels: one row each with the list keys of its conversation.
CREATE TRIGGER label_change AFTER UPDATE OF labels ON conversation WHEN OLD.labels <> NEW.labels BEGIN
  DELETE FROM conversation_label WHERE conversation = NEW.id AND label NOT IN (SELECT value FROM json_each(NEW.labels));
  INSERT INTO conversation_label(label, conversation, open, k_closing, last_at, k_priority)
    SELECT value, NEW.id, NEW.status = 'open', NEW.k_closing, NEW.last_at, NEW.k_priority FROM json_each(NEW.labels)
    WHERE true ON CONFLICT(conversation, label) DO NOTHING;
END;

CREATE TRIGGER label_follow AFTER UPDATE OF status, priority, last_at, waiting_since, window_closes_at, due_at, snoozed_until
ON conversation WHEN NEW.labels <> '[]' BEGIN
  UPDATE conversation_label SET open = NEW.status = 'open', k_closing = NEW.k_closing, last_at = NEW.last_at, k_priority = NEW.k_priority
    WHERE conversation = NEW.id;
END;

CREATE TRIGGER tally_label_new AFTER INSERT ON conversation_label BEGIN
  INSERT INTO tally(kind, key, n) VALUES ('label', NEW.label, NEW.open) ON CONFLICT(kind, key) DO UPDATE SET n = n + excluded.n;
END;
CREATE TRIGGER tally_label_gone AFTER DELETE ON conversation_label BEGIN
  UPDATE tally SET n = n - OLD.open WHERE kind = 'label' AND key = OLD.label;
END;
CREATE TRIGGER tally_label_change AFTER UPDATE OF open ON conversation_label WHEN OLD.open <> NEW.open BEGIN
  UPDATE tally SET n = n + NEW.open - OLD.open WHERE kind = 'label' AND key = NEW.label;
END;

-- The outbox.
CREATE TRIGGER tally_outbox_new AFTER INSERT ON outbox BEGIN
  INSERT INTO tally(kind, key, n) VALUES ('outbox', NEW.state, 1) ON CONFLICT(kind, key) DO UPDATE SET n = n + 1;
  UPDATE conversation SET
    unsent = (SELECT count(*) FROM outbox WHERE conversation = NEW.conversation AND state IN ('held', 'queued', 'sending', 'retry')),
    failures = (SELECT count(*) FROM outbox WHERE conversation = NEW.conversation AND state IN ('failed', 'unknown', 'attention'))
    WHERE id = NEW.conversation;
END;
CREATE TRIGGER tally_outbox_change AFTER UPDATE OF state, conversation ON outbox BEGIN
  UPDATE tally SET n = n - 1 WHERE kind = 'outbox' AND key = OLD.state;
  INSERT INTO tally(kind, key, n) VALUES ('outbox', NEW.state, 1) ON CONFLICT(kind, key) DO UPDATE SET n = n + 1;
  UPDATE conversation SET
    unsent = (SELECT count(*) FROM outbox WHERE conversation = NEW.conversation AND state IN ('held', 'queued', 'sending', 'retry')),
    failures = (SELECT count(*) FROM outbox WHERE conversation = NEW.conversation AND state IN ('failed', 'unknown', 'attention'))
    WHERE id = NEW.conversation;
END;

-- Proposals that await a decision.
CREATE TRIGGER tally_proposal_new AFTER INSERT ON proposal BEGIN
  INSERT INTO tally(kind, key, n) VALUES ('proposal', NEW.state, 1) ON CONFLICT(kind, key) DO UPDATE SET n = n + 1;
  UPDATE conversation SET proposals = (SELECT count(*) FROM proposal WHERE conversation = NEW.conversation AND state = 'pending')
    WHERE id = NEW.conversation;
END;
CREATE TRIGGER tally_proposal_change AFTER UPDATE OF state, conversation ON proposal BEGIN
  UPDATE tally SET n = n - 1 WHERE kind = 'proposal' AND key = OLD.state;
  INSERT INTO tally(kind, key, n) VALUES ('proposal', NEW.state, 1) ON CONFLICT(kind, key) DO UPDATE SET n = n + 1;
  UPDATE conversation SET proposals = (SELECT count(*) FROM proposal WHERE conversation = NEW.conversation AND state = 'pending')
    WHERE id = NEW.conversation;
END;

-- Drafts.
CREATE TRIGGER tally_draft_new AFTER INSERT ON draft BEGIN
  INSERT INTO tally(kind, key, n) VALUES ('draft', NEW.author, 1) ON CONFLICT(kind, key) DO UPDATE SET n = n + 1;
  UPDATE conversation SET has_draft = 1 WHERE id = NEW.conversation AND NEW.kind <> 'note' AND has_draft = 0;
END;
CREATE TRIGGER tally_draft_gone AFTER DELETE ON draft BEGIN
  UPDATE tally SET n = n - 1 WHERE kind = 'draft' AND key = OLD.author;
  UPDATE conversation SET has_draft = EXISTS (SELECT 1 FROM draft WHERE conversation = OLD.conversation AND kind <> 'note')
    WHERE id = OLD.conversation;
END;
CREATE TRIGGER tally_draft_change AFTER UPDATE OF author, kind, conversation ON draft
WHEN (OLD.author, OLD.kind, OLD.conversation) IS NOT (NEW.author, NEW.kind, NEW.conversation) BEGIN
  UPDATE tally SET n = n - 1 WHERE kind = 'draft' AND key = OLD.author;
  INSERT INTO tally(kind, key, n) VALUES ('draft', NEW.author, 1) ON CONFLICT(kind, key) DO UPDATE SET n = n + 1;
  UPDATE conversation SET has_draft = EXISTS (SELECT 1 FROM draft WHERE draft.conversation = conversation.id AND kind <> 'note')
    WHERE id IN (OLD.conversation, NEW.conversation);
END;

-- Pages.
CREATE TRIGGER tally_page_new AFTER INSERT ON escalation BEGIN
  INSERT INTO tally(kind, key, n) VALUES ('page', NEW.state, 1) ON CONFLICT(kind, key) DO UPDATE SET n = n + 1;
  UPDATE conversation SET paged = EXISTS (SELECT 1 FROM escalation WHERE conversation = NEW.conversation AND state IN ('open', 'silenced'))
    WHERE id = NEW.conversation;
END;
CREATE TRIGGER tally_page_change AFTER UPDATE OF state, conversation ON escalation BEGIN
  UPDATE tally SET n = n - 1 WHERE kind = 'page' AND key = OLD.state;
  INSERT INTO tally(kind, key, n) VALUES ('page', NEW.state, 1) ON CONFLICT(kind, key) DO UPDATE SET n = n + 1;
  UPDATE conversation SET paged = EXISTS (SELECT 1 FROM escalation WHERE conversation = NEW.conversation AND state IN ('open', 'silenced'))
    WHERE id = NEW.conversation;
END;
CREATE TRIGGER tally_page_gone AFTER DELETE ON escalation BEGIN
  UPDATE tally SET n = n - 1 WHERE kind = 'page' AND key = OLD.state;
  UPDATE conversation SET paged = EXISTS (SELECT 1 FROM escalation WHERE conversation = OLD.conversation AND state IN ('open', 'silenced'))
    WHERE id = OLD.conversation;
END;

-- Consent.
CREATE TRIGGER consent_change AFTER UPDATE OF opted_out ON identity WHEN OLD.opted_out <> NEW.opted_out BEGIN
  UPDATE conversation SET opted_out = NEW.opted_out
    WHERE contact = NEW.contact AND channel = NEW.channel AND contact_address = NEW.address;
END;
