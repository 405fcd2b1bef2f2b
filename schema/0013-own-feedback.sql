-- Under accounts a user has one rating of a sample by each criterion, and one preference between
-- two samples: the last one. Without a user (NULL) there may be any number. What has had its
-- time is found.

-- Of those from before, the last one stays.
DELETE r FROM ratings r JOIN ratings newer ON newer.audio_id=r.audio_id AND newer.user_id=r.user_id
		AND newer.criterion=r.criterion AND (newer.created_at>r.created_at
			OR (newer.created_at=r.created_at AND newer.id>r.id));

DELETE p FROM preferences p JOIN preferences newer ON newer.prompt_id=p.prompt_id
		AND newer.user_id=p.user_id
		AND ((newer.chosen_audio_id=p.chosen_audio_id
				AND newer.rejected_audio_id=p.rejected_audio_id)
			OR (newer.chosen_audio_id=p.rejected_audio_id
				AND newer.rejected_audio_id=p.chosen_audio_id))
		AND (newer.created_at>p.created_at OR (newer.created_at=p.created_at AND newer.id>p.id));

-- IGNORE: a program that still runs may have added one more. MariaDB alone looks into this comment.
ALTER /*M! IGNORE */ TABLE ratings
	ADD UNIQUE KEY one (user_id, audio_id, criterion);

ALTER /*M! IGNORE */ TABLE preferences
	-- both samples, whichever was chosen
	ADD COLUMN pair BINARY(32) GENERATED ALWAYS AS (CONCAT(
		LEAST(chosen_audio_id, rejected_audio_id),
		GREATEST(chosen_audio_id, rejected_audio_id))) STORED,
	ADD UNIQUE KEY one (user_id, pair);

-- The sums follow: each statement adds what rows and sums differ by, which stays the same while
-- others write.
INSERT INTO audio_feedback (audio_id, rating_count, rating_sum, wins, comparisons, tag_count)
	SELECT audio_id, SUM(ratings), SUM(points), SUM(won), SUM(compared), 0 FROM (
		SELECT audio_id, 1 AS ratings, rating AS points, 0 AS won, 0 AS compared FROM ratings
		UNION ALL SELECT chosen_audio_id, 0, 0, 1, 1 FROM preferences
		UNION ALL SELECT rejected_audio_id, 0, 0, 0, 1 FROM preferences
		UNION ALL SELECT audio_id, -rating_count, -rating_sum, -wins, -comparisons
			FROM audio_feedback) sides
	GROUP BY audio_id
	HAVING SUM(ratings)<>0 OR SUM(points)<>0 OR SUM(won)<>0 OR SUM(compared)<>0
	ON DUPLICATE KEY UPDATE rating_count=rating_count+VALUES(rating_count),
		rating_sum=rating_sum+VALUES(rating_sum), wins=wins+VALUES(wins),
		comparisons=comparisons+VALUES(comparisons);

INSERT INTO rating_counts (adapter_id, criterion, rating, shard, n)
	SELECT adapter_id, criterion, rating, 0, SUM(differ) FROM (
		SELECT adapter_id, criterion, rating, 1 AS differ FROM ratings
		UNION ALL SELECT adapter_id, criterion, rating, -n FROM rating_counts) sides
	GROUP BY adapter_id, criterion, rating HAVING SUM(differ)<>0
	ON DUPLICATE KEY UPDATE rating_counts.n=rating_counts.n+VALUES(n);

INSERT INTO compared_prompts (prompt_id, n)
	SELECT prompt_id, SUM(differ) FROM (
		SELECT prompt_id, 1 AS differ FROM preferences
		UNION ALL SELECT prompt_id, -n FROM compared_prompts) sides
	GROUP BY prompt_id HAVING SUM(differ)<>0
	ON DUPLICATE KEY UPDATE compared_prompts.n=compared_prompts.n+VALUES(n);

-- A sample may have been chosen in the preference alone that went; none was rated or compared in
-- such a one alone.
INSERT INTO feedback_totals (shard, ratings, rating_sum, preferences, margins, margin_sum,
		positive_tags, negative_tags, audios, rated_audios, compared_audios, compared_prompts)
	SELECT 0, SUM(r), SUM(points), SUM(p), SUM(m), SUM(margin), 0, 0, SUM(a), 0, 0, 0 FROM (
		SELECT 1 AS r, rating AS points, 0 AS p, 0 AS m, 0 AS margin, 0 AS a FROM ratings
		UNION ALL SELECT 0, 0, 1, margin IS NOT NULL, COALESCE(margin, 0), 0
			FROM preferences
		UNION ALL SELECT 0, 0, 0, 0, 0, 1
			FROM audio_feedback WHERE rating_count+wins+tag_count<>0
		UNION ALL SELECT -ratings, -rating_sum, -preferences, -margins, -margin_sum, -audios
			FROM feedback_totals) sides
	HAVING SUM(r)<>0 OR SUM(points)<>0 OR SUM(p)<>0 OR SUM(m)<>0 OR SUM(margin)<>0 OR SUM(a)<>0
	ON DUPLICATE KEY UPDATE ratings=ratings+VALUES(ratings),
		rating_sum=rating_sum+VALUES(rating_sum), preferences=preferences+VALUES(preferences),
		margins=margins+VALUES(margins), margin_sum=margin_sum+VALUES(margin_sum),
		audios=audios+VALUES(audios);

UPDATE jobs j JOIN (
	SELECT own.id, SUM(f.rating_count+f.wins+f.tag_count)-own.feedback_count AS pieces,
			SUM(f.rating_count)-own.rating_count AS ratings,
			SUM(f.rating_sum)-own.rating_sum AS points
		FROM audio_feedback f JOIN samples s ON s.id=f.audio_id JOIN jobs own ON own.id=s.job_id
		GROUP BY own.id, own.feedback_count, own.rating_count, own.rating_sum
		HAVING pieces<>0 OR ratings<>0 OR points<>0
	) differ ON differ.id=j.id
	SET j.feedback_count=j.feedback_count+differ.pieces, j.rating_count=j.rating_count+differ.ratings,
		j.rating_sum=j.rating_sum+differ.points;

-- What has had its time.
ALTER TABLE user_days
	ADD KEY day (day);

ALTER TABLE tokens
	ADD KEY expires (expires_at);
