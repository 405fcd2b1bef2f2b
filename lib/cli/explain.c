#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "worker/take.h"

enum { INPUT_BYTES = 1 << 20 };

/* What the API would be asked, of the words of the command line, and the adapter's file. */
static int
add_words(int argc, char **argv, bool *json, cJSON *request, struct take_spec *s, struct err *e)
{
	const char *prompt = NULL, *model = NULL, *attributes = NULL, *duration = "10", *seed = "0",
		*scale = NULL;
	const struct cli_option options[] = {
		{ "--model", &model, NULL }, { "--attributes", &attributes, NULL },
		{ "--duration", &duration, NULL }, { "--seed", &seed, NULL },
		{ "--adapter", &s->adapter, NULL }, { "--adapter-scale", &scale, NULL },
		{ "--json", NULL, json },
	};
	cJSON *given = NULL;
	double seconds;
	uint64_t n;
	size_t words;

	if (cli_parse(argc, argv, options, NELEM(options), &prompt, 1, &words, e)
		|| cli_adapter_scale(scale, &s->adapter_scale, e))
		return -1;
	/* The responder has no words: its request comes on standard input. */
	if (*json && !words) return 0;
	if (!words) return err_set(e, ERR_UNREADABLE, "the prompt is missing");
	if (!str_real(duration, 1, 3600, &seconds))
		return err_set(e, ERR_UNREADABLE, "--duration must be a number of seconds from 1");
	if (!str_u64(seed, 0, UINT32_MAX, &n))
		return err_set(e, ERR_UNREADABLE, "--seed must be a whole number from 0 to "
			"4294967295");
	if (attributes && !(given = json_parse(attributes, strlen(attributes), e))) return -1;
	json_add_text(request, "prompt", prompt);
	if (model) json_add_text(request, "model", model);
	if (given) json_add(request, "attributes", given);
	json_add_real(request, "duration", seconds);
	json_add_int(request, "seed", (int64_t)n);
	return 0;
}

/* The same as an object on standard input: what a client of the API types is not to be seen in the
 * list of processes. */
static int
read_request(cJSON **request, struct err *e)
{
	struct buf text = {0};
	cJSON *o = NULL;

	if (!buf_read_fd(&text, STDIN_FILENO, INPUT_BYTES, e))
		o = json_parse(buf_str(&text), text.n, e);
	buf_free(&text);
	if (!o) return -1;
	cJSON_Delete(*request);
	*request = o;
	return 0;
}

/* What JSON calls with_elements_of. */
static void
write_name(const char *name, struct buf *out)
{
	for (; *name; name++) buf_add(out, *name == '_' ? " " : name, 1);
}

/* A value in a line: "piano, cello", "name Dusty tape; scale 1". */
static void
write_value(const cJSON *v, struct buf *out)
{
	const cJSON *item;
	bool more = false;

	if (cJSON_IsString(v)) buf_adds(out, v->valuestring);
	else if (!cJSON_IsArray(v) && !cJSON_IsObject(v)) json_print(v, out);
	else cJSON_ArrayForEach(item, v) {
		if (cJSON_IsArray(item) && !cJSON_GetArraySize(item)) continue;
		if (more) buf_adds(out, cJSON_IsObject(v) ? "; " : ", ");
		if (cJSON_IsObject(v)) write_name(item->string, out), buf_adds(out, " ");
		write_value(item, out);
		more = true;
	}
}

/* What is only there if the words say it. */
static const char *const from_words[] = { "with_elements_of", "sections", "shape", "feel", "ending",
	"excluded", NULL };

/* A line for each thing that is understood. A star stands where the words decide; the rest is the
 * model's own choice. */
static void
print_lines(const cJSON *understood)
{
	const cJSON *said = cJSON_GetObjectItemCaseSensitive(understood, "said"), *v;

	cJSON_ArrayForEach(v, understood) {
		const cJSON *in_words = cJSON_GetObjectItemCaseSensitive(said, v->string);
		struct buf line = {0}, name = {0};

		if (v == said) continue;
		write_value(v, &line);
		write_name(v->string, &name);
		if (in_words && !cJSON_Compare(in_words, v, true)) {
			buf_adds(&line, "  (asked for: ");
			write_value(in_words, &line);
			buf_adds(&line, ")");
		}
		if (line.n)
			printf("%s %-16s %s\n", in_words || str_index(v->string, from_words) >= 0
				? "*" : " ", name.p, line.p);
		buf_free(&line);
		buf_free(&name);
	}
	if (said) puts("* is what the words decide, the rest was left to the model");
}

/* For programs (--json): a line, null where the model does not tell. For people: several. */
static int
print(const cJSON *understood, bool json, struct err *e)
{
	struct buf line = {0};

	if (json) {
		if (understood) json_print(understood, &line);
		puts(line.n ? line.p : "null");
		buf_free(&line);
		return 0;
	}
	if (!understood)
		return err_set(e, ERR_INVALID, "this model does not say what it understands");
	print_lines(understood);
	return 0;
}

int
cli_explain(const char *conf_file, int argc, char **argv, struct err *e)
{
	cJSON *request = json_object(), *understood = NULL;
	struct take_spec s = {0};
	struct maker m;
	struct conf c;
	bool json = false;
	int rc = -1;

	if (add_words(argc, argv, &json, request, &s, e)
		|| (json && !cJSON_HasObjectItem(request, "prompt") && read_request(&request, e)) ||
		cli_load_conf(&c, conf_file, e) ||
		cli_check_prompt(s.prompt = json_text(request, "prompt", ""), e))
		goto out;
	maker_init(&m, &c);
	s.model = cli_model(&c, json_text(request, "model", NULL), &m.env);
	s.attributes = cJSON_GetObjectItemCaseSensitive(request, "attributes");
	s.params = request;
	s.seed = (uint32_t)json_real(request, "seed", 0);
	if (!take_explain(&m, &s, &understood, e)) rc = print(understood, json, e);
out:
	cJSON_Delete(understood);
	cJSON_Delete(request);
	return rc;
}
