-- What keeps work together and finds it again: experiments, the search for prompts, lists of samples,
-- templates, favourites. user_id is NULL where there are no accounts.

-- Jobs name the experiment that they belong to (jobs.experiment_id). Its status is not stored: it
-- follows from archived_at and from the states of its jobs.
CREATE TABLE experiments (
	id           BINARY(16) NOT NULL,
	user_id      BINARY(16) NULL,
	name         VARCHAR(200) NOT NULL,
	description  VARCHAR(2000) NULL,
	config       TEXT NULL,                    -- JSON object as the client sent it
	archived_at  DATETIME(6) NULL,             -- NULL: not archived; archived, it takes no new jobs
	created_at   DATETIME(6) NOT NULL,
	updated_at   DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY created (created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The search for prompts is a step behind: a FULLTEXT index makes submissions a tenth slower, so that a
-- prompt is indexed when someone searches, or by a daemon, whoever is first. Prompts from before there
-- was a search wait like new ones.
ALTER TABLE prompts
	ADD COLUMN tempo DOUBLE NULL,              -- of the attributes, once it is indexed
	ADD COLUMN unindexed TINYINT NULL DEFAULT 1, -- 1: waits to be indexed; NULL: it is
	DROP KEY created,
	ADD KEY created (created_at, id, tempo),
	ADD KEY unindexed (unindexed, id);

CREATE TABLE prompt_search (
	id          BINARY(16) NOT NULL,           -- of the prompt; tempo and created_at are its own
	tempo       DOUBLE NULL,
	created_at  DATETIME(6) NOT NULL,
	words       MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- see lib/records/search_words.h
	PRIMARY KEY (id),
	FULLTEXT KEY words (words)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Lists of samples, by what made them. Each index holds what the other filters look at, so that a page
-- is chosen in one index alone.
ALTER TABLE samples
	ADD COLUMN experiment_id BINARY(16) NULL,  -- of its job
	DROP KEY prompt,
	ADD KEY of_prompt (prompt_id, created_at, id, adapter_id, experiment_id),
	ADD KEY of_experiment (experiment_id, created_at, id, adapter_id),
	ADD KEY of_adapter (adapter_id, created_at, id),
	ADD KEY of_all (created_at, id);

UPDATE samples s JOIN jobs j ON j.id=s.job_id SET s.experiment_id=j.experiment_id
	WHERE j.experiment_id IS NOT NULL;

-- Prompts to begin with.
CREATE TABLE templates (
	id           BINARY(16) NOT NULL,
	user_id      BINARY(16) NULL,              -- NULL for those of the system, too
	name         VARCHAR(200) NOT NULL,
	description  VARCHAR(2000) NULL,
	text         VARCHAR(2000) NOT NULL,
	attributes   TEXT NULL,                    -- JSON object as the client sent it
	category     VARCHAR(64) NOT NULL,
	is_system    TINYINT NOT NULL,             -- 1: comes with Earshot; nobody changes it
	created_at   DATETIME(6) NOT NULL,
	updated_at   DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY created (created_at, id),
	KEY category (category, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT IGNORE INTO templates (id, name, description, text, attributes, category, is_system,
	created_at, updated_at) VALUES
	(UNHEX('01900000000070008000000000000001'), 'Rainy window', 'A waltz for piano and cello, slow enough to watch the rain.',
	'slow, melancholic piano waltz in D minor with a solo cello, like rain on a window',
	'{"style":"waltz","tempo":84,"key":"D minor","primary_instruments":["piano"],"secondary_instruments":["cello"],"mood":"melancholic"}',
	'acoustic', 1, '2026-01-01 00:00:58', '2026-01-01 00:00:58'),
	(UNHEX('01900000000070008000000000000002'), 'Late-night study', 'Dusty beats that stay out of the way.',
	'dusty lo-fi hip hop beat with a warm Rhodes, soft bass and swung drums for late-night study',
	'{"style":"lo-fi","tempo":76,"key":"F major","primary_instruments":["electric piano","bass"],"secondary_instruments":["drums"],"mood":"calm"}',
	'focus', 1, '2026-01-01 00:00:57', '2026-01-01 00:00:57'),
	(UNHEX('01900000000070008000000000000003'), 'Neon drive', 'An open road, palm trees, 1986.',
	'80s synthwave with a pulsing synth bass and a bright saw lead, driving at night under neon',
	'{"style":"synthwave","tempo":110,"key":"A minor","primary_instruments":["synth lead","synth bass"],"secondary_instruments":["pad"],"mood":"energetic"}',
	'electronic', 1, '2026-01-01 00:00:56', '2026-01-01 00:00:56'),
	(UNHEX('01900000000070008000000000000004'), 'Deep water', 'No beat, no hurry, a long breath.',
	'deep ambient drone with slowly moving pads, distant bells and no drums, like light under water',
	'{"style":"ambient","tempo":60,"key":"C major","primary_instruments":["pad"],"secondary_instruments":["bells"],"mood":"dreamy"}',
	'focus', 1, '2026-01-01 00:00:55', '2026-01-01 00:00:55'),
	(UNHEX('01900000000070008000000000000005'), 'Beach at six', 'A nylon guitar, brushed drums, and the day is over.',
	'gentle bossa nova with nylon guitar, flute melody and brushed drums at sunset',
	'{"style":"bossa nova","tempo":128,"key":"G major","primary_instruments":["nylon guitar"],"secondary_instruments":["flute"],"mood":"warm"}',
	'jazz', 1, '2026-01-01 00:00:54', '2026-01-01 00:00:54'),
	(UNHEX('01900000000070008000000000000006'), 'Smoky trio', 'Piano, upright bass, brushes: the last set of the night.',
	'smoky jazz trio, swinging piano over a walking upright bass and brushes, in B-flat',
	'{"style":"jazz","tempo":132,"key":"Bb major","primary_instruments":["piano","upright bass"],"secondary_instruments":["drums"],"mood":"relaxed"}',
	'jazz', 1, '2026-01-01 00:00:53', '2026-01-01 00:00:53'),
	(UNHEX('01900000000070008000000000000007'), 'Delta porch', 'Twelve bars and a lot of time.',
	'slow twelve-bar blues shuffle in E with a crying electric guitar and organ',
	'{"style":"blues","tempo":72,"key":"E major","primary_instruments":["electric guitar"],"secondary_instruments":["organ"],"mood":"sad"}',
	'band', 1, '2026-01-01 00:00:52', '2026-01-01 00:00:52'),
	(UNHEX('01900000000070008000000000000008'), 'Pocket', 'The one is where it is, and the bass knows.',
	'tight funk groove in E minor with slap bass, clavinet stabs and brass hits',
	'{"style":"funk","tempo":104,"key":"E minor","primary_instruments":["slap bass","clavinet"],"secondary_instruments":["brass"],"mood":"playful"}',
	'band', 1, '2026-01-01 00:00:51', '2026-01-01 00:00:51'),
	(UNHEX('01900000000070008000000000000009'), 'Garage door open', 'Loud guitars, straight drums, no apology.',
	'fast, aggressive rock with distorted guitars, driving bass and drums in A',
	'{"style":"rock","tempo":152,"key":"A major","primary_instruments":["distorted guitar"],"secondary_instruments":["bass","drums"],"mood":"aggressive"}',
	'band', 1, '2026-01-01 00:00:50', '2026-01-01 00:00:50'),
	(UNHEX('0190000000007000800000000000000a'), 'Four on the floor', 'A long night, hands in the air.',
	'uplifting deep house, four on the floor with piano chords, rolling bass and strings',
	'{"style":"house","tempo":122,"key":"F minor","primary_instruments":["piano","synth bass"],"secondary_instruments":["strings"],"mood":"uplifting"}',
	'electronic', 1, '2026-01-01 00:00:49', '2026-01-01 00:00:49'),
	(UNHEX('0190000000007000800000000000000b'), 'The ridge at dawn', 'Strings first, then horns, then everyone.',
	'epic film score that grows from quiet strings to a whole orchestra with horns and timpani',
	'{"style":"film score","tempo":90,"key":"C minor","primary_instruments":["strings","french horn"],"secondary_instruments":["timpani"],"mood":"epic"}',
	'film', 1, '2026-01-01 00:00:48', '2026-01-01 00:00:48'),
	(UNHEX('0190000000007000800000000000000c'), 'Level one', 'Square waves, sixty-four kilobytes, infinite lives.',
	'cheerful chiptune with fast arpeggios and a catchy melody, like the first level of an old game',
	'{"style":"chiptune","tempo":150,"key":"C major","primary_instruments":["square lead"],"mood":"happy"}',
	'games', 1, '2026-01-01 00:00:47', '2026-01-01 00:00:47'),
	(UNHEX('0190000000007000800000000000000d'), 'Island Sunday', 'Behind the beat, in front of the sea.',
	'laid-back reggae with offbeat guitar, deep bass and organ bubble',
	'{"style":"reggae","tempo":74,"key":"G major","primary_instruments":["guitar","bass"],"secondary_instruments":["organ"],"mood":"relaxed"}',
	'band', 1, '2026-01-01 00:00:46', '2026-01-01 00:00:46'),
	(UNHEX('0190000000007000800000000000000e'), 'Fireside', 'Two guitars and a fiddle that knows the way.',
	'warm folk tune with fingerpicked acoustic guitar, fiddle and a little whistle in D',
	'{"style":"folk","tempo":100,"key":"D major","primary_instruments":["acoustic guitar","fiddle"],"secondary_instruments":["whistle"],"mood":"warm"}',
	'acoustic', 1, '2026-01-01 00:00:45', '2026-01-01 00:00:45');

-- What someone marked to find it again. A favourite goes with its target.
CREATE TABLE favorites (
	id           BINARY(16) NOT NULL,
	user_id      BINARY(16) NOT NULL,          -- all zero where there are no accounts
	target_type  ENUM('prompt','audio','template') NOT NULL,
	target_id    BINARY(16) NOT NULL,
	note         VARCHAR(1000) NULL,
	created_at   DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY one (user_id, target_type, target_id),
	KEY of_user (user_id, created_at, id),
	KEY of_type (user_id, target_type, created_at, id),
	KEY of_target (target_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
