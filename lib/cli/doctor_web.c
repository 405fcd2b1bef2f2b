#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/host.h"
#include "base/json.h"
#include "base/probe.h"
#include "base/str.h"
#include "cli/doctor.h"
#include "cli/doctor_http.h"

/* LARGE_BODY: more than max_body_bytes and mod_fcgid's own limit usually are. */
enum { LARGE_BODY = 200000 };

static const char web_part[] = "web";

/* Where listeners are sent to the bucket, the pages must be allowed to fetch from it. */
static void
check_policy(struct doctor *d, const struct answer *a)
{
	static const char *const directives[] = { "media-src", "connect-src" };
	char policy[2048], remedy[1600], *rest = policy, *one;
	const char *origin = d->audio_origin;
	size_t allowed = 0;

	if (!*origin) return;
	answer_header(a, "Content-Security-Policy", policy, sizeof policy);
	while ((one = strsep(&rest, ";")))
		for (size_t i = 0; i < NELEM(directives); i++)
			allowed += strstr(one, directives[i]) && strstr(one, origin);
	snprintf(remedy, sizeof remedy, "Define EARSHOT_AUDIO \"'self' %s\" (Apache) or "
		"var.earshot_audio = \"'self' %s\" (lighttpd) where apache.conf or lighttpd.conf "
		"is included; on a shared host shared.sh once more", origin, origin);
	if (allowed < NELEM(directives))
		doctor_problem(d, web_part, remedy, "The Content-Security-Policy of the pages does "
			"not let browsers fetch audio from %s.", origin);
}

/* The first script of the page: browsers take none that is called something else. */
static void
check_script(struct doctor *d, const struct answer *page)
{
	static const char begins[] = "src=\"";
	const char *at = strstr(buf_str(&page->body), begins);
	char path[128];
	const struct question q = { .base = d->url, .path = path, .ca = d->ca };
	struct answer a;

	if (!at) return;
	at += strlen(begins);
	snprintf(path, sizeof path, "%.*s", (int)strcspn(at, "\""), at);
	if (!doctor_ask(&q, &a) || a.status != 200)
		doctor_problem(d, web_part, "make install, or shared.sh, once more", "%s%s, which "
			"the pages load, is not there (status %ld).", d->url, path, a.status);
	else if (!answer_has(&a, "Content-Type", "javascript"))
		doctor_problem(d, web_part, "AddType text/javascript .js (Apache), mimetype.assign "
			"(lighttpd)", "The scripts of the pages do not come as text/javascript, so "
			"that browsers do not run them.");
	answer_free(&a);
}

/* Does a web server answer there at all? */
static bool
check_page(struct doctor *d, const char *url)
{
	struct answer a;
	const struct question q = { .base = url, .path = "", .ca = d->ca };
	bool answers = doctor_ask(&q, &a);

	if (!answers) {
		doctor_problem(d, web_part, strstr(a.says, "certificate") ? "earshot doctor --ca "
			"CERTIFICATE.pem URL" : "systemctl status apache2 lighttpd", "%s: %s", url,
			a.says);
	} else if (a.status >= 300 && a.status < 400) {
		char to[512];

		answer_header(&a, "Location", to, sizeof to);
		doctor_problem(d, web_part, NULL, "%s leads to %s; ask for that address.", url, to);
	} else if (a.status != 200 || !strstr(buf_str(&a.body), "Earshot")) {
		doctor_problem(d, web_part, a.status == 500 ? "tail /var/log/apache2/error.log" :
			NULL, "The pages are not at %s (status %ld): does the web server's "
			"configuration include Earshot's, and does the address end in its path "
			"and a slash?", url, a.status);
	} else if (!answer_has(&a, "Content-Security-Policy", "default-src 'none'")) {
		doctor_problem(d, web_part, "a2enmod headers && systemctl restart apache2",
			"The pages come without security headers: the module headers (lighttpd: "
			"setenv) is missing, or a proxy takes them away.");
	} else {
		doctor_fine(d, web_part, "the pages, with their headers");
		check_policy(d, &a);
		check_script(d, &a);
	}
	answer_free(&a);
	return answers;
}

static void
check_headers(struct doctor *d, const cJSON *seen)
{
	static const struct {
		const char *member, *name, *remedy;
	} needed[] = {
		{ "authorization", "Authorization", "CGIPassAuth On, as in apache.conf; or "
			"SetEnvIf Authorization \"(.+)\" HTTP_AUTHORIZATION=$1 in .htaccess" },
		{ "cookie", "Cookie", NULL },
		{ "range", "Range", NULL },
		{ "condition", "If-None-Match", NULL },
	};

	for (size_t i = 0; i < NELEM(needed); i++)
		if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(seen, needed[i].member)))
			doctor_problem(d, web_part, needed[i].remedy, "The header %s does not "
				"reach the responder.", needed[i].name);
}

static uint64_t
limit(const cJSON *limits, const char *name)
{
	double v = json_real(limits, name, -1);

	return v < 0 ? UINT64_MAX : (uint64_t)v;
}

static void
check_limits(struct doctor *d, const cJSON *limits)
{
	struct host_limits l = { .processes = limit(limits, "processes"),
		.running = limit(limits, "running"), .files = limit(limits, "files"),
		.file_bytes = limit(limits, "file_bytes"),
		.address_bytes = limit(limits, "address_bytes") };

	if (limits) doctor_limits(d, web_part, "the responder", &l);
}

