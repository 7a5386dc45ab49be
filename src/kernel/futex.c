/*
 * Futexes. A waiter lies on the kernel stack of the thread that waits, in one
 * queue for all words; a word is known by where it is in the kernel's memory, so
 * that processes which share it meet. Reading the word and queueing is one step:
 * nothing interrupts the kernel.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>

#include "kernel/futex.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/host.h"

#define ALL_BITS UINT32_MAX
#define FOR_EVER UINT64_MAX
#define USER_END 0x7ffffffff000ul

struct waiter {
	struct waiter *next;
	const struct vm *vm; /* of whom waits */
	const void *word;
	uint32_t bits;
	bool woken; /* and no longer queued */
};

static struct waiter *waiters; /* longest first */

/* What the word at `va` is known by. 0 or -errno. Its page is no longer shared since fork(2): else parent and child would meet here. */
static long word_at(uintptr_t va, const void **out)
{
	struct iovec piece;
	int error;

	if (va % sizeof(uint32_t))
		return -EINVAL;
	if (vm_write_fault(current_proc()->vm, va, &error) && error)
		return error;
	if (user_pieces(va, sizeof(uint32_t), PROT_READ, &piece, 1) != 1)
		return -EFAULT;
	*out = piece.iov_base;
	return 0;
}

/* Who waits for a word there waits on where it is now. */
void futexes_moved(const struct vm *vm, const char *from, size_t length, const char *to)
{
	for (struct waiter *w = waiters; w; w = w->next) {
		const char *word = w->word;

		if (w->vm == vm && word >= from && word < from + length)
			w->word = to + (word - from);
	}
}

static struct waiter **link_of(const struct waiter *w)
{
	struct waiter **link = &waiters;

	while (*link && *link != w)
		link = &(*link)->next;
	return link;
}

static long wait_for_word(uintptr_t va, uint32_t expected, uint64_t until, uint32_t bits)
{
	struct waiter self = { .vm = current_proc()->vm, .bits = bits };
	uint32_t value;
	long error;

	if (!bits)
		return -EINVAL;
	error = word_at(va, &self.word);
	if (error)
		return error;
	if (copy_in(&value, va, sizeof value) != 0)
		return -EFAULT;
	if (value != expected)
		return -EAGAIN;
	*link_of(NULL) = &self;
	while (!self.woken && !error)
		error = sched_block(&self, until);
	if (self.woken)
		return 0;
	*link_of(&self) = self.next;
	return error;
}

/* Wakes `wake` of those who wait for `word` and moves `move` more to `to`: how many it was. */
static long wake_and_move(const void *word, int wake, uint32_t bits, int move, const void *to)
{
	struct waiter **link = &waiters, *w;
	int woken = 0, moved = 0;

	while ((w = *link) && (woken < wake || moved < move)) {
		if (w->word != word || !(w->bits & bits)) {
			link = &w->next;
		} else if (woken < wake) {
			*link = w->next;
			w->woken = true;
			sched_wakeup(w);
			woken++;
		} else {
			w->word = to;
			link = &w->next;
			moved++;
		}
	}
	return woken + moved;
}

/* As Linux: who asks for none gets one; and a word that is not there has no waiters, if nobody else could have it. */
static long wake(uintptr_t va, int count, uint32_t bits, bool private)
{
	const void *word;
	long error = bits ? word_at(va, &word) : -EINVAL;

	if (error == -EFAULT && private && va < USER_END)
		return 0;
	return error ? error : wake_and_move(word, count > 0 ? count : 1, bits, 0, NULL);
}

static long requeue(const uint64_t *a, const uint32_t *expected)
{
	int count = (int)a[2], move = (int)a[3];
	const void *from, *to;
	uint32_t value;
	long error;

	if (count < 0 || move < 0)
		return -EINVAL;
	error = word_at(a[0], &from);
	if (!error)
		error = word_at(a[4], &to);
	if (error)
		return error;
	if (copy_in(&value, a[0], sizeof value) != 0)
		return -EFAULT;
	if (expected && value != *expected)
		return -EAGAIN;
	return wake_and_move(from, count, ALL_BITS, move, to);
}

/* The second word's new value and whether its old one compares, as `code` has it (futex(2), FUTEX_WAKE_OP). */
static long operate(uint32_t code, uint32_t old, uint32_t *new, bool *compares)
{
	int operand = (int)(code << 8) >> 20, against = (int)(code << 20) >> 20, value = (int)old;

	if (code >> 28 & FUTEX_OP_OPARG_SHIFT)
		operand = 1 << (operand & 31);
	switch (code >> 28 & 7) {
	case FUTEX_OP_SET:
		*new = (uint32_t)operand;
		break;
	case FUTEX_OP_ADD:
		*new = old + (uint32_t)operand;
		break;
	case FUTEX_OP_OR:
		*new = old | (uint32_t)operand;
		break;
	case FUTEX_OP_ANDN:
		*new = old & ~(uint32_t)operand;
		break;
	case FUTEX_OP_XOR:
		*new = old ^ (uint32_t)operand;
		break;
	default:
		return -ENOSYS;
	}
	switch (code >> 24 & 15) {
	case FUTEX_OP_CMP_EQ:
		*compares = value == against;
		return 0;
	case FUTEX_OP_CMP_NE:
		*compares = value != against;
		return 0;
	case FUTEX_OP_CMP_LT:
		*compares = value < against;
		return 0;
	case FUTEX_OP_CMP_LE:
		*compares = value <= against;
		return 0;
	case FUTEX_OP_CMP_GT:
		*compares = value > against;
		return 0;
	case FUTEX_OP_CMP_GE:
		*compares = value >= against;
		return 0;
	default:
		return -ENOSYS;
	}
}

