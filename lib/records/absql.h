/* What the queries about A/B tests have in common; for records/ab*.c only. */
#ifndef EARSHOT_RECORDS_ABSQL_H
#define EARSHOT_RECORDS_ABSQL_H

/* Behind a pair p: the jobs of its arms and what they made. All by primary keys. */
#define AB_ARMS \
	" LEFT JOIN jobs ja ON ja.id=p.job_a_id" \
	" LEFT JOIN samples sa ON sa.job_id=ja.id AND sa.idx=0" \
	" LEFT JOIN jobs jb ON jb.id=p.job_b_id" \
	" LEFT JOIN samples sb ON sb.job_id=jb.id AND sb.idx=0 "

/* Both arms are generated. Never NULL. */
#define AB_GENERATED "(sa.id IS NOT NULL AND sb.id IS NOT NULL)"

#endif
