-- Adapters: what makes a model sound otherwise. An adapter is its versions, a version at most one file of weights at
-- a time. Ids name adapters, names need not be unique: two people may well call theirs the same.

CREATE TABLE adapters (
	id           BINARY(16) NOT NULL,
	name         VARCHAR(200) NOT NULL,
	description  VARCHAR(2000) NULL,
	base_model   VARCHAR(64) NOT NULL,          -- id of the model that it is for; never changed
	status       ENUM('active','archived') NOT NULL, -- archived: no new jobs; what it made stays
	config       TEXT NULL,                     -- JSON object as the client sent it
	version_id   BINARY(16) NOT NULL,           -- the version that new jobs use: always exactly one
	created_at   DATETIME(6) NOT NULL,
	updated_at   DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY created (created_at, id),
	KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE adapter_versions (
	id           BINARY(16) NOT NULL,
	adapter_id   BINARY(16) NOT NULL,
	version      VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- "1.0.0"
	description  VARCHAR(2000) NULL,
	weights_id   BINARY(16) NULL,               -- NULL: nothing uploaded yet
	created_at   DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY version (adapter_id, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Every file that was accepted. Rows and objects stay when another file takes their place, since a job goes on using
-- the one that it was submitted with, and a retry of it too.
CREATE TABLE adapter_weights (
	id           BINARY(16) NOT NULL,
	version_id   BINARY(16) NOT NULL,
	storage_key  VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	sha256       BINARY(32) NOT NULL,
	size_bytes   BIGINT UNSIGNED NOT NULL,
	about        TEXT NULL,                     -- JSON object: what the engine's check found in it
	uploaded_at  DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY storage_key (storage_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
