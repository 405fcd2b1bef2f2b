/* MIDI files are hostile: any bytes are refused with the place of the fault, or read into events
 * and notes that lie within the piece. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/band/smf_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct smf *s, const uint8_t *data, size_t size)
{
	if (s->end < 0 || s->tracks < 1 || s->division < 1) abort();
	for (int i = 0; i < s->events; i++) {
		const struct smf_event *v = &s->event[i];

		if (v->tick < 0 || v->tick > s->end || v->track >= s->tracks || v->status < 0x80)
			abort();
		if (i && s->event[i - 1].tick > v->tick) abort();
		if (v->n && (v->data < data || v->n > size - (size_t)(v->data - data))) abort();
		if (v->status < SMF_SYSEX && (v->a > 127 || v->b > 127)) abort();
	}
	for (int i = 0; i < s->notes; i++) {
		const struct smf_note *n = &s->note[i];

		if (n->tick < 0 || n->ticks < 0 || n->tick + n->ticks > s->end || !n->velocity)
			abort();
		if (smf_tempo_at(s, n->tick) < 1 || smf_meter_at(s, n->tick).num < 1) abort();
	}
	for (int i = 0; i < s->tracks; i++)
		if (!str_is_utf8(s->track[i].name, strlen(s->track[i].name))) abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smf s;
	struct err e = {0};

	if (smf_read(&s, data, size, &e)) {
		if (e.kind != ERR_INVALID || !str_starts(e.text, "byte ")) abort();
		return 0;
	}
	check(&s, data, size);
	smf_free(&s);
	return 0;
}
