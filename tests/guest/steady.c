/* Checks its own memory, file and pipe, round after round, and says what it makes in all: "steady NAME ROUNDS". Beside others who misbehave. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZE 200000

static unsigned char memory[SIZE], back[SIZE];

static void fill(unsigned round)
{
	for (unsigned i = 0; i < SIZE; i++)
		memory[i] = (unsigned char)(i * 31 + round * 7 + (i >> 8));
}

static uint64_t sum(const unsigned char *bytes)
{
	uint64_t s = 0;

	for (unsigned i = 0; i < SIZE; i++)
		s = s * 1099511628211ul + bytes[i];
	return s;
}

static void expect(int right, const char *what, unsigned round)
{
	if (right)
		return;
	dprintf(1, "round %u: %s is wrong\n", round, what);
	_exit(1);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
	int fd = open(argv[1], O_CREAT | O_TRUNC | O_RDWR, 0600), ends[2];
	uint64_t all = 0;

	expect(argc > 2 && fd >= 0 && pipe(ends) == 0, "the beginning", 0);
	for (unsigned round = 0; round < rounds; round++) {
		fill(round);
		uint64_t wanted = sum(memory);

		expect(pwrite(fd, memory, SIZE, 0) == SIZE && fsync(fd) == 0, "writing", round);
		for (unsigned at = 0; at < 40000; at += 4000) {
			expect(write(ends[1], memory + at, 4000) == 4000 && read(ends[0], back + at, 4000) == 4000, "the pipe", round);
			expect(!memcmp(back + at, memory + at, 4000), "what came through the pipe", round);
		}
		expect(pread(fd, back, SIZE, 0) == SIZE && sum(back) == wanted, "the file", round);
		expect(sum(memory) == wanted, "memory", round);
		all += wanted;
	}
	dprintf(1, "%s: %lx\n", argv[1], all);
	return 0;
}
