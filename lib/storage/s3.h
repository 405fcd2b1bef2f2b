/* Objects in a bucket of an S3 server; keys are the keys of the bucket, as they stand in the
 * metadata of a take (storage_path). KEY is written on local disk first (copies.h) and sent whole,
 * with its SHA-256, or in parts where it is larger than s3_part_mb. Nothing is asked of the server
 * that OpenStack Swift does not know: no conditional writes, no checksum headers, no tags. */
#ifndef EARSHOT_STORAGE_S3_H
#define EARSHOT_STORAGE_S3_H

#include "storage/storage.h"

extern const struct storage_backend storage_s3;

struct s3_site;

/* Make fd, a file of so many bytes, the object of key: at once, or in parts of part_bytes where
 * there are more. Whole or not at all; parts that lead to nothing are given up, and if we die, by
 * s3_put_forget(). */
int s3_put_file(struct s3_site *s, const char *key, int fd, uint64_t bytes, uint64_t part_bytes,
	struct err *e);

/* Give up what was begun to be sent under this key and not finished, by whoever. */
int s3_put_forget(struct s3_site *s, const char *key, struct err *e);

#endif
