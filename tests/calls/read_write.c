/* calls: read write */
#include "say.h"

static char buffer[20000];

static void reads(char *edge)
{
	long fd = TRY(open("big", O_RDONLY)), got;

	TRY(read(fd, buffer, 5000));
	TRY(read(fd, buffer, 5000));
	TRY(read(fd, buffer, 5000));
	TRY(read(fd, buffer, 5000));
	TRY(read(fd, buffer, 0));
	lseek(fd, 0, SEEK_SET);
	CALL(read, fd, BAD, 10);
	CALL(read, fd, KERNEL_HALF, 10);
	CALL(read, fd, -1l, 10);
	CALL(read, fd, BAD, 0);
	CALL(read, fd, edge + GUARD, 10);
	CALL(read, fd, edge + READABLE, 10);
	TRY(lseek(fd, 0, SEEK_CUR));
	got = CALL(read, fd, edge + GUARD - 4, 10);	/* what there is room for */
	say_bytes("edge", edge + GUARD - 4, got);
	CALL(read, fd, buffer, -1l);
	lseek(fd, -10, SEEK_END);
	CALL(read, fd, buffer, 0x7ffffffffffffffl);
	CALL(read, fd, buffer, 0x7ffff000l);
	CALL(read, NO_FD, buffer, 1);
	CALL(read, -1, BAD, 1);
	CALL(read, NO_FD, BAD, -1l);
	CALL(read, open("file", O_WRONLY), buffer, 1);
	CALL(read, open("file", O_WRONLY), BAD, 1);
	CALL(read, open("file", O_WRONLY), BAD, 0);
	CALL(read, open("file", O_PATH), buffer, 1);
	CALL(read, open("dir", O_RDONLY), buffer, 1);
	CALL(read, open("dir", O_RDONLY), buffer, 0);
	CALL(read, open("empty", O_RDONLY), buffer, 1);
	CALL(read, open("empty", O_RDONLY), BAD, 1);
}

static void writes(char *edge)
{
	long fd = TRY(open("out", O_CREAT | O_RDWR, 0644));

	TRY(write(fd, "one\n", 4));
	TRY(lseek(fd, 10000, SEEK_SET));
	TRY(write(fd, "two\n", 4));
	TRY(lseek(fd, 5, SEEK_SET));
	TRY(write(fd, "three", 5));
	TRY(write(fd, "", 0));
	TRY(lseek(fd, 20000, SEEK_SET));
	TRY(write(fd, "", 0));	/* the file does not grow */
	TRY(lseek(fd, 0, SEEK_END));
	CALL(write, fd, BAD, 10);
	CALL(write, fd, KERNEL_HALF, 10);
	CALL(write, fd, edge + GUARD, 10);
	CALL(write, fd, BAD, 0);
	memcpy(edge + GUARD - 4, "edge", 4);
	CALL(write, fd, edge + GUARD - 4, 10);	/* what there is */
	CALL(write, fd, edge + READABLE, 10);
	CALL(write, fd, buffer, -1l);
	TRY(lseek(fd, 0, SEEK_CUR));
	CALL(write, open("file", O_RDONLY), buffer, 1);
	CALL(write, open("file", O_RDONLY), BAD, 1);
	CALL(write, open("file", O_RDONLY), buffer, 0);
	CALL(write, open("file", O_PATH), buffer, 1);
	CALL(write, open("dir", O_RDONLY), buffer, 1);
	CALL(write, NO_FD, "", 0);
	CALL(write, -1, "", 0);
	TRY(lseek(fd, 0x7ffffffffffffffe, SEEK_SET));
	lseek(fd, 0, SEEK_SET);
	fd = TRY(open("out", O_WRONLY | O_APPEND));
	TRY(write(fd, "end", 3));
	TRY(lseek(fd, 0, SEEK_SET));
	TRY(write(fd, "end", 3));
	TRY(lseek(fd, 0, SEEK_CUR));
}

/* Two openings of a file have an offset each; what one writes the other reads at once. */
static void two(void)
{
	long one = open("file", O_RDWR), other = open("file", O_RDONLY);

	TRY(read(one, buffer, 10));
	TRY(read(other, buffer, 3));
	TRY(lseek(one, 0, SEEK_CUR));
	TRY(lseek(other, 0, SEEK_CUR));
	TRY(write(one, "WRITTEN", 7));
	TRY(read(other, buffer, 20));
	say_bytes("read", buffer, 20);
}

int main(void)
{
	char *edge = edge_pages();

	reads(edge);
	writes(edge);
	two();
	return 0;
}
