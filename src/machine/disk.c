/* The host's files, for loading programs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/hw.h"

/* O_NONBLOCK: a FIFO by that name must not stop the machine; it is refused. */
int disk_open(const char *path, uint64_t *size)
{
	struct stat st;
	int error, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0)
		error = errno;
	else if (S_ISDIR(st.st_mode))
		error = EISDIR;
	else if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0)
		error = EACCES;
	else
		error = 0;
	if (error) {
		close(fd);
		return -error;
	}
	*size = (uint64_t)st.st_size;
	return fd;
}

ssize_t disk_read(int fd, void *buffer, size_t length, uint64_t offset)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = pread(fd, (char *)buffer + done, length - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

void disk_close(int fd)
{
	close(fd);
}
