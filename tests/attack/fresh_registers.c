/* none: fails "as new"; keys: fails "as new"; full: fails "as new" */
#include "attack.h"

/*
 * What a new program finds in the vector registers, in k0 to k7 and in x87's, while others have theirs full of a secret: the filler
 * yields again and again, and executes itself as well.
 */
#define ROUNDS 20
#define FILLERS 3
#define PATTERN 0x5ec2e75ec2e7ec2eull

static unsigned char image[2 * PAGE] __attribute__((aligned(64)));

static void fill(void)
{
	for (int i = 0; i < 2 * (int)PAGE / 8; i++)
		((uint64_t *)image)[i] = PATTERN;
	memset(image, 0, 24);
	memset(image + 28, 0, 4);
	memcpy(image + 24, &(uint32_t){ 0x1f80 }, 4);
	memset(image + 512, 0, 64);
	memcpy(image + 512, &(uint64_t){ 0xe7 }, 8);
	__asm__ volatile("xrstor64 %0" : : "m"(image), "a"(0xe7), "d"(0) : "memory");
}

static int has_pattern(void)
{
	memset(image, 0, sizeof image);
	__asm__ volatile("xsave64 %0" : "+m"(image) : "a"(0xe7), "d"(0) : "memory");
	for (int i = 0; i < 2 * (int)PAGE / 8; i++)
		if (((uint64_t *)image)[i] == PATTERN)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	int found = 0, status;

	if (argc > 1)
		return has_pattern();
	fill();
	if (!has_pattern())
		return say("a full register is not seen\n"), 1;
	for (int i = 0; i < FILLERS; i++)
		if (fork() == 0)
			for (int k = 0; k < 40 * ROUNDS; k++) {
				fill();
				raw(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
				if (k == 40 * ROUNDS - 1)
					_exit(0);
			}
	for (int i = 0; i < ROUNDS; i++) {
		pid_t child = fork();

		if (child == 0) {
			fill();
			execl("/proc/self/exe", argv[0], "new", NULL);
			_exit(2);
		}
		waitpid(child, &status, 0);
		found += status != 0;
	}
	while (wait(NULL) > 0)
		;
	say(found ? "%d found a secret\n" : "as new\n", found);
	return 0;
}
