/* Bytes of a guest in pieces of kernel memory, as user_pieces gives them: for files that hold bytes themselves. */
#ifndef UOS_KERNEL_PIECES_H
#define UOS_KERNEL_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* A place in the pieces; they may be parts of files, which can shrink meanwhile. */
struct cursor {
	const struct iovec *iov;
	int count;
	size_t done; /* of the first */
};

size_t pieces_total(const struct iovec *iov, int count);
struct iovec pieces_rest(const struct iovec *iov, size_t done); /* the piece that byte `done` is in, from there on; there is one */
/* Moves `length` bytes between `bytes` and the pieces, no more than there are. False: there was a hole. */
bool pieces_move(struct cursor *c, char *bytes, size_t length, bool to_bytes);

#endif
