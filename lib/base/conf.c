#include "base/conf.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"

enum key_type { KEY_TEXT, KEY_PATH, KEY_U32 };

struct key {
	const char *name;
	enum key_type type;
	size_t offset, size;		/* size of the text; 0 for numbers */
	uint64_t min, max;
	const char *dflt;		/* as it would stand in the file */
	const char *meaning;
};

#define AT(s, f) offsetof(s, f), sizeof(((s *)0)->f)
#define TEXT(f, d, m) { #f, KEY_TEXT, AT(struct conf, f), 0, 0, d, m }
#define PATH(f, d, m) { #f, KEY_PATH, AT(struct conf, f), 0, 0, d, m }
#define NUM(f, lo, hi, d, m) { #f, KEY_U32, offsetof(struct conf, f), 0, lo, hi, d, m }

static const struct key keys[] = {
	PATH(state_dir, "var", "Folder for sockets, locks, logs and (by default) the audio."),
	PATH(log_file, "", "Log file; empty for standard error."),
	PATH(database_socket, "", "Unix socket of MariaDB or MySQL; empty to use host and port."),
	TEXT(database_host, "localhost", "Host name of the database server."),
	NUM(database_port, 1, 65535, "3306", "TCP port of the database server."),
	PATH(database_ca, "", "PEM file of certificate authorities; the server at host and port "
		"must then speak TLS and have a certificate of one of them for that name. Empty "
		"for no TLS."),
	TEXT(database_name, "earshot", "Name of the database."),
	TEXT(database_user, "earshot", "Who signs in to it."),
	PATH(database_password_file, "", "File whose first line is the password; empty for "
		"none."),
	TEXT(storage, "local", "Where audio is kept: local (a folder) or s3 (a bucket)."),
	PATH(storage_dir, "", "Folder of the local storage; empty for STATE_DIR/audio."),
	TEXT(storage_from, "", "Where audio was kept before, local or s3: what is not yet in "
		"storage is still read from there, until `earshot storage move` has brought it "
		"over; empty for nowhere."),
	TEXT(s3_url, "", "Address of the S3 server, like https://s3.eu-central-1.amazonaws.com."),
	TEXT(s3_region, "us-east-1", "Region that requests to it are signed for."),
	TEXT(s3_bucket, "", "Name of the bucket."),
	TEXT(s3_style, "path", "Where the bucket stands in addresses: path (HOST/BUCKET) or host "
		"(BUCKET.HOST)."),
	TEXT(s3_prefix, "", "What all keys in it begin with, like a folder, where it is shared "
		"with others; empty for nothing."),
	PATH(s3_key_file, "", "File of two lines, the access key and the secret key, and of a "
		"third, the session token, if they are temporary; only we may read it. It may be "
		"replaced at any time."),
	PATH(s3_ca_file, "", "File of certificates (PEM), one of which must have signed that of "
		"an S3 server with https; empty for those that the system trusts."),
	TEXT(s3_delivery, "proxy", "How listeners get what is in the bucket: proxy (through us) "
		"or redirect (from the S3 server, by an address that is good for an hour)."),
	PATH(s3_dir, "", "Folder for files on their way to the bucket, and for copies of what "
		"programs need as a file; empty for STATE_DIR/s3."),
	NUM(s3_copies_mb, 1, 1048576, "2048", "How much these copies may take up."),
	NUM(s3_part_mb, 5, 1024, "16", "Files larger than this go to the bucket in parts of this "
		"size."),
	NUM(s3_silence_s, 1, 600, "10", "Seconds of silence after which a request to the S3 "
		"server is given up."),
	NUM(s3_tries, 1, 20, "4", "How often a request is tried that may yet succeed."),
	TEXT(access, "accounts", "Who may use it: accounts (who signs in or has a token; "
		"`earshot user add` makes the first), or open (anyone on this machine; loopback "
		"only)."),
	NUM(session_idle_hours, 1, 8760, "168", "Hours without a request after which one has to "
		"sign in again."),
	NUM(session_hours, 1, 8760, "720", "The same since the sign-in, whatever happens."),
	NUM(sign_in_tries, 1, 1000, "10", "Wrong passwords for one account before it has to "
		"wait, up to a quarter of an hour."),
	NUM(sign_in_tries_per_address, 1, 100000, "100", "The same for one address."),
	NUM(token_requests_per_minute, 1, 1000000, "600", "Requests that one token may make, on "
		"each host."),
	NUM(max_queued_jobs, 0, 1000000, "100", "Jobs of one user that may wait or run at a "
		"time; 0 for no limit."),
	NUM(max_audio_seconds_per_day, 0, 100000000, "14400", "Seconds of music that one user "
		"may ask for on a day; 0 for no limit."),
	TEXT(hosts, "localhost 127.0.0.1 [::1]", "Names that a request's Host may have, without "
		"ports."),
	NUM(max_body_bytes, 1024, 16777216, "131072", "Largest body of a JSON request."),
	NUM(max_adapter_bytes, 1024, 4294967295, "268435456", "Largest file of adapter weights; "
		"the web server's limit must not be below it (lighttpd.conf, apache.conf)."),
	TEXT(model, "", "Model used when a request names none; empty for the first that can "
		"run."),
	PATH(models_dir, "models", "Folder of models; each folder in it is one."),
	TEXT(models_url, "https://huggingface.co", "Where `earshot model fetch` gets models "
		"from: the Hugging Face Hub or a copy of it."),
	PATH(soundfont, "", "SoundFont 2 file of the band engine; empty to look in "
		"/usr/share/sounds/sf2."),
	NUM(workers, 0, 256, "0", "Workers on this host; 0 for one on each core, or as many as "
		"memory and the limit of processes allow."),
	NUM(worker_threads, 0, 256, "0", "Threads of a neural model in one worker; 0 to share "
		"the processors among the workers."),
	NUM(worker_nice, 0, 19, "10", "How much workers stand back for other processes."),
	NUM(worker_memory_mb, 0, 1048576, "4096", "Address space of one worker; 0 for no limit."),
	NUM(job_timeout_s, 1, 86400, "3600", "Seconds that one attempt at a job may take."),
	NUM(worker_silence_s, 1, 3600, "60", "Seconds without a sign of life after which a "
		"worker is killed."),
	NUM(max_attempts, 1, 20, "3", "Attempts at a job before it fails."),
	NUM(retry_backoff_ms, 1, 3600000, "1000", "Wait before the second attempt; doubles with "
		"each further one."),
	NUM(lease_ms, 300, 600000, "15000", "How long a claim of a job holds without being "
		"renewed."),
	NUM(lease_grace_ms, 0, 600000, "5000", "How long beyond that before another host takes "
		"the job."),
};

