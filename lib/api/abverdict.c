#include "api/abverdict.h"

#include <math.h>

#include "base/buf.h"
#include "base/str.h"
#include "stats/proportion.h"

enum { NAME_SHOWN = 60 };

struct abverdict
abverdict_of(uint64_t a, uint64_t b, uint64_t equal)
{
	struct abverdict v = { .a = a, .b = b, .equal = equal, .a_rate = NAN, .b_rate = NAN,
		.low = NAN, .high = NAN, .p = NAN };
	struct interval i = proportion_wilson(a, a + b);

	if (!(a + b)) return v;
	v.a_rate = (double)a / (double)(a + b);
	v.b_rate = (double)b / (double)(a + b);
	v.low = i.low;
	v.high = i.high;
	v.p = proportion_binomial(a, a + b);
	return v;
}

/* A share of 1 as people say it: whole percents, more digits only where there would be no other. */
static void
write_percent(double p, struct buf *out)
{
	if (p >= 0.00995) buf_addf(out, "%.0f %%", 100 * p);
	else if (p >= 0.0001) buf_addf(out, "%.2g %%", 100 * p);
	else buf_adds(out, "less than 0.01 %");
}

void
abverdict_write(const struct abverdict *v, const char *a_name, const char *b_name,
	struct buf *out)
{
	unsigned long long n = v->a + v->b, most = v->a > v->b ? v->a : v->b;
	char name[4 * NAME_SHOWN + 8];

	str_preview(name, sizeof name, v->a > v->b ? a_name : b_name, NAME_SHOWN);
	if (!n && !v->equal) buf_adds(out, "Nobody has voted yet");
	else if (!n) buf_addf(out, "No vote prefers either side; %llu %s of a tie",
		(unsigned long long)v->equal, v->equal == 1 ? "is" : "are");
	else if (v->a == v->b) buf_addf(out, "%llu of %llu votes for each side: no lead", most, n);
	else {
		buf_addf(out, "%llu of %llu %s for %s (%s); such a lead happens by chance ",
			most, n, n == 1 ? "vote" : "votes", v->a > v->b ? "A" : "B", name);
		write_percent(v->p, out);
		buf_adds(out, " of the time");
	}
	if (n && v->equal) buf_addf(out, "; %llu more %s for a tie", (unsigned long long)v->equal,
		v->equal == 1 ? "vote is" : "votes are");
	buf_addc(out, '.');
}
