/* The last hand on a sound: one loudness for all, and peaks that no converter and no codec
 * clips.
 *
 * A limiter takes loudness away. How much a gain and what the limiter then does to it will
 * leave is known ahead from the energies of chunks of 32 frames, so that one pass over the
 * sound is enough; it is measured all the same. Everything works in place, in a fixed order and
 * without a clock, so that the same sound gives the same bits.
 *
 * The limiter looks 5 ms ahead, lets go with a time constant of 80 ms, treats both channels
 * alike and works on the true peak (truepeak.h). Its gain is a straight line from each chunk of
 * 32 frames to the next, so it costs little more than the measuring.
 *
 * A high-pass of second order at 20 Hz (-0.3 dB at 40 Hz) takes out what no loudspeaker plays
 * but what takes room under the ceiling: offsets and rumble. One of first order at 4 Hz behind
 * the limiter takes out the offset that comes of cutting one side of the wave more often than
 * the other. */
#ifndef EARSHOT_AUDIO_MASTER_H
#define EARSHOT_AUDIO_MASTER_H

#include "audio/loudness.h"
#include "audio/pcm.h"
#include "audio/watch.h"

struct err;

struct master_target {
	double lufs;
	double ceiling_dbtp;		/* of this sound, not of what a lossy codec makes of it */
};

/* -14 LUFS, as the streaming services play it, under a ceiling of -1.8 dBTP: lossy codecs
 * overshoot. What encode.h makes of 18 mastered pieces for a band came back higher by up to 0.44 dB
 * from Vorbis, 0.67 from MP3 and 0.71 from Opus, and so stays under -1 dBTP in every format. */
extern const struct master_target master_default;

/* More gain than this (dB) is never given. What is fainter than -38 LUFS has noise in it rather
 * than music, and the faintest of sixteen accompaniments that were measured needed 17.5. */
#define MASTER_MAX_GAIN_DB 24.0

struct master_report {
	struct loudness before, after;	/* before: behind the high-pass, ahead of any gain */
	double gain_db;			/* all gain given, the limiter's not counted */
	double reduction_db;		/* the most that the limiter took away; ≥ 0 */
	int passes;			/* of gain and limiter; usually 1 */
};

/* Master p in place. The loudness comes within 0.5 LU of the target unless the sound is silence
 * (which stays as it is), shorter than 400 ms (only the ceiling is kept), needs more than
 * MASTER_MAX_GAIN_DB, which spikes over something faint may; the true peak never exceeds the
 * ceiling. None of these is an error: the report says what came out. report and w
 * may be NULL. ERR_STOPPED by w, ERR_INVALID for samples that are not numbers; p is then somewhere
 * in between. */
int master_run(struct pcm *p, const struct master_target *t, struct master_report *report,
	const struct audio_watch *w, struct err *e);

#endif