#define REMOTE_TEXT(f, d, m) { #f, KEY_TEXT, AT(struct conf_remote, f), 0, 0, d, m }
#define REMOTE_PATH(f, d, m) { #f, KEY_PATH, AT(struct conf_remote, f), 0, 0, d, m }
#define REMOTE_NUM(f, lo, hi, d, m) \
	{ #f, KEY_U32, offsetof(struct conf_remote, f), 0, lo, hi, d, m }

static const char *const remote_protocols[] = { "acestep", "acestep.cpp", NULL };

/* Of a section [remote NAME]. */
static const struct key remote_keys[] = {
	REMOTE_TEXT(protocol, "", "What the server speaks: acestep (ACE-Step 1.5) or "
		"acestep.cpp."),
	REMOTE_TEXT(url, "", "Where it is: http://gpu.example.org:8001, say."),
	REMOTE_PATH(key_file, "", "File whose first line is its key; empty for none."),
	REMOTE_TEXT(model, "", "Which of the server's models; empty for its own choice."),
	REMOTE_NUM(concurrency, 1, 256, "1", "Jobs that it may have at once, of all hosts."),
	REMOTE_NUM(max_duration_s, 1, 600, "240", "Longest take in seconds."),
	REMOTE_NUM(steps, 0, 200, "0", "Inference steps; 0 for what the server finds right."),
	REMOTE_NUM(thinking, 0, 1, "0", "1 lets ACE-Step's language model plan the piece first."),
	REMOTE_NUM(patience_s, 1, 3600, "60", "Seconds of silence, errors or nonsense after "
		"which an attempt fails."),
	REMOTE_NUM(timeout_s, 1, 86400, "1800", "Seconds that it may need for a take."),
};

static const struct key *
key_find(const struct key *table, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].name, name) == 0) return &table[i];
	return NULL;
}

