/* Runs a fuzz target without a fuzzer: on every seed in tests/fuzz/corpus/NAME, where NAME is this program's, and on
 * random changes of it, the same ones each time, as many as a second of processor time allows. One test a seed, in
 * TAP; what breaks a rule ends the program, and the input is left beside the program. For a real search there is
 * `make libfuzzer`, which does without this file. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_BYTES = 1 << 16, CHANGES = 2000, SEED_SECONDS = 1 };

static char crash_path[256];
static uint8_t input[INPUT_BYTES];
static size_t input_size;
static uint64_t state = 88172645463325252u;	/* xorshift64, Marsaglia 2003 */

static uint32_t
draw(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % below;
}

/* Sanitizers end the program by SIGABRT too: the input that did it is kept. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *
__asan_default_options(void)
{
	return "abort_on_error=1";
}

const char *
__ubsan_default_options(void)
{
	return "abort_on_error=1:print_stacktrace=1";
}

static void
keep_input(int sig)
{
	int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd >= 0 && write(fd, input, input_size) == (ssize_t)input_size) {
		static const char text[] = "the input is in the file of this program's name with .crash\n";

		if (write(STDERR_FILENO, text, sizeof text - 1) < 0) _exit(2);
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

/* A copy on the heap, of exactly that size, so that a read behind its end is seen. */
static void
try_input(void)
{
	uint8_t *copy = malloc(input_size ? input_size : 1);

	if (!copy) abort();
	memcpy(copy, input, input_size);
	LLVMFuzzerTestOneInput(copy, input_size);
	free(copy);
}

static void
change(void)
{
	size_t at = input_size ? draw((uint32_t)input_size) : 0;

	switch (draw(4)) {
	case 0:		/* another bit */
		if (input_size) input[at] ^= (uint8_t)(1u << draw(8));
		break;
	case 1:		/* another byte */
		if (input_size) input[at] = (uint8_t)draw(256);
		break;
	case 2:		/* an end */
		input_size = at;
		break;
	default:	/* something twice */
		if (input_size + input_size - at > sizeof input) break;
		memmove(input + input_size, input + at, input_size - at);
		input_size += input_size - at;
	}
}

/* The number of changes that were tried, or -1. */
static int
run_seed(const char *path)
{
	static uint8_t seed[INPUT_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, seed, sizeof seed);
	clock_t end = clock() + SEED_SECONDS * CLOCKS_PER_SEC;
	int i;

	if (fd >= 0) close(fd);
	if (size < 0) return -1;
	for (i = 0; i <= CHANGES && clock() < end; i++) {
		memcpy(input, seed, (size_t)size);
		input_size = (size_t)size;
		for (uint32_t n = i ? 1 + draw(4) : 0; n; n--) change();
		try_input();
	}
	return i - 1;
}

int
main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
	char folder[256], path[600];
	struct dirent *entry;
	struct stat st;
	int n = 0, tried;
	DIR *d;

	(void)argc;
	snprintf(crash_path, sizeof crash_path, "%s.crash", argv[0]);
	signal(SIGABRT, keep_input);
	snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s", name);
	if (!(d = opendir(folder))) {
		printf("not ok 1 - %s has no seeds in %s\n", name, folder);
		return 1;
	}
	while ((entry = readdir(d))) {
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (stat(path, &st) < 0 || !S_ISREG(st.st_mode)) continue;
		tried = run_seed(path);
		if (tried < 0) printf("not ok %d - %s cannot be read\n", ++n, path);
		else printf("ok %d - %s bears the seed %s and %d changes of it\n", ++n, name, entry->d_name, tried);
		fflush(stdout);
	}
	closedir(d);
	printf("1..%d\n", n);
	return 0;
}
