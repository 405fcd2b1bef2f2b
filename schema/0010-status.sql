-- What the pages about the queue and the installation show.

-- Jobs that failed in each period: those that are there now; what was deleted before is not known.
ALTER TABLE job_periods
	ADD COLUMN failed BIGINT NOT NULL DEFAULT 0;

INSERT INTO job_periods (start, shard, done, wait_ms, processing_ms, audio_ms, failed)
	SELECT FROM_UNIXTIME(UNIX_TIMESTAMP(completed_at) DIV 300 * 300), 0, 0, 0, 0, 0, COUNT(*) FROM jobs
	WHERE status='failed' AND completed_at IS NOT NULL GROUP BY 1
	ON DUPLICATE KEY UPDATE failed=VALUES(failed);

-- Why a host cannot run a model is a sentence; this is the command that would change it.
ALTER TABLE models
	ADD COLUMN remedy VARCHAR(512) NULL;       -- one line for a shell; NULL: there is none
