-- A submission in the words of an earlier one, with the same attributes, is of the same prompt: so its takes can be
-- compared with that one's.
ALTER TABLE prompts
	ADD COLUMN digest BINARY(32) NULL,         -- SHA-256 of the text, a NUL, and the attributes if there are any
	ADD KEY by_digest (digest);

UPDATE prompts SET digest=UNHEX(SHA2(CONCAT(CAST(text AS BINARY), 0x00, CAST(COALESCE(attributes, '') AS BINARY)), 256));
