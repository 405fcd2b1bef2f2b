/* Where the audio is: the folder or the bucket, and what is left in the one before. */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/str.h"
#include "cli/doctor.h"
#include "cli/doctor_http.h"
#include "storage/storage.h"

/* SKEW_S: signatures of another time are refused. WAIT_MS: for each operation. */
enum { REMEDY = 1400, SKEW_S = 15 * 60, WAIT_MS = 8000, NAME_BYTES = 8, KEY = 64 };

static const char part[] = "storage", words[] = "earshot doctor was here\n";

static bool
is_bucket(const char *storage)
{
	return strcmp(storage, "s3") == 0;
}

/* What the server answers to a request that nobody has signed tells its time, too. */
static void
check_clock(struct doctor *d)
{
	const struct question q = { .base = d->conf->s3_url, .path = "" };
	char date[64];
	struct answer a;
	time_t theirs;

	if (doctor_ask(&q, &a)) {
		answer_header(&a, "Date", date, sizeof date);
		theirs = curl_getdate(date, NULL);
		if (theirs > 0 && llabs((long long)(time(NULL) - theirs)) >= SKEW_S)
			doctor_problem(d, "clock", "timedatectl set-ntp true", "This host and the "
				"S3 server disagree by %lld s, so that it refuses what we sign.",
				llabs((long long)(time(NULL) - theirs)));
	}
	answer_free(&a);
}

/* A line by which somebody can mend what the server said. */
static void
refused(struct doctor *d, const char *what, const struct err *e)
{
	const struct conf *c = d->conf;
	const struct {
		const char *says, *before, *name, *after;
	} table[] = {
		{ "TimeTooSkewed", "timedatectl set-ntp true", "", "" },
		{ "NoSuchBucket", "s3cmd mb s3://", c->s3_bucket, ", or another s3_bucket" },
		{ "status 404", "s3cmd mb s3://", c->s3_bucket, ", or another s3_bucket" },
		{ "InvalidAccessKeyId", "the right keys, a line each, in ", c->s3_key_file, "" },
		{ "SignatureDoesNotMatch", "the right keys, a line each, in ", c->s3_key_file,
			", or the right s3_region" },
		{ "status 403", "allow its access key PutObject, GetObject, DeleteObject, "
			"AbortMultipartUpload and ListBucket in ", c->s3_bucket, "" },
		{ "status 3", "the right s3_region and s3_style in ", c->file, "" },
		{ "the folder ", "df -h; ls -ld ", c->storage_dir, "" },
		{ "", "curl -v ", c->s3_url, ", which must be the address of an S3 server" },
	};
	char remedy[REMEDY];
	size_t i = 0;

	while (!strstr(e->text, table[i].says)) i++;
	snprintf(remedy, sizeof remedy, "%s%s%s", table[i].before, table[i].name, table[i].after);
	doctor_problem(d, part, remedy, "%s: %s", what, e->text);
}

static int
stop_at_once(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	(void)key;
	(void)size_bytes;
	*(bool *)ctx = true;
	return err_set(e, ERR_STOPPED, "one is enough");
}

static int
compare(void *ctx, const void *p, size_t n, struct err *e)
{
	size_t *at = ctx;

	if (n > strlen(words) - *at || memcmp(p, words + *at, n) != 0)
		return err_set(e, ERR_INTERNAL, "what comes back is something else");
	*at += n;
	return 0;
}

static int
put(struct storage *s, const char *key, struct err *e)
{
	char path[STORAGE_PATH];
	int fd, rc;

	if (storage_stage(s, key, path, e)) return -1;
	if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) < 0)
		return err_set(e, io_kind(errno), "%s: %s", path, strerror(errno));
	rc = io_write_full(fd, words, strlen(words), e);
	close(fd);
	return rc ? -1 : storage_put(s, key, e);
}

/* "https://host:port" of an address. */
static void
origin_of(const char *url, char *out, size_t size)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	snprintf(out, size, "%.*s", (int)(host - url + (int)strcspn(host, "/?")), url);
}

static bool
lets_us(const struct answer *a, const char *origin)
{
	char allowed[300];

	answer_header(a, "Access-Control-Allow-Origin", allowed, sizeof allowed);
	return strcmp(allowed, "*") == 0 || strcasecmp(allowed, origin) == 0;
}

/* May pages of this origin fetch a part of this address, as a browser would see it? What part it is,
 * they must be able to read, too. */
static bool
may_fetch(const char *address, const char *origin, const char *ca)
{
	char from[400];
	const char *const before[] = { from, "Access-Control-Request-Method: GET",
		"Access-Control-Request-Headers: range", NULL },
		*const then[] = { from, "Range: bytes=0-3", NULL };
	const struct question preflight = { .method = "OPTIONS", .base = address, .path = "",
		.headers = before, .ca = ca }, get = { .base = address, .path = "",
		.headers = then, .ca = ca };
	char headers[1000] = "";
	struct answer a;
	bool may;

	snprintf(from, sizeof from, "Origin: %s", origin);
	may = doctor_ask(&preflight, &a) && a.status / 100 == 2 && lets_us(&a, origin);
	answer_header(&a, "Access-Control-Allow-Headers", headers, sizeof headers);
	may = may && (strcasestr(headers, "range") || strcmp(headers, "*") == 0);
	answer_free(&a);
	if (!may) return false;
	may = doctor_ask(&get, &a) && a.status / 100 == 2 && lets_us(&a, origin);
	answer_header(&a, "Access-Control-Expose-Headers", headers, sizeof headers);
	may = may && (strcasestr(headers, "content-range") || strcmp(headers, "*") == 0);
	answer_free(&a);
	return may;
}

