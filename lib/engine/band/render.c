#include "engine/band/render.h"

#include <fluidsynth.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "engine/band/bus.h"
#include "engine/band/smf_read.h"
#include "engine/band/tempo.h"
#include "engine/band/texture_sound.h"

enum {
	BLOCK = 64,   /* libfluidsynth takes events at multiples of these frames */
	REPORT = 8192, /* most frames between two reports */
	POLYPHONY = 160,
	CC_REVERB = 91, CC_CHORUS = 93,
	USUAL_REVERB = 40,		/* libfluidsynth's, where a file says nothing */
	HARDLY = 8,			/* of a send: 24 dB below the most, and the room is soft itself */
	PLAYED = STEM_TEXTURE,		/* stems that the synthesizer plays: all but the last */
	DEPTHS = 5,			/* of ducking that a stem tells apart */
};

const char *const render_names[] = { "drums", "bass", "chords", "melody", "texture", "mix", NULL };

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

/* How the channels of a performance lie on those of the synthesizer: number MODULO PLAYED is the stem
 * and so its effects, number modulo (PLAYED × depths) the audio output. */
struct layout {
	int depths;			/* most in any stem */
	int duck[PLAYED][DEPTHS], ducks[PLAYED];	/* percent */
	int channel[PERFORMANCE_CHANNELS];
	int channels;			/* of the synthesizer, a multiple of 16 */
	bool plays[PLAYED];
};

/* The place of this depth in the stem; a new one, or where there is no room the nearest. */
static int
depth_place(struct layout *l, enum stem stem, int duck)
{
	int best = 0;

	for (int i = 0; i < l->ducks[stem]; i++) {
		if (abs(l->duck[stem][i] - duck) < abs(l->duck[stem][best] - duck)) best = i;
		if (l->duck[stem][i] == duck) return i;
	}
	if (l->ducks[stem] == DEPTHS) return best;
	l->duck[stem][l->ducks[stem]] = duck;
	return l->ducks[stem]++;
}

static struct layout
lay_out(const struct performance *perf)
{
	struct layout l = { .depths = 1 };
	int place[PERFORMANCE_CHANNELS] = {0}, taken[PLAYED][DEPTHS] = {{0}}, most = 1;

	for (int c = 0; c < PERFORMANCE_CHANNELS; c++) {
		const struct performance_channel *from = &perf->channel[c];

		if (!from->used) continue;
		l.plays[from->stem] = true;
		place[c] = depth_place(&l, from->stem, from->duck);
		if (l.ducks[from->stem] > l.depths) l.depths = l.ducks[from->stem];
	}
	for (int c = 0; c < PERFORMANCE_CHANNELS; c++) {
		const struct performance_channel *from = &perf->channel[c];
		int row;

		if (!from->used) continue;
		row = taken[from->stem][place[c]]++;
		l.channel[c] = (row * l.depths + place[c]) * PLAYED + (int)from->stem;
		if (row + 1 > most) most = row + 1;
	}
	l.channels = (most * l.depths * PLAYED + 15) / 16 * 16;
	return l;
}