/* dst := value, which is relative to the folder of file unless it begins with "/". */
static bool
resolve(char *dst, size_t size, const char *value, const char *file)
{
	const char *slash = strrchr(file, '/');
	int n;

	if (!*value || *value == '/' || !slash) return str_copy(dst, size, value);
	n = snprintf(dst, size, "%.*s/%s", (int)(slash - file), file, value);
	return n >= 0 && (size_t)n < size;
}

static int
key_set(void *values, const struct key *k, const char *value, const char *file, struct err *e)
{
	char *at = (char *)values + k->offset;
	uint64_t n;

	switch (k->type) {
	case KEY_TEXT:
		if (!str_copy(at, k->size, value))
			return err_set(e, ERR_INVALID, "%s is too long", k->name);
		return 0;
	case KEY_PATH:
		if (!resolve(at, k->size, value, file))
			return err_set(e, ERR_INVALID, "%s is too long", k->name);
		return 0;
	case KEY_U32:
		if (!str_u64(value, k->min, k->max, &n))
			return err_set(e, ERR_INVALID, "%s must be a whole number from %llu to "
				"%llu, not \"%s\"", k->name, (unsigned long long)k->min,
				(unsigned long long)k->max, value);
		*(uint32_t *)(void *)at = (uint32_t)n;
		return 0;
	}
	return -1;
}

static char *
trim(char *s)
{
	char *end;

	while (isspace((unsigned char)*s)) s++;
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1])) end--;
	*end = '\0';
	return s;
}

/* Where we are in the file. */
struct place {
	struct conf *conf;
	const char *file;
	struct conf_remote *remote;	/* of the section; NULL: before the first one */
	uint64_t seen;			/* which keys of the section, by their bits */
};

_Static_assert(NELEM(keys) <= 64 && NELEM(remote_keys) <= 64, "seen has a bit for each");

static bool
is_name(const char *s)
{
	if (!*s || *s == '.' || strlen(s) >= CONF_REMOTE_NAME || str_eq_nocase(s, "band"))
		return false;
	for (; *s; s++)
		if (!isascii((unsigned char)*s) ||
			(!isalnum((unsigned char)*s) && !strchr("._-", *s)))
			return false;
	return true;
}

/* `[remote NAME]`, which text begins with its bracket. */
static int
begin_section(struct place *p, char *text, struct err *e)
{
	static const char kind[] = "[remote ";
	struct conf *c = p->conf;
	size_t n = strlen(text);
	char *name;

	if (!str_starts(text, kind) || text[n - 1] != ']')
		return err_set(e, ERR_INVALID, "expected `[remote NAME]`");
	text[n - 1] = '\0';
	name = trim(text + sizeof kind - 1);
	if (!is_name(name))
		return err_set(e, ERR_INVALID, "the name of a remote has 1 to %d letters, digits, "
			"\".\", \"_\" or \"-\", and is not band", CONF_REMOTE_NAME - 1);
	for (uint32_t i = 0; i < c->n_remotes; i++)
		if (str_eq_nocase(c->remotes[i].name, name))
			return err_set(e, ERR_INVALID, "there are two remotes %s", name);
	if (c->n_remotes == CONF_REMOTES)
		return err_set(e, ERR_INVALID, "more than %d remotes", CONF_REMOTES);
	p->remote = &c->remotes[c->n_remotes++];
	p->seen = 0;
	str_copy(p->remote->name, sizeof p->remote->name, name);
	for (size_t i = 0; i < NELEM(remote_keys); i++)
		if (key_set(p->remote, &remote_keys[i], remote_keys[i].dflt, p->file, e)) return -1;
	return 0;
}

