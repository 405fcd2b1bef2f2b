-- Who may what: users, their sessions and tokens, and how often someone tried to sign in. No password, token or
-- secret of a session is here, only what one can be held against.

CREATE TABLE users (
	id                         BINARY(16) NOT NULL,
	login                      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- in lower case
	password                   VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- argon2id, as libsodium writes it
	role                       ENUM('listener','creator','admin') NOT NULL,
	disabled_at                DATETIME(6) NULL,  -- from then on neither sessions nor tokens count
	max_queued_jobs            INT UNSIGNED NULL, -- NULL: as the settings say; 0: no limit
	max_audio_seconds_per_day  INT UNSIGNED NULL, -- the same
	created_at                 DATETIME(6) NOT NULL,
	last_sign_in_at            DATETIME(6) NULL,
	PRIMARY KEY (id),
	UNIQUE KEY login (login),
	KEY created (created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE sessions (
	secret_sha256  BINARY(32) NOT NULL,        -- of what the cookie holds
	user_id        BINARY(16) NOT NULL,
	created_at     DATETIME(6) NOT NULL,
	seen_at        DATETIME(6) NOT NULL,       -- to the minute
	expires_at     DATETIME(6) NOT NULL,       -- whatever happens
	PRIMARY KEY (secret_sha256),
	KEY user (user_id),
	KEY seen (seen_at),
	KEY expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE tokens (
	id            BINARY(16) NOT NULL,
	user_id       BINARY(16) NOT NULL,
	name          VARCHAR(100) NOT NULL,
	prefix        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- its first characters, to know it by
	token_sha256  BINARY(32) NOT NULL,
	scopes        SET('read','vote','create','admin') NOT NULL, -- of what the role of the user allows
	created_at    DATETIME(6) NOT NULL,
	last_used_at  DATETIME(6) NULL,           -- to the minute
	expires_at    DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY token (token_sha256),
	KEY user (user_id, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Tries to sign in, of late, by the account that was named and by the address that they came from.
CREATE TABLE sign_ins (
	subject   BINARY(32) NOT NULL,             -- SHA-256 of which of the two it is, and of the name or address
	n         INT NOT NULL,
	until_at  DATETIME(6) NOT NULL,            -- then they are forgotten
	PRIMARY KEY (subject),
	KEY until_at (until_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How much music each user has asked for on a day, for the quota.
CREATE TABLE user_days (
	user_id   BINARY(16) NOT NULL,
	day       DATE NOT NULL,                   -- UTC
	audio_ms  BIGINT NOT NULL,
	PRIMARY KEY (user_id, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Whose job it is. Users are subjects of job_tallies, too.
ALTER TABLE jobs
	ADD COLUMN user_id BINARY(16) NULL,        -- NULL: submitted where there were no accounts
	ADD COLUMN asked_ms INT UNSIGNED NOT NULL DEFAULT 0; -- of user_days; 0 without a user
