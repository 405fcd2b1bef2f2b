#include "audio/tags.h"

#include <sndfile.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define PROGRAM "Earshot"
#define SEED_MARK ", seed "
#define SOFTWARE_NOT "(,"		/* what begins the seed, or libsndfile's own mark */

enum field { TITLE, COMMENT, ARTIST, ALBUM, SOFTWARE, N_FIELDS };

enum { FIELD_TEXT = TAGS_PROMPT + 1, INFO_MAX_BYTES = 65536 };

static const struct {
	int sndfile;
	char info[5], id3[5];
} fields[N_FIELDS] = {
	[TITLE] = { SF_STR_TITLE, "INAM", "TIT2" },
	[COMMENT] = { SF_STR_COMMENT, "ICMT", "COMM" },
	[ARTIST] = { SF_STR_ARTIST, "IART", "TPE1" },
	[ALBUM] = { SF_STR_ALBUM, "IPRD", "TALB" },
	[SOFTWARE] = { SF_STR_SOFTWARE, "ISFT", "TSSE" },
};

static bool
is_there(const char *s)
{
	return s && *s;
}

struct audio_tags
tags_again(const struct audio_tags_read *r)
{
	return (struct audio_tags){ .title = r->title, .prompt = r->prompt, .model = r->model,
		.adapter = r->adapter, .seed = r->seed, .software = r->software };
}

int
tags_check(const struct audio_tags *t, struct err *e)
{
	uint64_t seed;

	if (!t) return 0;
	const struct { const char *name, *text; size_t max; } all[] = {
		{ "title", t->title, TAGS_TITLE }, { "prompt", t->prompt, TAGS_PROMPT },
		{ "model", t->model, TAGS_MODEL }, { "adapter", t->adapter, TAGS_ADAPTER },
		{ "seed", t->seed, TAGS_SEED }, { "software", t->software, TAGS_SOFTWARE },
	};
	for (size_t i = 0; i < NELEM(all); i++) {
		if (!is_there(all[i].text)) continue;
		if (strlen(all[i].text) > all[i].max)
			return err_set(e, ERR_INVALID, "the tag %s is longer than %zu bytes",
				all[i].name, all[i].max);
		if (!str_is_utf8(all[i].text, strlen(all[i].text)))
			return err_set(e, ERR_INVALID, "the tag %s is not UTF-8", all[i].name);
	}
	if (is_there(t->seed) && !str_u64(t->seed, 0, UINT64_MAX, &seed))
		return err_set(e, ERR_INVALID, "the tag seed is not a number");
	if (is_there(t->software) && strpbrk(t->software, SOFTWARE_NOT))
		return err_set(e, ERR_INVALID, "the tag software has a bracket or a comma");
	return 0;
}

/* The text of one field, "" where there is nothing to say. */
static void
compose(const struct audio_tags *t, enum field f, char out[FIELD_TEXT])
{
	static const struct audio_tags none;

	if (!t) t = &none;
	switch (f) {
	case TITLE: snprintf(out, FIELD_TEXT, "%s", t->title ? t->title : ""); break;
	case COMMENT: snprintf(out, FIELD_TEXT, "%s", t->prompt ? t->prompt : ""); break;
	case ALBUM: snprintf(out, FIELD_TEXT, "%s", t->adapter ? t->adapter : ""); break;
	case ARTIST:
		if (is_there(t->model)) snprintf(out, FIELD_TEXT, PROGRAM " (%s)", t->model);
		else snprintf(out, FIELD_TEXT, PROGRAM);
		break;
	default:
		snprintf(out, FIELD_TEXT, "%s%s%s",
			is_there(t->software) ? t->software : PROGRAM " " EARSHOT_VERSION,
			is_there(t->seed) ? SEED_MARK : "", is_there(t->seed) ? t->seed : "");
	}
}

int
tags_write(SNDFILE *file, const struct audio_tags *t, struct err *e)
{
	char text[FIELD_TEXT];

	for (enum field f = 0; f < N_FIELDS; f++) {
		compose(t, f, text);
		if (*text && sf_set_string(file, fields[f].sndfile, text))
			return err_set(e, ERR_INTERNAL, "cannot write the tag %s: %s",
				fields[f].info, sf_strerror(file));
	}
	return 0;
}

/* ID3v2.4 3.1: seven bits in each byte. */
static void
add_synchsafe(struct buf *out, size_t n)
{
	for (int shift = 21; shift >= 0; shift -= 7) buf_addc(out, (char)(n >> shift & 0x7f));
}

