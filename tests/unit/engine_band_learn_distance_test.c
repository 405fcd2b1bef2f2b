/* Does an adapter bend pieces toward what it was learned from, steadily from scale 0 to 1?
 *
 * Without arguments: tests with sets that the band itself made. With arguments: each is a set of
 * MIDI files, joined by commas; prints a line with its distances at 0, 0.25, 0.5, 0.75 and 1 (the
 * benchmark). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "engine/band/adapter_apply.h"
#include "engine/band/learn.h"
#include "engine/band/smf.h"
#include "engine_band_compose.h"
#include "engine_band_distance.h"

enum { STEPS = 5, SEEDS = 6 };

/* What is bent: prompts that leave everything open, in styles unlike each other. */
static const char *const bases[] = { "rock", "ambient" };

static void
piece(struct buf *out, const char *prompt, uint32_t seed, const struct style_adapter *a, int scale)
{
	struct composition c;
	struct event *events;
	struct err e = { 0 };
	int n;

	if (compose(&c, prompt, NULL, 45, seed, a, scale, &e)) abort();
	events = score_events(&c.score, &c.plan, &n);
	smf_write(out, &c.plan, &c.score, events, n, 1, "");
	free(events);
	composition_free(&c);
}

/* The distance of pieces at each scale from the set that l and target have learnt. */
static void
measure(struct learn *l, const struct statistics *target, double distance[STEPS])
{
	struct style_adapter a;
	struct buf text = { 0 };
	struct err e = { 0 };

	if (learn_write(l, "Set", NULL, &text, &e) || adapter_parse(&a, text.p, text.n, &e)) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	for (int step = 0; step < STEPS; step++) {
		struct statistics s = { 0 };

		for (size_t b = 0; b < NELEM(bases); b++)
			for (uint32_t seed = 1; seed <= SEEDS; seed++) {
				struct buf file = { 0 };

				piece(&file, bases[b], seed, &a, step * ADAPTER_ONE / (STEPS - 1));
				distance_add(&s, file.p, file.n);
				buf_free(&file);
			}
		distance[step] = distance_between(&s, target);
	}
	adapter_free(&a);
	buf_free(&text);
}

static bool
falls(const double distance[STEPS])
{
	for (int i = 1; i < STEPS; i++)
		if (distance[i] >= distance[i - 1]) return false;
	return true;
}

static void
take(struct learn *l, struct statistics *s, const char *name, const struct buf *file)
{
	struct err e = { 0 };

	if (learn_add(l, name, file->p, file->n, &e)) {
		fprintf(stderr, "%s: %s\n", name, e.text);
		exit(1);
	}
	distance_add(s, file->p, file->n);
}

static void
pieces_come_nearer_to_what_was_learned_at_each_step(void **state)
{
	static const char *const sets[] = { "bossa nova", "house", "waltz for harp in G minor",
		"blues shuffle", "chiptune" };
	int steady = 0;

	(void)state;
	for (size_t i = 0; i < NELEM(sets); i++) {
		struct statistics target = { 0 };
		struct learn *l = learn_new();
		double d[STEPS];

		for (uint32_t seed = 100; seed < 106; seed++) {
			struct buf file = { 0 };

			piece(&file, sets[i], seed, NULL, 0);
			take(l, &target, sets[i], &file);
			buf_free(&file);
		}
		measure(l, &target, d);
		print_message(
			"%-28s %.3f %.3f %.3f %.3f %.3f\n", sets[i], d[0], d[1], d[2], d[3], d[4]);
		steady += falls(d);
		/* Not steadily alone, but far. */
		assert_true(d[STEPS - 1] < 0.7 * d[0]);
		learn_free(l);
	}
	assert_true(steady >= 4);
}

static void
measure_files(char *set)
{
	struct statistics target = { 0 };
	struct learn *l = learn_new();
	double d[STEPS];

	for (char *path = strtok(set, ","); path; path = strtok(NULL, ",")) {
		struct buf file = { 0 };
		struct err e = { 0 };

		if (buf_read_file(&file, path, SMF_BYTES, &e)) {
			fprintf(stderr, "%s\n", e.text);
			exit(1);
		}
		take(l, &target, path, &file);
		buf_free(&file);
	}
	measure(l, &target, d);
	for (int i = 0; i < STEPS; i++)
		printf("%s%.4f", i ? " " : "", d[i]);
	printf("%s\n", falls(d) ? " falls" : "");
	learn_free(l);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_come_nearer_to_what_was_learned_at_each_step),
	};

	for (int i = 1; i < argc; i++)
		measure_files(argv[i]);
	return argc > 1 ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
