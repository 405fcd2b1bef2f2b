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

/* What the API would be asked, of the words of the command line. */
static int
add_words(int argc, char **argv, bool *json, cJSON *request, struct err *e)
{
	const char *prompt = NULL, *model = NULL, *attributes = NULL, *duration = "10", *seed = "0";
	const struct cli_option options[] = {
		{ "--model", &model, NULL }, { "--attributes", &attributes, NULL },
		{ "--duration", &duration, NULL }, { "--seed", &seed, NULL },
		{ "--json", NULL, json },
	};
	cJSON *given = NULL;
	double seconds;
	uint64_t n;
	size_t words;

	if (cli_parse(argc, argv, options, NELEM(options), &prompt, 1, &words, e)) return -1;
	if (*json) return words ? err_set(e, ERR_UNREADABLE, "unexpected \"%s\"", prompt) : 0;
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

/* For the responder (--json): a line, null where the model does not tell. For people: several. */
static int
print(const cJSON *understood, bool json, struct err *e)
{
	struct buf line = {0};
	char *text;

	if (json) {
		if (understood) json_print(understood, &line);
		puts(line.n ? line.p : "null");
		buf_free(&line);
		return 0;
	}
	if (!understood || !(text = cJSON_Print(understood)))
		return err_set(e, ERR_INVALID, "this model does not say what it understands");
	puts(text);
	cJSON_free(text);
	return 0;
}

int
cli_explain(const char *conf_file, int argc, char **argv, struct err *e)
{
	cJSON *request = json_object(), *understood = NULL;
	struct take_spec s = {0};
	struct conf c;
	bool json = false;
	int rc = -1;

	if (add_words(argc, argv, &json, request, e) || (json && read_request(&request, e)) ||
		cli_load_conf(&c, conf_file, e) ||
		cli_check_prompt(s.prompt = json_text(request, "prompt", ""), e))
		goto out;
	s.model = cli_model(&c, json_text(request, "model", NULL));
	s.attributes = cJSON_GetObjectItemCaseSensitive(request, "attributes");
	s.params = request;
	s.seed = (uint32_t)json_real(request, "seed", 0);
	if (!take_explain(&s, &understood, e)) rc = print(understood, json, e);
out:
	cJSON_Delete(understood);
	cJSON_Delete(request);
	return rc;
}
