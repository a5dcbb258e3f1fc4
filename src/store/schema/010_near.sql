-- Drafts are made unasked to what is near in these two orders, which have their own indexes.
DROP INDEX conversation_wants_draft;