static fluid_settings_t *
make_settings(const struct layout *l)
{
	const struct {
		const char *name;
		int value;
	} integers[] = {
		{ "synth.polyphony", POLYPHONY },
		{ "synth.cpu-cores", 1 },
		{ "synth.dynamic-sample-loading", 1 },
		{ "synth.midi-channels", l->channels },
		{ "synth.audio-groups", PLAYED * l->depths },
		{ "synth.audio-channels", PLAYED * l->depths },
		{ "synth.effects-groups", PLAYED },
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

/* One rendering. Sound is planar here, left and right apart. */
struct session {
	const struct performance *perf;
	const struct engine_progress *progress;
	struct layout layout;
	fluid_synth_t *synth;
	float *sound;			/* owned: all that follows */
	float *dry[2 * PLAYED * DEPTHS], *wet[2 * PLAYED];
	float *push, *delay, *mix[2];
	struct duck duck;
	struct sway sway;
	struct bus_way way;
	struct bus *bus;		/* owned; one for each played stem */
	struct pcm *out;
	float peak, texture_peak;	/* of the music so far, its stems included; of textures */
	double energy;			/* of the music: the sum of all squares */
	double from, span;		/* of the progress */
};

static void
send_event(struct session *s, const struct performance_event *e)
{
	int channel = s->layout.channel[e->status & 0x0f];

	switch (e->status & 0xf0) {
	case 0x80: fluid_synth_noteoff(s->synth, channel, e->a); break;
	case 0x90: fluid_synth_noteon(s->synth, channel, e->a, e->b); break;
	case 0xa0: fluid_synth_key_pressure(s->synth, channel, e->a, e->b); break;
	case 0xb0: fluid_synth_cc(s->synth, channel, e->a, e->b); break;
	case 0xc0: fluid_synth_program_change(s->synth, channel, e->a); break;
	case 0xd0: fluid_synth_channel_pressure(s->synth, channel, e->a); break;
	case 0xe0: fluid_synth_pitch_bend(s->synth, channel, e->a | e->b << 7); break;
	}
}

/* The most that any channel of a stem is set to; 0 where nobody plays. */
static int
highest(const struct session *s, int stem, int controller, int usual)
{
	int most = 0;

	for (int c = 0; c < PERFORMANCE_CHANNELS; c++) {
		const struct performance_channel *from = &s->perf->channel[c];
		bool set = false;

		if (!from->used || (int)from->stem != stem) continue;
		for (int i = 0; i < s->perf->events; i++) {
			const struct performance_event *v = &s->perf->event[i];

			if (v->status != (0xb0 | c) || v->a != controller) continue;
			if (v->b > most) most = v->b;
			set = true;
		}
		if (!set && usual > most) most = usual;
	}
	return most;
}

/* Drums on their channel only, and effects only where they are heard: they cost more than the notes. */
static void
set_up_channels(struct session *s)
{
	const struct layout *l = &s->layout;

	for (int c = 0; c < l->channels; c++)
		fluid_synth_set_channel_type(s->synth, c, CHANNEL_TYPE_MELODIC);
	for (int c = 0; c < PERFORMANCE_CHANNELS; c++) {
		if (!s->perf->channel[c].used) continue;
		if (c == SMF_DRUM_CHANNEL)
			fluid_synth_set_channel_type(s->synth, l->channel[c], CHANNEL_TYPE_DRUM);
		fluid_synth_program_change(s->synth, l->channel[c], 0);
	}
	for (int stem = 0; stem < PLAYED; stem++) {
		int reverb = highest(s, stem, CC_REVERB, USUAL_REVERB);

		fluid_synth_reverb_on(s->synth, stem, reverb >= HARDLY);
		fluid_synth_chorus_on(s->synth, stem, highest(s, stem, CC_CHORUS, 0) > 0);
	}
}

static void
get_room(struct session *s)
{
	size_t pieces = NELEM(s->dry) + NELEM(s->wet) + 4;
	float *next = s->sound = malloc(pieces * BUS_FRAMES * sizeof *next);

	s->bus = calloc(PLAYED, sizeof *s->bus);
	if (!s->sound || !s->bus) abort();
	for (size_t i = 0; i < NELEM(s->dry); i++, next += BUS_FRAMES) s->dry[i] = next;
	for (size_t i = 0; i < NELEM(s->wet); i++, next += BUS_FRAMES) s->wet[i] = next;
	s->push = next;
	s->delay = next + BUS_FRAMES;
	s->mix[0] = next + 2 * BUS_FRAMES;
	s->mix[1] = next + 3 * BUS_FRAMES;
}

/* The next n frames of the synthesizer: what each depth of each stem plays, and both effects of each
 * stem, which come in pairs of reverb and chorus. */
static int
synthesize(struct session *s, int n, struct err *e)
{
	float *effects[4 * PLAYED];
	int outs = 2 * PLAYED * s->layout.depths;

	for (int i = 0; i < outs; i++) memset(s->dry[i], 0, (size_t)n * sizeof *s->dry[i]);
	for (int i = 0; i < 2 * PLAYED; i++) memset(s->wet[i], 0, (size_t)n * sizeof *s->wet[i]);
	for (int stem = 0; stem < PLAYED; stem++)
		for (int i = 0; i < 4; i++) effects[4 * stem + i] = s->wet[2 * stem + i % 2];
	if (fluid_synth_process(s->synth, n, (int)NELEM(effects), effects, outs, s->dry))
		return err_set(e, ERR_INTERNAL, "libfluidsynth failed to make sound");
	return 0;
}

static void
add_pushed(float *to, const float *from, const float *push, int percent, int n)
{
	float depth = (float)percent / 100;

	if (!percent)
		for (int i = 0; i < n; i++) to[i] += from[i];
	else
		for (int i = 0; i < n; i++) to[i] += from[i] * (1 - depth * push[i]);
}

/* The stem from its pieces, into its wet buffers. Room and chorus go down as far as what is pushed
 * most: they are heard where there is room between the kicks. */
static void
gather(struct session *s, int stem, int n)
{
	const struct layout *l = &s->layout;
	int most = 0;

	for (int k = 0; k < l->ducks[stem]; k++)
		if (l->duck[stem][k] > most) most = l->duck[stem][k];
	for (int c = 0; c < 2; c++) {
		float *to = s->wet[2 * stem + c];

		if (most)
			for (int i = 0; i < n; i++)
				to[i] *= 1 - (float)most / 100 * s->push[i];
		for (int k = 0; k < l->ducks[stem]; k++)
			add_pushed(to, s->dry[2 * (PLAYED * k + stem) + c], s->push,
				l->duck[stem][k], n);
	}
}

static void
note_peak(float *peak, const float *x, int n)
{
	for (int i = 0; i < n; i++) {
		float v = fabsf(x[i]);

		if (v > *peak) *peak = v;
	}
}

/* Add to an output, where it is wanted. */
static void
put(struct session *s, int output, int64_t at, int n, const float *left, const float *right)
{
	float *to = s->out[output].data ? s->out[output].data + 2 * at : NULL;

	for (int i = 0; to && i < n; i++) {
		to[2 * i] += left[i];
		to[2 * i + 1] += right[i];
	}
}

static int
advance(struct session *s, int64_t at, int n, struct err *e)
{
	if (synthesize(s, n, e)) return -1;
	duck_curve(&s->duck, at, n, s->push);
	if (s->way.sways) sway_curve(&s->sway, n, s->delay);
	memset(s->mix[0], 0, (size_t)n * sizeof *s->mix[0]);
	memset(s->mix[1], 0, (size_t)n * sizeof *s->mix[1]);
	for (int stem = 0; stem < PLAYED; stem++) {
		float *const *side = &s->wet[2 * stem];

		if (!s->layout.plays[stem]) continue;
		gather(s, stem, n);
		bus_run(&s->bus[stem], &s->way, s->delay, at, n, side[0], side[1]);
		put(s, stem, at, n, side[0], side[1]);
		for (int c = 0; c < 2; c++) {
			note_peak(&s->peak, side[c], n);
			for (int i = 0; i < n; i++) s->mix[c][i] += side[c][i];
		}
	}
	put(s, RENDER_MIX, at, n, s->mix[0], s->mix[1]);
	for (int c = 0; c < 2; c++) {
		note_peak(&s->peak, s->mix[c], n);
		for (int i = 0; i < n; i++) s->energy += (double)s->mix[c][i] * s->mix[c][i];
	}
	return 0;
}

static int
report(const struct session *s, double done, struct err *e)
{
	const struct engine_progress *p = s->progress;

	if (!p || !p->report || p->report(p->ctx, s->from + s->span * done, "rendering")) return 0;
	return err_set(e, ERR_STOPPED, "The generation was stopped.");
}

static int
play(struct session *s, struct err *e)
{
	const struct performance *perf = s->perf;
	int64_t at = 0, reported = -REPORT;
	int next = 0;

	while (at < perf->frames) {
		int64_t until = at + BUS_FRAMES < perf->frames ? at + BUS_FRAMES : perf->frames;

		for (; next < perf->events; next++) {
			int64_t frame = perf->event[next].frame / BLOCK * BLOCK;

			if (frame > at) {
				if (frame < until) until = frame;
				break;
			}
			send_event(s, &perf->event[next]);
		}
		if (advance(s, at, (int)(until - at), e)) return -1;
		at = until;
		if (at - reported < REPORT && at < perf->frames) continue;
		reported = at;
		if (report(s, 0.97 * (double)at / (double)perf->frames, e)) return -1;
	}
	return 0;
}

/* Behind the music, since its loudness says how loud the textures are. */
static int
add_textures(struct session *s, struct err *e)
{
	struct texture_sound *t = texture_sound_open(s->perf,
		sqrt(s->energy / (2 * (double)s->perf->frames)));
	int rc = 0;

	for (int64_t at = 0; t && at < s->perf->frames && !rc; at += BUS_FRAMES) {
		int64_t left = s->perf->frames - at;
		int n = left < BUS_FRAMES ? (int)left : BUS_FRAMES;

		texture_sound_next(t, n, s->wet[0], s->wet[1]);
		put(s, STEM_TEXTURE, at, n, s->wet[0], s->wet[1]);
		put(s, RENDER_MIX, at, n, s->wet[0], s->wet[1]);
		for (int c = 0; c < 2; c++) note_peak(&s->texture_peak, s->wet[c], n);
		if (at % (32 * BUS_FRAMES) == 0) rc = report(s, 0.97 + 0.03 * (double)at
			/ (double)s->perf->frames, e);
	}
	texture_sound_close(t);
	return rc ? rc : report(s, 1, e);
}

/* Float sound may exceed 1, but whoever gets it need not. Everything is halved until it surely fits,
 * which changes no digit of a sample, so that sums stay exact, and does not depend on what is wanted. */
static void
keep_below_one(struct session *s)
{
	float gain = 1;

	while ((s->peak + s->texture_peak) * gain >= 1) gain /= 2;
	for (int k = 0; k < RENDER_OUTPUTS && gain < 1; k++)
		for (int64_t i = 0; s->out[k].data && i < 2 * s->out[k].frames; i++)
			s->out[k].data[i] *= gain;
}

static int
start_synth(struct session *s, const char *soundfont, fluid_settings_t **settings, struct err *e)
{
	for (int level = FLUID_PANIC; level < LAST_LOG_LEVEL; level++)
		fluid_set_log_function(level, be_quiet, NULL);
	*settings = make_settings(&s->layout);
	if (*settings) s->synth = new_fluid_synth(*settings);
	if (!s->synth) return err_set(e, ERR_INTERNAL, "libfluidsynth could not be started");
	/* Everything new for each piece: what the last one left in reverb and chorus would be
	 * heard. */
	if (fluid_synth_sfload(s->synth, soundfont, 1) == FLUID_FAILED)
		return err_set(e, ERR_INVALID, "The soundfont %s cannot be loaded.", soundfont);
	set_up_channels(s);
	return 0;
}

int
render(const char *soundfont, const struct performance *perf, unsigned want,
	const struct engine_progress *p, double from, struct pcm out[RENDER_OUTPUTS],
	struct err *e)
{
	struct session s = { .perf = perf, .progress = p, .layout = lay_out(perf),
		.duck = { .perf = perf }, .sway = sway_start(perf), .way = bus_way(perf),
		.out = out, .from = from, .span = 1 - from };
	fluid_settings_t *settings = NULL;
	int rc = -1;

	for (int i = 0; i < RENDER_OUTPUTS; i++) out[i] = (struct pcm){0};
	if (start_synth(&s, soundfont, &settings, e)) goto out;
	get_room(&s);
	for (int i = 0; i < RENDER_OUTPUTS; i++)
		if (want >> i & 1) out[i] = pcm_new(perf->frames, 2, TEMPO_RATE);
	if (play(&s, e) || add_textures(&s, e)) goto out;
	keep_below_one(&s);
	rc = 0;
out:
	for (int i = 0; rc && i < RENDER_OUTPUTS; i++) pcm_free(&out[i]);
	if (s.synth) delete_fluid_synth(s.synth);
	if (settings) delete_fluid_settings(settings);
	free(s.sound);
	free(s.bus);
	return rc;
}
