-- What a job refers to beside its prompt. An adapter is written down whole when the job is submitted, so that
-- what becomes of the adapter later changes neither the job nor a retry of it.

ALTER TABLE jobs
	ADD COLUMN adapter TEXT NULL,              -- JSON: id, name, version, base_model, sha256, scale; NULL: base model
	ADD COLUMN adapter_key VARCHAR(190) NULL;  -- storage key of its weights

-- Settings that are changed while the service runs, and secrets that all hosts must share.
CREATE TABLE settings (
	name        VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	value       VARCHAR(512) NOT NULL,
	updated_at  DATETIME(6) NOT NULL,
	PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