void
tags_id3(const struct audio_tags *t, struct buf *out)
{
	/* 3 is UTF-8. A comment has a language and an empty description in front (ID3v2.4 4.10). */
	static const char plain[] = { 3 }, comment[] = { 3, 'X', 'X', 'X', 0 };
	struct buf frames = {0};
	char text[FIELD_TEXT];

	for (enum field f = 0; f < N_FIELDS; f++) {
		const char *head = f == COMMENT ? comment : plain;
		size_t n = f == COMMENT ? sizeof comment : sizeof plain;

		compose(t, f, text);
		if (!*text) continue;
		buf_adds(&frames, fields[f].id3);
		add_synchsafe(&frames, n + strlen(text));
		buf_add(&frames, "\0\0", 2);
		buf_add(&frames, head, n);
		buf_adds(&frames, text);
	}
	buf_add(out, "ID3\4\0\0", 6);
	add_synchsafe(out, frames.n);
	buf_add(out, frames.p, frames.n);
	buf_free(&frames);
}

/* Take "X" out of "Earshot (X)". */
static void
read_artist(const char *text, struct audio_tags_read *out)
{
	char own[TAGS_MODEL + sizeof ")"];
	size_t n;

	if (!str_starts(text, PROGRAM " (")) return;
	str_copy(own, sizeof own, text + strlen(PROGRAM " ("));
	n = strlen(own);
	if (n && own[n - 1] == ')') own[n - 1] = '\0';
	str_copy(out->model, sizeof out->model, own);
}

/* Take program and seed out of "Earshot 0.1.0, seed 42 (libsndfile-1.2.0)". */
static void
read_software(const char *text, struct audio_tags_read *out)
{
	char own[TAGS_SOFTWARE + TAGS_SEED + sizeof SEED_MARK];
	char *mark;
	uint64_t seed;

	str_copy(own, sizeof own, text);
	mark = strstr(own, " (libsndfile");
	if (mark) *mark = '\0';
	mark = strstr(own, SEED_MARK);
	if (mark && str_u64(mark + strlen(SEED_MARK), 0, UINT64_MAX, &seed)) {
		str_copy(out->seed, sizeof out->seed, mark + strlen(SEED_MARK));
		*mark = '\0';
	}
	if (!strpbrk(own, SOFTWARE_NOT)) str_copy(out->software, sizeof out->software, own);
}

static void
understand(enum field f, const char *text, struct audio_tags_read *out)
{
	if (!is_there(text) || !str_is_utf8(text, strlen(text))) return;
	switch (f) {
	case TITLE: str_copy(out->title, sizeof out->title, text); break;
	case COMMENT: str_copy(out->prompt, sizeof out->prompt, text); break;
	case ALBUM: str_copy(out->adapter, sizeof out->adapter, text); break;
	case ARTIST: read_artist(text, out); break;
	default: read_software(text, out);
	}
}

static size_t
le32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (size_t)u[0] | (size_t)u[1] << 8 | (size_t)u[2] << 16 | (size_t)u[3] << 24;
}

/* The items of one LIST chunk, without its own header: "INFO", then id, size, text, padded to
 * even. */
static void
read_info(const struct buf *list, struct audio_tags_read *out)
{
	size_t at = 4;
	char text[FIELD_TEXT];

	if (list->n < at || memcmp(list->p, "INFO", 4) != 0) return;
	while (list->n - at >= 8) {
		const char *id = list->p + at;
		size_t n = le32(id + 4), take;

		at += 8;
		if (n > list->n - at) return;
		take = n < FIELD_TEXT ? n : FIELD_TEXT - 1;
		memcpy(text, list->p + at, take);
		text[take] = '\0';
		for (enum field f = 0; f < N_FIELDS; f++)
			if (memcmp(id, fields[f].info, 4) == 0) understand(f, text, out);
		at += n + (n & 1);
		if (at > list->n) return;
	}
}

static void
read_lists(SNDFILE *file, struct audio_tags_read *out)
{
	SF_CHUNK_INFO chunk = { .id = "LIST", .id_size = 4 };
	SF_CHUNK_ITERATOR *i = sf_get_chunk_iterator(file, &chunk);

	for (; i; i = sf_next_chunk_iterator(i)) {
		struct buf list = {0};

		if (sf_get_chunk_size(i, &chunk) || chunk.datalen > INFO_MAX_BYTES) continue;
		chunk.data = buf_room(&list, chunk.datalen);
		memset(chunk.data, 0, chunk.datalen);
		if (!sf_get_chunk_data(i, &chunk)) {
			list.n = chunk.datalen;
			read_info(&list, out);
		}
		buf_free(&list);
	}
}

void
tags_read(SNDFILE *file, struct audio_tags_read *out)
{
	memset(out, 0, sizeof *out);
	for (enum field f = 0; f < N_FIELDS; f++)
		understand(f, sf_get_string(file, fields[f].sndfile), out);
	read_lists(file, out);
}
