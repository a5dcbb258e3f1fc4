-- What a file is by its first bytes, as a MIME type, whatever it claims; NULL where that is not known.
ALTER TABLE attachment ADD COLUMN found TEXT;
