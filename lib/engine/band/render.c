#include "engine/band/render.h"

#include <fluidsynth.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/host.h"
#include "base/wide.h"
#include "engine/band/bus.h"
#include "engine/band/room.h"
#include "engine/band/smf_read.h"
#include "engine/band/tempo.h"
#include "engine/band/texture_sound.h"

enum {
	BLOCK = ROOM_CHUNK, /* libfluidsynth takes events at multiples of these frames */
	REPORT = 8192, /* most frames between two reports */
	POLYPHONY = 160,
	CC_REVERB = 91, CC_CHORUS = 93,
	USUAL_REVERB = 40,		/* libfluidsynth's, where a file says nothing */
	HARDLY = 6,			/* of a send: nobody hears a room of so little */
	PLAYED = STEM_TEXTURE,		/* stems that the synthesizer plays: all but the last */
	SYNTH_BYTES = 32 << 20,		/* it with the instruments of a small piece */
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

/* libfluidsynth leaves out an instrument that there is no memory for, and says so only here. */
static _Thread_local bool out_of_memory;

static void
take_note(int level, const char *message, void *data)
{
	(void)data;
	if (level <= FLUID_ERR && strstr(message, "memory")) out_of_memory = true;
}

static fluid_settings_t *
make_settings(int outputs)
{
	const struct {
		const char *name;
		int value;
	} integers[] = {
		{ "synth.polyphony", POLYPHONY },
		{ "synth.cpu-cores", 1 },
		{ "synth.dynamic-sample-loading", 1 },
		{ "synth.midi-channels", PERFORMANCE_CHANNELS },
		{ "synth.audio-groups", outputs },
		{ "synth.audio-channels", outputs },
		{ "synth.reverb.active", 0 },
		{ "synth.chorus.active", 0 },
		{ "synth.threadsafe-api", 0 },
		{ "synth.lock-memory", 0 },
	};
	static const struct {
		const char *name;
		double value;
	} numbers[] = {
		{ "synth.sample-rate", TEMPO_RATE },
		{ "synth.gain", 1.0 },
	};
	fluid_settings_t *s = new_fluid_settings();

	if (!s) return NULL;
	for (size_t i = 0; i < NELEM(integers); i++)
		fluid_settings_setint(s, integers[i].name, integers[i].value);
	for (size_t i = 0; i < NELEM(numbers); i++)
		fluid_settings_setnum(s, numbers[i].name, numbers[i].value);
	return s;
}

/* A channel of the performance that is used. The synthesizer takes channels to its audio outputs by
 * their number modulo the number of outputs: as many as are used, in a row. */
struct strip {
	const struct performance_channel *from;
	struct send {
		float now, next;	/* where the present piece begins and ends, 0 … 1 */
	} reverb, chorus;
};

/* One of the played stems, and all that it needs room for. */
struct desk {
	bool plays;
	struct room room;
	struct chorus chorus;
	struct bus bus;
	bool reverberates, choruses;
	int duck;			/* of room and chorus: the most of any channel, percent */
};

/* One rendering. Sound is planar here, left and right apart. */
struct session {
	const struct performance *perf;
	const struct engine_progress *progress;
	fluid_synth_t *synth;
	struct strip strip[PERFORMANCE_CHANNELS];
	int strips, number[PERFORMANCE_CHANNELS];	/* of each channel of the performance */
	struct desk *desk;		/* owned; PLAYED of them */
	float *sound;			/* owned: all that follows, BUS_FRAMES each */
	float *dry[2 * PERFORMANCE_CHANNELS], *push;
	struct duck duck;
	struct sway sway;
	struct bus_way way;
	struct pcm *out;
	/* Of all frames so far, every ROOM_CHUNKth together: the peak of the music, its
	 * stems included, and of textures; the music's sum of all squares. */
	float peak[ROOM_CHUNK], texture_peak[ROOM_CHUNK];
	double energy[ROOM_CHUNK];
	double from, span;		/* of the progress */
};

static void
send_event(struct session *s, const struct performance_event *e)
{
	int channel = s->number[e->status & 0x0f];
	struct strip *strip = &s->strip[channel];

	switch (e->status & 0xf0) {
	case 0x80: fluid_synth_noteoff(s->synth, channel, e->a); break;
	case 0x90: fluid_synth_noteon(s->synth, channel, e->a, e->b); break;
	case 0xa0: fluid_synth_key_pressure(s->synth, channel, e->a, e->b); break;
	case 0xb0:
		if (e->a == CC_REVERB) strip->reverb.next = (float)e->b / 127;
		else if (e->a == CC_CHORUS) strip->chorus.next = (float)e->b / 127;
		else fluid_synth_cc(s->synth, channel, e->a, e->b);
		break;
	case 0xc0: fluid_synth_program_change(s->synth, channel, e->a); break;
	case 0xd0: fluid_synth_channel_pressure(s->synth, channel, e->a); break;
	case 0xe0: fluid_synth_pitch_bend(s->synth, channel, e->a | e->b << 7); break;
	}
}

/* The most that a channel is ever set to; `usual` where nobody sets it. */
static int
highest(const struct performance *perf, int channel, int controller, int usual)
{
	int most = -1;

	for (int i = 0; i < perf->events; i++) {
		const struct performance_event *v = &perf->event[i];

		if (v->status == (0xb0 | channel) && v->a == controller && v->b > most) most = v->b;
	}
	return most < 0 ? usual : most;
}

/* Who sends more plays in a larger room. */
static double
room_seconds(int reverb)
{
	double x = reverb / 127.0;

	return 0.7 + 2.8 * x * sqrt(x);
}

/* Strips and desks for the channels that are used. */
static void
set_up(struct session *s)
{
	int reverb[PLAYED] = {0};

	s->desk = calloc(PLAYED, sizeof *s->desk);
	if (!s->desk) abort();
	for (int c = 0; c < PERFORMANCE_CHANNELS; c++) {
		const struct performance_channel *from = &s->perf->channel[c];
		struct desk *d = &s->desk[from->stem];
		int most = highest(s->perf, c, CC_REVERB, USUAL_REVERB);

		if (!from->used) continue;
		s->number[c] = s->strips;
		s->strip[s->strips++] = (struct strip){ .from = from,
			.reverb = { .next = USUAL_REVERB / 127.0f } };
		d->plays = true;
		if (most > reverb[from->stem]) reverb[from->stem] = most;
		if (highest(s->perf, c, CC_CHORUS, 0)) d->choruses = true;
		if (from->duck > d->duck) d->duck = from->duck;
	}
	for (int stem = 0; stem < PLAYED; stem++) {
		s->desk[stem].reverberates = reverb[stem] >= HARDLY;
		room_set(&s->desk[stem].room, room_seconds(reverb[stem]));
		chorus_set(&s->desk[stem].chorus);
	}
}

static void
get_room(struct session *s)
{
	float *next = calloc((NELEM(s->dry) + 1) * BUS_FRAMES, sizeof *next);

	if (!next) abort();
	s->sound = next;
	for (size_t i = 0; i < NELEM(s->dry); i++, next += BUS_FRAMES) s->dry[i] = next;
	s->push = next;
}

/* The next n frames, a multiple of BLOCK, of each channel. */
static int
synthesize(struct session *s, int n, struct err *e)
{
	for (int i = 0; i < 2 * s->strips; i++)
		memset(s->dry[i], 0, (size_t)n * sizeof *s->dry[i]);
	if (s->strips && fluid_synth_process(s->synth, n, 0, NULL, 2 * s->strips, s->dry))
		return err_set(e, ERR_INTERNAL, "libfluidsynth failed to make sound");
	return 0;
}

/* What follows works on chunks, which stay where the processor is fastest, by loops of one
 * length, which the compiler makes fast. */
static void
push_down(float *restrict x, const float *restrict push, int percent)
{
	float depth = (float)percent / 100;

	for (int i = 0; percent && i < ROOM_CHUNK; i++) x[i] *= 1 - depth * push[i];
}

static void
add(float *restrict sum, const float *restrict x)
{
	for (int i = 0; i < ROOM_CHUNK; i++) sum[i] += x[i];
}

/* `at` frames into a piece of n. */
static void
send_to(float *restrict sum, const float *restrict x, const struct send *s, int at, int n)
{
	float step = (s->next - s->now) / (float)n, from = s->now + step * (float)at;

	if (s->now == 0 && s->next == 0) return;
	for (int i = 0; i < ROOM_CHUNK; i++) sum[i] += x[i] * (from + step * (float)i);
}

/* A chunk of all channels of a stem, and what its room and chorus make of them. These go down
 * as far as what is pushed most: they are heard between the kicks. */
static void
gather(struct session *s, int stem, int at, int n, float sum[2][ROOM_CHUNK])
{
	struct desk *d = &s->desk[stem];
	float sent[2][ROOM_CHUNK] = {{0}}, sung[2][ROOM_CHUNK] = {{0}}, wet[2][ROOM_CHUNK] = {{0}};

	memset(sum, 0, sizeof sent);
	for (int k = 0; k < s->strips; k++) {
		const struct strip *strip = &s->strip[k];

		if ((int)strip->from->stem != stem) continue;
		for (int c = 0; c < 2; c++) {
			float *x = s->dry[2 * k + c] + at;

			if (d->reverberates) send_to(sent[c], x, &strip->reverb, at, n);
			if (d->choruses) send_to(sung[c], x, &strip->chorus, at, n);
			push_down(x, s->push + at, strip->from->duck);
			add(sum[c], x);
		}
	}
	if (!d->reverberates && !d->choruses) return;
	if (d->reverberates) room_run(&d->room, sent, wet);
	if (d->choruses) chorus_run(&d->chorus, sung, wet);
	for (int c = 0; c < 2; c++) {
		push_down(wet[c], s->push + at, d->duck);
		add(sum[c], wet[c]);
	}
}

static void
note_peak(float peak[restrict ROOM_CHUNK], const float *restrict x)
{
	for (int i = 0; i < ROOM_CHUNK; i++) {
		float v = fabsf(x[i]);

		peak[i] = v > peak[i] ? v : peak[i];
	}
}

static void
note_energy(double energy[restrict ROOM_CHUNK], const float *restrict x)
{
	for (int i = 0; i < ROOM_CHUNK; i++) energy[i] += (double)x[i] * x[i];
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

/* These frames are done with for now. */
static void
rest(const struct session *s, int64_t from, int64_t to)
{
	for (int k = 0; k < RENDER_OUTPUTS; k++)
		if (s->out[k].data) pcm_rest(&s->out[k], from, to);
}

/* A chunk of everything, `from` frames into a piece of `whole` that begins at frame `at`; n
 * frames of it are in the take. */
WIDE static void
mix_chunk(struct session *s, int64_t at, int from, int whole, int n)
{
	float mix[2][ROOM_CHUNK] = {{0}}, x[2][ROOM_CHUNK];
	struct sway_taps taps;

	if (s->way.sways) sway_curve(&s->sway, n, &taps);
	for (int stem = 0; stem < PLAYED; stem++) {
		if (!s->desk[stem].plays) continue;
		gather(s, stem, from, whole, x);
		for (int c = 0; c < 2; c++)
			memset(x[c] + n, 0, (size_t)(ROOM_CHUNK - n) * sizeof *x[c]);
		if (stem == STEM_DRUMS) bus_hollow(&s->desk[stem].bus, n, x[0], x[1]);
		bus_run(&s->desk[stem].bus, &s->way, &taps, at + from, n, x[0], x[1]);
		put(s, stem, at + from, n, x[0], x[1]);
		for (int c = 0; c < 2; c++) {
			note_peak(s->peak, x[c]);
			add(mix[c], x[c]);
		}
	}
	put(s, RENDER_MIX, at + from, n, mix[0], mix[1]);
	for (int c = 0; c < 2; c++) {
		note_peak(s->peak, mix[c]);
		note_energy(s->energy, mix[c]);
	}
}

/* The next n frames of everything. */
static int
advance(struct session *s, int64_t at, int n, struct err *e)
{
	int whole = (n + BLOCK - 1) / BLOCK * BLOCK;

	if (synthesize(s, whole, e)) return -1;
	duck_curve(&s->duck, at, whole, s->push);
	for (int from = 0; from < whole; from += ROOM_CHUNK)
		mix_chunk(s, at, from, whole, n - from < ROOM_CHUNK ? n - from : ROOM_CHUNK);
	for (int k = 0; k < s->strips; k++) {
		s->strip[k].reverb.now = s->strip[k].reverb.next;
		s->strip[k].chorus.now = s->strip[k].chorus.next;
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
		rest(s, reported < 0 ? 0 : reported, at);
		reported = at;
		if (report(s, 0.97 * (double)at / (double)perf->frames, e)) return -1;
	}
	return 0;
}

/* Behind the music, since its loudness says how loud the textures are. */
static int
add_textures(struct session *s, struct err *e)
{
	struct texture_sound *t;
	double energy = 0;
	int rc = 0;

	for (int i = 0; i < ROOM_CHUNK; i++) energy += s->energy[i];
	t = texture_sound_open(s->perf, sqrt(energy / (2 * (double)s->perf->frames)));
	for (int64_t at = 0; t && at < s->perf->frames && !rc; at += ROOM_CHUNK) {
		int64_t left = s->perf->frames - at;
		int n = left < ROOM_CHUNK ? (int)left : ROOM_CHUNK;
		float x[2][ROOM_CHUNK] = {{0}};

		texture_sound_next(t, n, x[0], x[1]);
		put(s, STEM_TEXTURE, at, n, x[0], x[1]);
		put(s, RENDER_MIX, at, n, x[0], x[1]);
		for (int c = 0; c < 2; c++) note_peak(s->texture_peak, x[c]);
		if (at % REPORT == 0 && at) rest(s, at - REPORT, at);
		if (at % (8 * REPORT) == 0)
			rc = report(s, 0.97 + 0.03 * (double)at / (double)s->perf->frames, e);
	}
	texture_sound_close(t);
	return rc ? rc : report(s, 1, e);
}

static float
highest_of(const float peak[ROOM_CHUNK])
{
	float most = 0;

	for (int i = 0; i < ROOM_CHUNK; i++) most = peak[i] > most ? peak[i] : most;
	return most;
}

/* Float sound may exceed 1, but whoever gets it need not. Everything is halved until it surely
 * fits, which changes no digit of a sample, so that sums stay exact, and does not depend on
 * what is wanted. */
static void
keep_below_one(struct session *s)
{
	float gain = 1, most = highest_of(s->peak) + highest_of(s->texture_peak);

	while (most * gain >= 1) gain /= 2;
	for (int64_t at = 0, end; gain < 1 && at < s->perf->frames; at = end) {
		end = at + REPORT < s->perf->frames ? at + REPORT : s->perf->frames;
		for (int k = 0; k < RENDER_OUTPUTS; k++)
			for (int64_t i = 2 * at; s->out[k].data && i < 2 * end; i++)
				s->out[k].data[i] *= gain;
		rest(s, at, end);
	}
}

/* Controller 74, brightness, of General MIDI 2, which the synthesizer has not by itself: five
 * octaves of the filter's cutoff on each side; 64, where it begins, changes nothing. */
static void
add_filter(fluid_synth_t *synth)
{
	enum { BRIGHTNESS = 74, CENTS = 6000 };
	fluid_mod_t *mod = new_fluid_mod();

	if (!mod) abort();
	fluid_mod_set_source1(mod, BRIGHTNESS, FLUID_MOD_CC | FLUID_MOD_LINEAR | FLUID_MOD_BIPOLAR
		| FLUID_MOD_POSITIVE);
	fluid_mod_set_source2(mod, 0, 0);
	fluid_mod_set_dest(mod, GEN_FILTERFC);
	fluid_mod_set_amount(mod, CENTS);
	fluid_synth_add_default_mod(synth, mod, FLUID_SYNTH_ADD);
	delete_fluid_mod(mod);
}

/* Does the channel say which instrument it is before it plays? */
static bool
begins_with_program(const struct performance *perf, int channel)
{
	for (int i = 0; i < perf->events; i++) {
		const struct performance_event *v = &perf->event[i];

		if (v->status == (0xc0 | channel)) return true;
		if (v->status == (0x90 | channel)) break;
	}
	return false;
}

/* The synthesizer reads the samples of an instrument from the soundfont when a channel takes it
 * up, which is most of its memory: no channel takes up one that nobody will hear. */
static void
choose_instruments(struct session *s)
{
	for (int c = 0; c < PERFORMANCE_CHANNELS; c++)
		fluid_synth_set_channel_type(s->synth, c, CHANNEL_TYPE_MELODIC);
	if (s->perf->channel[SMF_DRUM_CHANNEL].used)
		fluid_synth_set_channel_type(s->synth, s->number[SMF_DRUM_CHANNEL],
			CHANNEL_TYPE_DRUM);
	for (int c = 0; c < PERFORMANCE_CHANNELS; c++)
		if (s->perf->channel[c].used && !begins_with_program(s->perf, c))
			fluid_synth_program_change(s->synth, s->number[c], 0);
}

static int
start_synth(struct session *s, const char *soundfont, fluid_settings_t **settings, struct err *e)
{
	for (int level = FLUID_PANIC; level < LAST_LOG_LEVEL; level++)
		fluid_set_log_function(level, take_note, NULL);
	out_of_memory = false;
	*settings = make_settings(s->strips ? s->strips : 1);
	if (*settings) s->synth = new_fluid_synth(*settings);
	if (!s->synth) return err_set(e, ERR_INTERNAL, "libfluidsynth could not be started");
	/* Everything new for each piece: what the last one left to ring would be heard. */
	if (fluid_synth_sfload(s->synth, soundfont, 0) == FLUID_FAILED)
		return err_set(e, ERR_INVALID, "The soundfont %s cannot be loaded.", soundfont);
	add_filter(s->synth);
	choose_instruments(s);
	return 0;
}

/* Where processes are kept small (ulimit -v), said before, not met on the way. */
static int
check_room(const struct performance *perf, unsigned want, struct err *e)
{
	uint64_t space = host_address_space(""), needed = SYNTH_BYTES;

	for (; want; want &= want - 1) needed += (uint64_t)perf->frames * 2 * sizeof(float);
	return needed <= space ? 0 : err_set(e, ERR_INVALID, "This piece needs about %llu MB of "
		"address space, of which %llu MB are left (worker_memory_mb, ulimit -v).",
		(unsigned long long)needed >> 20, (unsigned long long)space >> 20);
}

int
render(const char *soundfont, const struct performance *perf, unsigned want,
	const struct engine_progress *p, double from, struct pcm out[RENDER_OUTPUTS],
	struct err *e)
{
	struct session s = { .perf = perf, .progress = p, .duck = { .perf = perf },
		.sway = sway_start(perf), .way = bus_way(perf), .out = out, .from = from,
		.span = 1 - from };
	fluid_settings_t *settings = NULL;
	int rc = -1;

	for (int i = 0; i < RENDER_OUTPUTS; i++) out[i] = (struct pcm){0};
	set_up(&s);
	if (check_room(perf, want, e)) goto out;
	if (start_synth(&s, soundfont, &settings, e)) goto out;
	get_room(&s);
	for (int i = 0; i < RENDER_OUTPUTS; i++)
		if (want >> i & 1) out[i] = pcm_new(perf->frames, 2, TEMPO_RATE);
	if (play(&s, e) || add_textures(&s, e)) goto out;
	keep_below_one(&s);
	rc = out_of_memory ? err_set(e, ERR_AWAY, "There is not enough memory for the instruments "
		"of this piece.") : 0;
out:
	for (int i = 0; rc && i < RENDER_OUTPUTS; i++) pcm_free(&out[i]);
	if (s.synth) delete_fluid_synth(s.synth);
	if (settings) delete_fluid_settings(settings);
	free(s.sound);
	free(s.desk);
	return rc;
}
