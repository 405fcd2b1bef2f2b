/* Standard MIDI Files, read (MIDI Manufacturers Association, "Standard MIDI Files 1.0", 1996).
 *
 * Files come from outside: every length is checked against what is there, and what is wrong is said
 * with the offset of its byte from the start of the file and what was expected there. Formats 0 and
 * 1 with ticks of a quarter note are read; format 2 (patterns that do not sound together) and
 * division by SMPTE frames (time without beats) are refused. Chunks of unknown kinds are skipped,
 * as the standard asks.
 *
 * Reading changes nothing: ticks are the file's own, `division` of them a quarter note. */
#ifndef EARSHOT_ENGINE_BAND_SMF_READ_H
#define EARSHOT_ENGINE_BAND_SMF_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum {
	SMF_BYTES = 8 << 20,		/* of a file at most */
	SMF_TRACKS = 256,
	SMF_EVENTS = 500000,		/* in all tracks */
	SMF_QUARTERS = 50000,		/* how long it may last, in quarter notes */
	SMF_NAME = 64,
	SMF_DRUM_CHANNEL = 9,		/* General MIDI's, counted from 0 */
};

/* Status bytes of what is no channel event, and kinds of meta events. */
enum {
	SMF_SYSEX = 0xf0, SMF_ESCAPE = 0xf7, SMF_META = 0xff,
	SMF_META_TEXT = 0x01, SMF_META_NAME = 0x03, SMF_META_END = 0x2f, SMF_META_TEMPO = 0x51,
	SMF_META_METER = 0x58, SMF_META_KEY = 0x59, SMF_META_OWN = 0x7f,
};

/* Any event but the end of a track. */
struct smf_event {
	int32_t tick;
	uint16_t track;
	uint8_t status;		/* of channel events with the channel: 0x80 … 0xef */
	uint8_t a, b;		/* their data; a of meta events: the kind */
	const uint8_t *data;	/* of meta and system exclusive events; borrowed from the file */
	uint32_t n;
};

/* A note, from its note-on to its note-off; one that has none lasts to the end of its track. */
struct smf_note {
	int32_t tick, ticks;		/* ticks may be 0 */
	uint16_t track;
	uint8_t channel, key, velocity, program;
};

struct smf_tempo {
	int32_t tick;
	int32_t us;			/* of a quarter note, above 0 */
};

struct smf_meter {
	int32_t tick;
	uint8_t num, den;		/* 1 … 255; 1, 2, 4 … 128 */
};

struct smf_key {
	int32_t tick;
	int8_t sharps;			/* -7 (flats) … 7 */
	bool minor;
};

struct smf {
	int format, division;
	int32_t end;			/* tick of the last event of all tracks */
	/* Of all tracks by tick; at one tick by track, then as they stand in it. */
	struct smf_event *event;	/* owned */
	int events;
	struct smf_note *note;		/* owned; in the order of their note-ons */
	int notes;
	struct smf_tempo *tempo;	/* owned; by tick; before the first 500000 us */
	int tempos;
	struct smf_meter *meter;	/* owned; by tick; 4/4 before the first */
	int meters;
	struct smf_key *key;		/* owned; by tick */
	int keys;
	struct smf_track {
		char name[SMF_NAME];	/* UTF-8 without control characters, or "" */
		int32_t end;
	} *track;			/* owned */
	int tracks;
};

/* Read n bytes into *s, which is set anew. -1 with ERR_INVALID "byte 22: …"; *s is then empty.
 * bytes must outlive s. */
int smf_read(struct smf *s, const void *bytes, size_t n, struct err *e);

void smf_free(struct smf *s);

/* The length of a quarter note at a tick, in microseconds; the meter there. */
int32_t smf_tempo_at(const struct smf *s, int32_t tick);
struct smf_meter smf_meter_at(const struct smf *s, int32_t tick);

#endif