static int
parse_line(struct place *p, char *line, struct err *e)
{
	const struct key *table = p->remote ? remote_keys : keys, *k;
	size_t n = p->remote ? NELEM(remote_keys) : NELEM(keys);
	char *text = trim(line), *eq;

	if (!*text || *text == '#') return 0;
	if (*text == '[') return begin_section(p, text, e);
	if (!(eq = strchr(text, '='))) return err_set(e, ERR_INVALID, "expected `key = value`");
	*eq = '\0';
	if (!(k = key_find(table, n, trim(text))))
		return p->remote ? err_set(e, ERR_INVALID, "unknown key \"%s\" of the remote %s",
			trim(text), p->remote->name) : err_set(e, ERR_INVALID,
			"unknown key \"%s\"", trim(text));
	if (p->seen & 1ull << (k - table))
		return err_set(e, ERR_INVALID, "%s is set twice", k->name);
	p->seen |= 1ull << (k - table);
	return key_set(p->remote ? (void *)p->remote : p->conf, k, trim(eq + 1), p->file, e);
}

/* http or https, a host, and nothing that could hold a secret or a second meaning: no user, no
 * query. A slash at its end goes. */
static bool
check_url(char *url)
{
	const char *host = str_starts(url, "http://") ? url + 7 : str_starts(url, "https://")
		? url + 8 : "";
	size_t n = strlen(url);

	if (!*host || strchr("/:", *host)) return false;
	for (const char *s = url; *s; s++)
		if (*s <= ' ' || *s >= 0x7f || strchr("@?#\\\"<>^`{|}", *s)) return false;
	while (url[n - 1] == '/') url[--n] = '\0';
	return true;
}

static int
check_remote(struct conf_remote *r, const char *file, struct err *e)
{
	if (str_index(r->protocol, remote_protocols) < 0)
		return err_set(e, ERR_INVALID, "%s: [remote %s]: protocol \"%s\" is not known; "
			"there are: acestep, acestep.cpp", file, r->name, r->protocol);
	if (!check_url(r->url))
		return err_set(e, ERR_INVALID, "%s: [remote %s]: url must be http:// or https:// "
			"with a host, and perhaps a port and a path", file, r->name);
	return 0;
}

/* Is the value of a key one of these? */
static int
check_choice(const char *key, const char *value, const char *const *choices, const char *file,
	struct err *e)
{
	struct buf list = {0};

	if (str_index(value, choices) >= 0) return 0;
	for (; *choices; choices++)
		buf_addf(&list, "%s%s", list.n ? ", " : "", **choices ? *choices : "(empty)");
	err_set(e, ERR_INVALID, "%s: %s \"%.60s\" is not known; there is: %s", file, key, value,
		buf_str(&list));
	buf_free(&list);
	return -1;
}

static int
check_storage(struct conf *c, const char *file, struct err *e)
{
	static const char *const storages[] = { "local", "s3", NULL }, *const froms[] = { "",
		"local", "s3", NULL }, *const styles[] = { "path", "host", NULL },
		*const deliveries[] = { "proxy", "redirect", NULL };

	if (check_choice("storage", c->storage, storages, file, e) ||
		check_choice("storage_from", c->storage_from, froms, file, e) ||
		check_choice("s3_style", c->s3_style, styles, file, e) ||
		check_choice("s3_delivery", c->s3_delivery, deliveries, file, e))
		return -1;
	if (strcmp(c->storage, c->storage_from) == 0)
		return err_set(e, ERR_INVALID, "%s: storage_from must be another one than storage",
			file);
	if (!*c->s3_dir && snprintf(c->s3_dir, sizeof c->s3_dir, "%s/s3",
		c->state_dir) >= (int)sizeof c->s3_dir)
		return err_set(e, ERR_INVALID, "%s: state_dir is too long", file);
	return 0;
}

bool
conf_is_open(const struct conf *c)
{
	return strcmp(c->access, "open") == 0;
}

/* Are these names, separated by blanks, all of this machine? RFC 6761 6.3: localhost and all below
 * it are. */
static bool
only_loopback(const char *hosts)
{
	static const char *const names[] = { "localhost", "[::1]", NULL };
	static const char below[] = ".localhost";
	char name[CONF_PATH];

	for (size_t n; hosts += strspn(hosts, " \t"), *hosts; hosts += n) {
		struct in_addr address;

		n = strcspn(hosts, " \t");
		snprintf(name, sizeof name, "%.*s", (int)n, hosts);
		if (str_index(name, names) >= 0) continue;
		if (n >= sizeof below && strcmp(name + n - (sizeof below - 1),
			below) == 0) continue;
		if (inet_pton(AF_INET, name, &address) != 1 || ntohl(address.s_addr) >> 24 != 127)
			return false;
	}
	return true;
}

