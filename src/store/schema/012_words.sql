-- The words of the full-text index, and where each is.
CREATE VIRTUAL TABLE message_word USING fts5vocab(message_fts, instance);
