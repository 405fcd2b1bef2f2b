#include "base/openmetrics.h"

#include <math.h>

static void
add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++) switch (*text) {
		case '\n': buf_adds(out, "\\n"); break;
		case '\\': case '"': buf_addc(out, '\\');	/* fall through */
		default: buf_addc(out, *text);
	}
}

void
om_family(struct buf *out, const char *name, const char *type, const char *unit, const char *help)
{
	buf_addf(out, "# TYPE %s %s\n", name, type);
	if (unit) buf_addf(out, "# UNIT %s %s\n", name, unit);
	buf_addf(out, "# HELP %s ", name);
	add_escaped(out, help);
	buf_addc(out, '\n');
}

void
om_sample(struct buf *out, const char *name, const struct om_label *labels, double value)
{
	buf_adds(out, name);
	for (const struct om_label *l = labels; l && l->name; l++) {
		buf_addf(out, "%s%s=\"", l == labels ? "{" : ",", l->name);
		add_escaped(out, l->value);
		buf_addc(out, '"');
	}
	if (labels && labels->name) buf_addc(out, '}');
	if (value == floor(value) && fabs(value) <= 0x1p53) buf_addf(out, " %.0f\n", value);
	else buf_addf(out, " %.9g\n", value);
}

void
om_end(struct buf *out)
{
	buf_adds(out, "# EOF\n");
}
