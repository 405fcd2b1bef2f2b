#include "engine/band/render.h"

#include <fluidsynth.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

enum {
	BLOCK = 64,   /* libfluidsynth takes events at multiples of these frames */
	SLICE = 8192, /* most frames between two reports */
	POLYPHONY = 160,
	LAST_FRAMES = 480, /* 10 ms: no click where a tail is cut */
};

static const char *const usual_places[] = {
	"/usr/share/sounds/sf2/FluidR3_GM.sf2",
	"/usr/share/sounds/sf2/TimGM6mb.sf2",
	"/usr/share/sounds/sf2/default-GM.sf2",
};

const char *
render_soundfont(const char *configured, struct err *e)
{
	if (configured && *configured) {
		if (access(configured, R_OK) == 0 && fluid_is_soundfont(configured))
			return configured;
		err_set(e, ERR_INVALID,
			"The setting soundfont names %s, which is not a readable soundfont.",
			configured);
		return NULL;
	}
	for (size_t i = 0; i < NELEM(usual_places); i++)
		if (access(usual_places[i], R_OK) == 0) return usual_places[i];
	err_set(e, ERR_INVALID,
		"There is no soundfont: neither %s nor %s nor %s can be read. "
		"`" RENDER_SOUNDFONT_COMMAND "` brings the first.",
		usual_places[0], usual_places[1], usual_places[2]);
	return NULL;
}

static void
be_quiet(int level, const char *message, void *data)
{
	(void)level, (void)message, (void)data;
}

static fluid_settings_t *
make_settings(void)
{
	static const struct {
		const char *name;
		int value;
	} integers[] = {
		{ "synth.polyphony", POLYPHONY },
		{ "synth.cpu-cores", 1 },
		{ "synth.dynamic-sample-loading", 1 },
		{ "synth.midi-channels", SCORE_CHANNELS },
		{ "synth.reverb.active", 1 },
		{ "synth.chorus.active", 1 },
		{ "synth.threadsafe-api", 0 },
		{ "synth.lock-memory", 0 },
	};
	static const struct {
		const char *name;
		double value;
	} numbers[] = {
		{ "synth.sample-rate", TEMPO_RATE },
		{ "synth.gain", 1.0 },
		{ "synth.reverb.room-size", 0.62 },
		{ "synth.reverb.damp", 0.3 },
		{ "synth.reverb.width", 0.8 },
		{ "synth.reverb.level", 0.7 },
		{ "synth.chorus.level", 0.3 },
		{ "synth.chorus.speed", 0.35 },
		{ "synth.chorus.depth", 5.0 },
	};
	fluid_settings_t *s = new_fluid_settings();

	if (!s) return NULL;
	for (size_t i = 0; i < NELEM(integers); i++)
		fluid_settings_setint(s, integers[i].name, integers[i].value);
	for (size_t i = 0; i < NELEM(numbers); i++)
		fluid_settings_setnum(s, numbers[i].name, numbers[i].value);
	return s;
}

static void
send_event(fluid_synth_t *synth, const struct event *e)
{
	int channel = e->status & 0x0f;

	switch (e->status & 0xf0) {
	case 0x80: fluid_synth_noteoff(synth, channel, e->a); break;
	case 0x90: fluid_synth_noteon(synth, channel, e->a, e->b); break;
	case 0xb0: fluid_synth_cc(synth, channel, e->a, e->b); break;
	case 0xc0: fluid_synth_program_change(synth, channel, e->a); break;
	}
}

/* Remove what is below hearing: a first-order high-pass at about 15 Hz, in doubles. */
struct blocker {
	double x[2], y[2];
};

static void
block_dc(struct blocker *b, float *data, int64_t frames)
{
	const double keep = 0.998;

	for (int64_t i = 0; i < frames; i++)
		for (int c = 0; c < 2; c++) {
			double x = data[2 * i + c];

			b->y[c] = x - b->x[c] + keep * b->y[c];
			b->x[c] = x;
			data[2 * i + c] = (float)b->y[c];
		}
}

/* Float sound may exceed 1, but whoever gets it need not: a piece that does is made softer as a
 * whole. */
static void
keep_below_one(struct pcm *out)
{
	const float most = 0.98f;
	float peak = 0;

	for (int64_t i = 0; i < 2 * out->frames; i++) {
		float v = out->data[i] < 0 ? -out->data[i] : out->data[i];

		if (v > peak) peak = v;
	}
	if (peak <= most) return;
	for (int64_t i = 0; i < 2 * out->frames; i++) out->data[i] *= most / peak;
}

static void
close_end(struct pcm *out)
{
	int64_t n = out->frames < LAST_FRAMES ? out->frames : LAST_FRAMES;

	for (int64_t i = 0; i < n; i++)
		for (int c = 0; c < 2; c++)
			out->data[2 * (out->frames - 1 - i) + c] *= (float)i / (float)n;
}

static int
play(fluid_synth_t *synth, const struct event *events, int n, const struct tempo *t,
	const struct engine_progress *p, double from, struct pcm *out, struct err *e)
{
	struct blocker dc = {{0}, {0}};
	int64_t at = 0;
	int next = 0;

	while (at < out->frames) {
		int64_t until = at + SLICE < out->frames ? at + SLICE : out->frames;

		for (; next < n; next++) {
			int64_t frame = tempo_frame(t, events[next].tick) / BLOCK * BLOCK;

			if (frame > at) {
				if (frame < until) until = frame;
				break;
			}
			send_event(synth, &events[next]);
		}
		if (fluid_synth_write_float(synth, (int)(until - at), out->data + 2 * at, 0, 2,
			    out->data + 2 * at, 1, 2))
			return err_set(e, ERR_INTERNAL, "libfluidsynth failed to make sound");
		block_dc(&dc, out->data + 2 * at, until - at);
		if (p && p->report
			&& (at / SLICE != until / SLICE || at == 0 || until == out->frames)
			&& !p->report(p->ctx,
				from + (1 - from) * (double)until / (double)out->frames,
				"rendering"))
			return err_set(e, ERR_STOPPED, "The generation was stopped.");
		at = until;
	}
	return 0;
}

int
render(const char *soundfont, const struct event *events, int n, const struct tempo *t,
	int64_t frames, const struct engine_progress *p, double from, struct pcm *out,
	struct err *e)
{
	fluid_settings_t *settings;
	fluid_synth_t *synth = NULL;
	int rc = -1;

	for (int level = FLUID_PANIC; level < LAST_LOG_LEVEL; level++)
		fluid_set_log_function(level, be_quiet, NULL);
	settings = make_settings();
	if (settings) synth = new_fluid_synth(settings);
	if (!synth) {
		err_set(e, ERR_INTERNAL, "libfluidsynth could not be started");
		goto out;
	}
	/* Everything new for each piece: what the last one left in reverb and chorus would be
	 * heard. */
	if (fluid_synth_sfload(synth, soundfont, 1) == FLUID_FAILED) {
		err_set(e, ERR_INVALID, "The soundfont %s cannot be loaded.", soundfont);
		goto out;
	}
	*out = pcm_new(frames, 2, TEMPO_RATE);
	if (play(synth, events, n, t, p, from, out, e)) {
		pcm_free(out);
		goto out;
	}
	close_end(out);
	keep_below_one(out);
	rc = 0;
out:
	if (synth) delete_fluid_synth(synth);
	if (settings) delete_fluid_settings(settings);
	return rc;
}
