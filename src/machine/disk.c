/* The host's files, for loading programs; its clocks, its randomness, its name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
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

int host_clock(int clock, struct timespec *out)
{
	return clock_gettime(clock, out) == 0 ? 0 : -errno;
}

int host_clock_resolution(int clock, struct timespec *out)
{
	return clock_getres(clock, out) == 0 ? 0 : -errno;
}

void host_random(void *buffer, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t n = getrandom((char *)buffer + done, length - done, 0);

		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR)
			machine_panic("getrandom failed");
	}
}

void host_uname(struct utsname *out)
{
	uname(out);
}

unsigned long host_auxv(unsigned long type)
{
	return getauxval(type);
}

struct host_identity host_identity(void)
{
	return (struct host_identity){ getuid(), geteuid(), getgid(), getegid() };
}
