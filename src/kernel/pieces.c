/* A guest's bytes in pieces. */
#include "kernel/pieces.h"
#include "machine/mapping.h"

size_t pieces_total(const struct iovec *iov, int count)
{
	size_t sum = 0;

	for (int i = 0; i < count; i++)
		sum += iov[i].iov_len;
	return sum;
}

struct iovec pieces_rest(const struct iovec *iov, size_t done)
{
	for (; done >= iov->iov_len; iov++)
		done -= iov->iov_len;
	return (struct iovec){ (char *)iov->iov_base + done, iov->iov_len - done };
}

bool pieces_move(struct cursor *c, char *bytes, size_t length, bool to_bytes)
{
	while (length > 0) {
		size_t n = c->iov->iov_len - c->done;
		char *piece = (char *)c->iov->iov_base + c->done;

		if (n > length)
			n = length;
		if (!(to_bytes ? copy_guarded(bytes, piece, n) : copy_guarded(piece, bytes, n)))
			return false;
		bytes += n;
		length -= n;
		c->done += n;
		if (c->done == c->iov->iov_len)
			*c = (struct cursor){ c->iov + 1, c->count - 1, 0 };
	}
	return true;
}
