-- The library: lists of samples narrowed by what listeners said of them, by model and by format
-- (lib/records/samplelist.h). What narrows them has the sample's created_at beside it, so that its own
-- index is in the order of the list.

-- Each index holds what most other filters look at.
ALTER TABLE samples
	DROP KEY of_prompt,
	DROP KEY of_experiment,
	DROP KEY of_adapter,
	DROP KEY of_all,
	ADD KEY of_prompt (prompt_id, created_at, id, adapter_id, experiment_id, model, format),
	ADD KEY of_experiment (experiment_id, created_at, id, adapter_id, prompt_id, model, format),
	ADD KEY of_adapter (adapter_id, created_at, id, prompt_id, model, format),
	ADD KEY of_model (model, created_at, id, prompt_id, format),
	ADD KEY of_format (format, created_at, id, prompt_id),
	ADD KEY of_all (created_at, id, prompt_id);

ALTER TABLE favorites
	ADD COLUMN target_created_at DATETIME(6) NULL,
	ADD KEY by_target (user_id, target_type, target_created_at, target_id);

UPDATE favorites f
	LEFT JOIN prompts p ON f.target_type='prompt' AND p.id=f.target_id
	LEFT JOIN samples s ON f.target_type='audio' AND s.id=f.target_id
	LEFT JOIN templates t ON f.target_type='template' AND t.id=f.target_id
	SET f.target_created_at=COALESCE(p.created_at, s.created_at, t.created_at);

ALTER TABLE tags
	ADD COLUMN audio_created_at DATETIME(6) NULL,
	ADD KEY by_audio (tag_key, is_positive, audio_created_at, audio_id);

UPDATE tags t JOIN samples s ON s.id=t.audio_id SET t.audio_created_at=s.created_at;

ALTER TABLE audio_feedback
	ADD COLUMN audio_created_at DATETIME(6) NULL,
	-- the average rating, of all criteria, in whole stars; NULL: none
	ADD COLUMN stars INT GENERATED ALWAYS AS (IF(rating_count>0, rating_sum DIV rating_count, NULL)) STORED,
	ADD KEY by_stars (stars, audio_created_at, audio_id);

UPDATE audio_feedback f JOIN samples s ON s.id=f.audio_id SET f.audio_created_at=s.created_at;