/* What one key alone cannot tell. */
static int
check_whole(struct conf *c, const char *file, struct err *e)
{
	static const char *const accesses[] = { "accounts", "open", NULL };

	if (check_choice("access", c->access, accesses, file, e)) return -1;
	if (conf_is_open(c) && !only_loopback(c->hosts))
		return err_set(e, ERR_INVALID, "%s: access = open is for this machine alone, so "
			"hosts may only have names like localhost, 127.0.0.1 and [::1]; with "
			"others set access = accounts", file);
	if (!*c->state_dir)
		return err_set(e, ERR_INVALID, "%s: state_dir must name a folder", file);
	if (!*c->storage_dir &&
		snprintf(c->storage_dir, sizeof c->storage_dir, "%s/audio",
		c->state_dir) >= (int)sizeof c->storage_dir)
		return err_set(e, ERR_INVALID, "%s: state_dir is too long", file);
	for (uint32_t i = 0; i < c->n_remotes; i++)
		if (check_remote(&c->remotes[i], file, e)) return -1;
	return check_storage(c, file, e);
}

int
conf_parse(struct conf *c, const char *text, const char *file, struct err *e)
{
	struct place place = { .conf = c, .file = file };
	int line_no = 1;

	*c = (struct conf){0};
	if (!str_copy(c->file, sizeof c->file, file))
		return err_set(e, ERR_INVALID, "%s: path too long", file);
	for (size_t i = 0; i < NELEM(keys); i++)
		if (key_set(c, &keys[i], keys[i].dflt, file, e)) return -1;
	for (const char *at = text; *at; line_no++) {
		size_t n = strcspn(at, "\n");
		char line[1024];

		if (n >= sizeof line)
			return err_set(e, ERR_INVALID, "%s:%d: line too long", file, line_no);
		memcpy(line, at, n);
		line[n] = '\0';
		if (parse_line(&place, line, e))
			return err_prefix(e, "%s:%d", file, line_no);
		at += n + (at[n] == '\n');
	}
	return check_whole(c, file, e);
}

/* Where a program without a word about it looks: an installation below a folder of one's own has
 * its settings beside its programs. Until the next call. */
static const char *
default_path(void)
{
	static char own[PATH_MAX];
	char dir[PATH_MAX];
	struct err ignored;

	if (io_program_dir(dir, sizeof dir, &ignored) == 0 &&
		io_join(own, sizeof own, dir, "../../etc/earshot.conf", &ignored) == 0 &&
		access(own, F_OK) == 0)
		return own;
	return "/etc/earshot/earshot.conf";
}

int
conf_load(struct conf *c, const char *path, struct err *e)
{
	struct buf text = {0};
	char *full = NULL;
	int rc = -1;

	if (!path) path = getenv("EARSHOT_CONF");
	if (!path || !*path) path = default_path();
	if (!(full = realpath(path, NULL))) {
		err_set(e, ERR_NOT_FOUND, "cannot read the configuration %s", path);
		goto out;
	}
	if (buf_read_file(&text, full, 65536, e)) goto out;
	if (!str_is_utf8(buf_str(&text), text.n)) {
		err_set(e, ERR_INVALID, "%s is not UTF-8 text", path);
		goto out;
	}
	rc = conf_parse(c, buf_str(&text), full, e);
out:
	free(full);
	buf_free(&text);
	return rc;
}

void
conf_example(struct buf *out)
{
	for (size_t i = 0; i < NELEM(keys); i++)
		buf_addf(out, "# %s\n#%s = %s\n\n", keys[i].meaning, keys[i].name, keys[i].dflt);
	buf_adds(out, "# A server elsewhere that makes music is a section at the end of the file; "
		"its name is the model's:\n# [remote NAME]\n");
	for (size_t i = 0; i < NELEM(remote_keys); i++)
		buf_addf(out, "#\n# %s\n# %s = %s\n", remote_keys[i].meaning, remote_keys[i].name,
			remote_keys[i].dflt);
}
