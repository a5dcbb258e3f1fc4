-- Messages of one moment keep the provider's order, in whichever direction its history was read: the number at the end
-- of the provider's id, 0 where it counts nothing.
ALTER TABLE message ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
DROP INDEX message_conversation;
CREATE INDEX message_conversation ON message(conversation, at, place);

-- Where answers in the conversation went when this was queued, normalised, as JSON; none where it answers nothing.
ALTER TABLE outbox ADD COLUMN goes_to TEXT;