static long wake_by_operation(const uint64_t *a)
{
	const void *first, *second;
	uint32_t old, new;
	bool compares;
	long error = word_at(a[0], &first), woken;

	if (!error)
		error = word_at(a[4], &second);
	if (error)
		return error;
	if (copy_in(&old, a[4], sizeof old) != 0)
		return -EFAULT;
	error = operate((uint32_t)a[5], old, &new, &compares);
	if (error)
		return error;
	if (copy_out(a[4], &new, sizeof new) != 0)
		return -EFAULT;
	woken = wake_and_move(first, (int)a[2] > 0 ? (int)a[2] : 1, ALL_BITS, 0, NULL);
	if (compares)
		woken += wake_and_move(second, (int)a[3] > 0 ? (int)a[3] : 1, ALL_BITS, 0, NULL);
	return woken;
}

/* FUTEX_WAIT counts from now, FUTEX_WAIT_BITSET tells the time of a clock. */
static long deadline(int command, bool realtime, uintptr_t from, uint64_t *until)
{
	struct timespec t, now;
	long error;
	uint64_t ns, passed = 0;

	if (!from)
		return 0;
	error = timespec_in(&t, from);
	if (error)
		return error;
	ns = timespec_ns(&t);
	if (command == FUTEX_WAIT_BITSET) {
		host_clock(realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
		passed = timespec_ns(&now);
	}
	*until = clock_now() + (ns > passed ? ns - passed : 0);
	return 0;
}

/* FUTEX_WAIT's time does not begin anew when it is interrupted and the program does not see it. */
static long wait_again(uintptr_t va, uint32_t expected, uint64_t until)
{
	long error;

	until = signal_deadline(NR_futex, until);
	error = wait_for_word(va, expected, until, ALL_BITS);
	if (error == -EINTR)
		signal_keep_deadline(NR_futex, until);
	return error;
}

long sys_futex(const uint64_t *a)
{
	int command = (int)a[1] & FUTEX_CMD_MASK;
	bool realtime = a[1] & FUTEX_CLOCK_REALTIME;
	uint32_t value = (uint32_t)a[2], third = (uint32_t)a[5];
	uint64_t until = FOR_EVER;
	long error = 0;

	if (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET)
		error = deadline(command, realtime, a[3], &until);
	if (error)
		return error;
	if (realtime && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
		return wait_again(a[0], value, until);
	case FUTEX_WAIT_BITSET:
		return wait_for_word(a[0], value, until, third);
	case FUTEX_WAKE:
		return wake(a[0], (int)value, ALL_BITS, a[1] & FUTEX_PRIVATE_FLAG);
	case FUTEX_WAKE_BITSET:
		return wake(a[0], (int)value, third, a[1] & FUTEX_PRIVATE_FLAG);
	case FUTEX_REQUEUE:
		return requeue(a, NULL);
	case FUTEX_CMP_REQUEUE:
		return requeue(a, &third);
	case FUTEX_WAKE_OP:
		return wake_by_operation(a);
	default: /* FUTEX_FD is gone, and priority inheritance needs priorities */
		return -ENOSYS;
	}
}

/* ---- The end of a thread ---------------------------------------------- */

#define ROBUST_MOST 2048 /* a list that goes in a circle ends somewhere, as in Linux */

/* As <linux/futex.h> has it: the list, from a lock's link to its word, and the lock that was being taken or given back. */
struct robust_head {
	uint64_t next, offset, pending;
};

/* Whoever waits for a lock that `t` held learns that its owner has died. */
static void let_go(const struct thread *t, uint64_t lock, uint64_t offset, bool pending)
{
	uintptr_t va = lock + offset;
	uint32_t word;

	if (va % sizeof word || copy_in(&word, va, sizeof word) != 0)
		return;
	if (pending && !(word & FUTEX_TID_MASK)) {
		wake(va, 1, ALL_BITS, true);
		return;
	}
	if ((int)(word & FUTEX_TID_MASK) != t->tid)
		return;
	word = (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
	if (copy_out(va, &word, sizeof word) == 0 && word & FUTEX_WAITERS)
		wake(va, 1, ALL_BITS, true);
}

/* Bit 0 of a link says that the lock inherits priority: not here. */
static void let_go_of_robust(const struct thread *t)
{
	struct robust_head head;
	uint64_t lock, next;

	if (!t->robust_list || copy_in(&head, t->robust_list, sizeof head) != 0)
		return;
	lock = head.next;
	for (int n = 0; n < ROBUST_MOST && (lock & ~1ul) != t->robust_list; n++, lock = next) {
		if (copy_in(&next, lock & ~1ul, sizeof next) != 0)
			break;
		if ((lock & ~1ul) != (head.pending & ~1ul))
			let_go(t, lock & ~1ul, head.offset, false);
	}
	if (head.pending)
		let_go(t, head.pending & ~1ul, head.offset, true);
}

void futexes_thread_ends(struct thread *t)
{
	static const int none;

	let_go_of_robust(t);
	t->robust_list = 0;
	if (t->clear_tid && (t->sibling || t->proc->threads != t || t->proc->vm->uses > 1) &&
	    copy_out(t->clear_tid, &none, sizeof none) == 0)
		wake(t->clear_tid, 1, ALL_BITS, true);
	t->clear_tid = 0;
}