/* Where listeners are sent to the bucket, browsers ask it whether they may. */
static void
check_origin(struct doctor *d, struct storage *s, const char *key)
{
	const struct storage_link link = { .method = "GET" };
	char pages[300], remedy[REMEDY];
	struct buf address = {0};

	if (storage_url(s, key, &link, &address)) {
		origin_of(buf_str(&address), d->audio_origin, sizeof d->audio_origin);
		if (d->url) {
			origin_of(d->url, pages, sizeof pages);
			snprintf(remedy, sizeof remedy, "s3cmd setcors RULES.xml s3://%s, with "
				"rules that allow %s GET and HEAD and the header Range, and "
				"expose Content-Range; or s3_delivery = proxy",
				d->conf->s3_bucket, pages);
			if (!may_fetch(buf_str(&address), pages, *d->conf->s3_ca_file
				? d->conf->s3_ca_file : NULL))
				doctor_problem(d, part, remedy, "The bucket does not let browsers "
					"fetch audio for the pages at %s (CORS).", pages);
		}
	}
	buf_free(&address);
}

/* What is done with objects, done with one of our own. */
static void
try_bucket(struct doctor *d, struct storage *s)
{
	uint8_t random[NAME_BYTES];
	char key[KEY] = "doctor/";
	bool found = false;
	size_t same = 0;
	int rc;
	struct err e;

	randombytes_buf(random, sizeof random);
	hash_hex(random, sizeof random, key + strlen(key));
	if (put(s, key, &e)) {
		refused(d, "An object cannot be written", &e);
	} else {
		if (storage_read(s, key, 0, strlen(words), compare, &same, &e))
			refused(d, "An object cannot be read", &e);
		rc = storage_list(s, key, stop_at_once, &found, &e);
		if (rc && !found) refused(d, "The objects cannot be listed", &e);
		check_origin(d, s, key);
	}
	if (storage_delete(s, key, &e)) refused(d, "An object cannot be deleted", &e);
}

/* What was stored before one moved to another place. */
static void
check_rest(struct doctor *d, struct storage *s)
{
	const char *from = d->conf->storage_from;
	char remedy[REMEDY];
	bool found = false;
	struct err e;

	if (!storage_list_from(s, stop_at_once, &found, &e)) {
		snprintf(remedy, sizeof remedy, "remove storage_from from %s; then: earshot reload",
			d->conf->file);
		doctor_problem(d, part, remedy, "Nothing is left in storage_from = %s.", from);
	} else if (found) {
		doctor_fine(d, part, "`earshot storage move` brings what is still in %s", from);
	} else {
		refused(d, "What is left cannot be listed", &e);
	}
}

static void
check_place(struct doctor *d, struct storage *s)
{
	bool found = false;
	int before = d->problems;
	struct err e;

	if (!storage_trouble(s, &e)) {
		if (is_bucket(d->conf->storage)) try_bucket(d, s);
		if (*d->conf->storage_from) check_rest(d, s);
		if (d->problems == before && is_bucket(d->conf->storage))
			doctor_fine(d, part, "the bucket %s, to write, read, list and delete",
				d->conf->s3_bucket);
	} else {
		/* A refused HEAD has no words; this has. */
		if (is_bucket(d->conf->storage) && e.kind == ERR_INTERNAL)
			storage_list(s, "doctor/", stop_at_once, &found, &e);
		refused(d, "The storage cannot be used", &e);
	}
}

void
doctor_storage(struct doctor *d)
{
	const struct conf *c = d->conf;
	bool bucket = is_bucket(c->storage) || is_bucket(c->storage_from);
	bool folder = !is_bucket(c->storage) || (*c->storage_from && !is_bucket(c->storage_from));
	struct storage *s;
	struct err e;

	if (folder && access(c->storage_dir, F_OK) == 0) {
		doctor_folder(d, part, c->storage_dir);
		if (!bucket) return;
	}
	if (bucket) {
		doctor_secret(d, part, c->s3_key_file);
		check_clock(d);
	}
	if (!(s = storage_open(c, &e))) {
		doctor_problem(d, part, NULL, "%s", e.text);
		return;
	}
	storage_wait(s, WAIT_MS, NULL, NULL);
	if (bucket) check_place(d, s);
	else if (storage_check(s, &e)) doctor_problem(d, part, NULL, "%s", e.text);
	else doctor_fine(d, part, "%s", c->storage_dir);
	storage_close(s);
}
