#include "http/paging.h"

#include <stddef.h>

#include "base/err.h"

int
paging_read(struct paging *p, const struct query *q, unsigned ways, struct err *e)
{
	uint32_t page = 0, offset = UINT32_MAX, skip = UINT32_MAX;

	*p = (struct paging){ .ways = ways, .limit = PAGING_LIMIT };
	if (query_u32(q, "limit", 1, PAGING_MAX_LIMIT, &p->limit, e) ||
		query_u32(q, "offset", 0, PAGING_MAX_OFFSET, &offset, e) ||
		query_text(q, "cursor", &p->cursor, e))
		return -1;
	if (ways & PAGING_PAGE && query_u32(q, "page", 1, 1 + PAGING_MAX_OFFSET / p->limit, &page,
		e))
		return -1;
	if (ways & PAGING_SKIP && query_u32(q, "skip", 0, PAGING_MAX_OFFSET, &skip, e)) return -1;
	if (skip != UINT32_MAX && offset != UINT32_MAX)
		return err_set(e, ERR_UNREADABLE, "skip is another name of offset; only one of "
			"them may be given.");
	if (skip != UINT32_MAX) offset = skip;
	if (p->cursor && !(ways & PAGING_CURSOR))
		return err_set(e, ERR_UNREADABLE, "This list knows no cursor; use offset.");
	if ((offset != UINT32_MAX) + (p->cursor != NULL) + (page != 0) > 1)
		return err_set(e, ERR_UNREADABLE, "Only one of the query parameters offset, cursor "
			"and page may be given.");
	if (page) p->offset = (page - 1) * p->limit;
	else if (offset != UINT32_MAX) p->offset = offset;
	return 0;
}

struct paging_end
paging_known(const struct paging *p, uint64_t n, uint64_t total)
{
	return (struct paging_end){ .total = total, .has_more = p->offset + n < total };
}

void
paging_write(const struct paging *p, const struct paging_end *end, struct jtext *out)
{
	jtext_int(out, "total", (int64_t)end->total);
	if (p->ways & PAGING_SHOWS_CAP) jtext_bool(out, "total_is_capped", end->total_is_capped);
	if (p->ways & PAGING_SHOWS_PAGE) jtext_int(out, "page", p->offset / p->limit + 1);
	jtext_int(out, "limit", p->limit);
	if (!(p->ways & PAGING_SHOWS_END)) return;
	jtext_int(out, "offset", p->offset);
	jtext_bool(out, "has_more", end->has_more);
	jtext_text(out, "next_cursor", end->next_cursor);
}
