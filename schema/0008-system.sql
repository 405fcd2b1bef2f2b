-- Totals that deleting a job does not lower.

ALTER TABLE job_counts
	ADD COLUMN ever BIGINT NOT NULL DEFAULT 0,          -- how often a job came into the status
	ADD COLUMN processing_ms BIGINT NOT NULL DEFAULT 0, -- in the rows of 'completed': started → completed, summed
	ADD COLUMN audio_ms BIGINT NOT NULL DEFAULT 0;      -- there, too: sound made, summed

UPDATE job_counts SET ever=n WHERE n>0;

INSERT INTO job_counts (shard, status, n, processing_ms, audio_ms)
	SELECT 0, 'completed', 0, COALESCE(SUM(p.processing_ms), 0), COALESCE(SUM(p.audio_ms), 0) FROM job_periods p
	ON DUPLICATE KEY UPDATE processing_ms=VALUES(processing_ms), audio_ms=VALUES(audio_ms);
