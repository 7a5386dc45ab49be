/* calls: futex */
#include <linux/futex.h>
#include <time.h>

#include "say.h"

#define PRIVATE FUTEX_PRIVATE_FLAG

static unsigned word = 5, other = 9;
static struct timespec none = {0, 0}, little = {0, 2000000}, wrong = {0, 1000000000}, less = {-1, 0};

static void waits(void)
{
	struct timespec past = {1, 0}, before, after;
	char *edge = edge_pages();

	CALL(futex, &word, FUTEX_WAIT, 4, 0, 0, 0);
	CALL(futex, &word, FUTEX_WAIT | PRIVATE, 6, BAD, 0, 0);
	CALL(futex, &word, FUTEX_WAIT | PRIVATE, 5, &none, 0, 0);
	clock_gettime(CLOCK_MONOTONIC, &before);
	CALL(futex, &word, FUTEX_WAIT | PRIVATE, 5, &little, 0, 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	say("in time: %d\n", (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 2000000);
	after.tv_nsec += 2000000;
	if (after.tv_nsec >= 1000000000)
		after.tv_nsec -= 1000000000, after.tv_sec++;
	CALL(futex, &word, FUTEX_WAIT_BITSET | PRIVATE, 5, &after, 0, 1);
	clock_gettime(CLOCK_MONOTONIC, &before);
	say("in time: %d\n", before.tv_sec > after.tv_sec || before.tv_nsec >= after.tv_nsec);
	CALL(futex, &word, FUTEX_WAIT_BITSET, 5, &past, 0, 1);
	CALL(futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &past, 0, -1);
	CALL(futex, &word, FUTEX_WAIT_BITSET, 5, &past, 0, 0);
	CALL(futex, &word, FUTEX_WAIT_BITSET, 4, 0, 0, 0);
	CALL(futex, &word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 4, 0, 0, 0);
	CALL(futex, &word, FUTEX_WAIT, 5, &wrong, 0, 0);
	CALL(futex, &word, FUTEX_WAIT, 5, &less, 0, 0);
	CALL(futex, (char *)&word + 1, FUTEX_WAIT, 5, 0, 0, 0);
	CALL(futex, (char *)&word + 1, FUTEX_WAIT, 5, &wrong, 0, 0);
	CALL(futex, BAD, FUTEX_WAIT, 5, 0, 0, 0);
	CALL(futex, KERNEL_HALF, FUTEX_WAIT, 5, 0, 0, 0);
	CALL(futex, edge + GUARD, FUTEX_WAIT | PRIVATE, 0, 0, 0, 0);
	CALL(futex, edge + READABLE, FUTEX_WAIT | PRIVATE, 1, 0, 0, 0);
	CALL(futex, edge + READABLE, FUTEX_WAIT | PRIVATE, 0, &none, 0, 0);
}

static void wakes(void)
{
	CALL(futex, &word, FUTEX_WAKE, 1, 0, 0, 0);
	CALL(futex, &word, FUTEX_WAKE | PRIVATE, 0x7fffffff, 0, 0, 0);
	CALL(futex, &word, FUTEX_WAKE, -1, 0, 0, 0);
	CALL(futex, &word, FUTEX_WAKE_BITSET, 1, 0, 0, 0);
	CALL(futex, &word, FUTEX_WAKE_BITSET, 1, 0, 0, 4);
	CALL(futex, (char *)&word + 2, FUTEX_WAKE, 1, 0, 0, 0);
	CALL(futex, BAD, FUTEX_WAKE, 1, 0, 0, 0);
	CALL(futex, BAD, FUTEX_WAKE | PRIVATE, 1, 0, 0, 0);
	CALL(futex, KERNEL_HALF, FUTEX_WAKE | PRIVATE, 1, 0, 0, 0);
	CALL(futex, &word, FUTEX_REQUEUE, 1, 1, &other, 0);
	CALL(futex, &word, FUTEX_REQUEUE, -1, 1, &other, 0);
	CALL(futex, &word, FUTEX_REQUEUE, 1, -1, &other, 0);
	CALL(futex, &word, FUTEX_CMP_REQUEUE | PRIVATE, 1, 1, &other, 5);
	CALL(futex, &word, FUTEX_CMP_REQUEUE | PRIVATE, 1, 1, &other, 4);
	CALL(futex, &word, FUTEX_CMP_REQUEUE, 1, 1, BAD, 5);
	CALL(futex, BAD, FUTEX_CMP_REQUEUE, 1, 1, &other, 5);
	CALL(futex, &word, FUTEX_CMP_REQUEUE, 1, 1, (char *)&other + 1, 5);
}

static void operation(unsigned op, unsigned operand, unsigned compare, unsigned against)
{
	unsigned code = op << 28 | compare << 24 | (operand & 0xfff) << 12 | (against & 0xfff);

	told("FUTEX_WAKE_OP %x", syscall(SYS_futex, &word, FUTEX_WAKE_OP | PRIVATE, 1, 1, &other, code), code);
	say("%u\n", other);
}

static void operations(void)
{
	operation(FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 9);
	operation(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_NE, 9);
	operation(FUTEX_OP_ADD, (unsigned)-2, FUTEX_OP_CMP_LT, 9);
	operation(FUTEX_OP_OR, 0x10, FUTEX_OP_CMP_LE, (unsigned)-1);
	operation(FUTEX_OP_ANDN, 8, FUTEX_OP_CMP_GT, 9);
	operation(FUTEX_OP_XOR, 0xff, FUTEX_OP_CMP_GE, 9);
	operation(FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 12, FUTEX_OP_CMP_EQ, 9);
	operation(5, 1, FUTEX_OP_CMP_EQ, 9);
	operation(FUTEX_OP_SET, 1, FUTEX_OP_CMP_EQ, 0);
	CALL(futex, &word, FUTEX_WAKE_OP, 1, 1, BAD, 0);
	CALL(futex, &word, FUTEX_WAKE_OP, 1, 1, (char *)&other + 1, 0);
}

int main(void)
{
	waits();
	wakes();
	operations();
	CALL(futex, &word, 2, 0, 0, 0, 0);
	CALL(futex, &word, 99, 0, 0, 0, 0);
	CALL(futex, &word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, 0, 0, 0);
	return 0;
}