/* What the responder said of itself and of our request. */
static void
check_seen(struct doctor *d, const char *url, const cJSON *seen)
{
	const char *settings = json_text(seen, "settings", ""),
		*sendfile = json_text(seen, "sendfile", ""),
		*interface = json_text(seen, "interface", "");

	if (strcmp(settings, d->conf->file) != 0)
		doctor_problem(d, web_part, NULL, "The responder's settings are %s, these here %s.",
			settings, d->conf->file);
	if ((uid_t)json_real(seen, "user", -1) != geteuid())
		doctor_problem(d, web_part, NULL, "The responder runs as user %.0f, this program "
			"as %u.", json_real(seen, "user", -1), (unsigned)geteuid());
	if (strncmp(url, "https:", 6) == 0 &&
		!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(seen, "https")))
		doctor_problem(d, web_part, "SetEnv HTTPS on, where the proxy's requests come in",
			"The responder does not learn that the request came by TLS.");
	check_headers(d, seen);
	check_limits(d, cJSON_GetObjectItemCaseSensitive(seen, "limits"));
	doctor_fine(d, web_part, "the responder, as %s%s%s", strcmp(interface, "cgi") == 0 ? "CGI" :
		"FastCGI", *sendfile ? ", audio by " : ", which copies audio itself", sendfile);
}

/* Is it a responder that answers there? */
static bool
judge_health(struct doctor *d, const char *url, const struct answer *a)
{
	bool answers = true;
	struct err ignored;
	cJSON *o = json_parse(buf_str(&a->body), a->body.n, &ignored);
	const cJSON *seen = o ? cJSON_GetObjectItemCaseSensitive(o, "request") : NULL;
	const char *version = json_text(seen, "version", NULL);
	char remedy[CONF_PATH + 200];

	if (a->status == 403 && strstr(buf_str(&a->body), "the setting hosts")) {
		snprintf(remedy, sizeof remedy, "add the name to `hosts = …` in %s, then: "
			"earshot reload", d->conf->file);
		doctor_problem(d, web_part, remedy, "The responder does not know the name of %s.",
			url);
	} else if (a->status != 200 || !o) {
		answers = false;
		snprintf(remedy, sizeof remedy, "EARSHOT_CONF=%s earshot.fcgi --check; then look "
			"at the error log of the web server", d->conf->file);
		doctor_problem(d, web_part, remedy, "No responder answers at %sapi/health (status "
			"%ld): the modules fcgid, cgid or cgi (lighttpd: fastcgi), the right to "
			"start programs, or the program itself is missing.", url, a->status);
	} else if (version && strcmp(version, EARSHOT_VERSION) != 0) {
		doctor_problem(d, web_part, "earshot reload", "The responder is of version %s, "
			"this program of " EARSHOT_VERSION ".", version);
	} else if (!seen) {
		doctor_problem(d, web_part, "runuser -u USER -- earshot doctor URL, with the "
			"web server's user", "The responder cannot read what this program writes into "
			"%s: it runs as another user or with other settings.", d->conf->state_dir);
	} else {
		check_seen(d, url, seen);
	}
	cJSON_Delete(o);
	return answers;
}

static bool
check_responder(struct doctor *d, const char *url)
{
	char word[PROBE_WORD], shown[PROBE_WORD + 32];
	/* None that anyone would take for a sign-in. */
	const char *const headers[] = { shown, "Authorization: Basic ZG9jdG9y", "Cookie: doctor=1",
		"Range: bytes=0-", "If-None-Match: \"doctor\"", NULL };
	const struct question q = { .base = url, .path = "api/health", .headers = headers,
		.ca = d->ca };
	struct answer a;
	bool answers = false;
	struct err e;

	if (probe_leave(d->conf->state_dir, word, &e)) {
		doctor_problem(d, web_part, NULL, "%s", e.text);
		return false;
	}
	snprintf(shown, sizeof shown, "X-Earshot-Doctor: %s", word);
	if (doctor_ask(&q, &a)) answers = judge_health(d, url, &a);
	else doctor_problem(d, web_part, NULL, "%sapi/health: %s", url, a.says);
	answer_free(&a);
	probe_remove(d->conf->state_dir);
	return answers;
}

/* Whatever the API has against it, it is the API that must say so. */
static void
check_body(struct doctor *d, const char *url)
{
	const struct question q = { .base = url, .path = "api/generate", .body_bytes = LARGE_BODY,
		.ca = d->ca };
	struct answer a;

	if (!doctor_ask(&q, &a))
		doctor_problem(d, web_part, NULL, "A body of %d bytes: %s", LARGE_BODY, a.says);
	else if (!answer_has(&a, "Content-Type", "application/problem+json"))
		doctor_problem(d, web_part, "FcgidMaxRequestLen 536870912 (Apache), "
			"server.max-request-size = 524288 (lighttpd)", "The web server refuses a "
			"body of %d bytes by itself (status %ld), so that uploads fail.",
			LARGE_BODY, a.status);
	else doctor_fine(d, web_part, "large bodies come in");
	answer_free(&a);
}

void
doctor_web(struct doctor *d)
{
	if (check_page(d, d->url) && check_responder(d, d->url)) check_body(d, d->url);
}
