/* System calls on processes and what the machine is. */
#include <errno.h>
#include <linux/prctl.h>
#include <string.h>
#include <sys/utsname.h>

#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/host.h"

#define GRND_FLAGS 7u
#define RANDOM_MOST (32ul << 20) /* bytes a call, as of /dev/urandom: nobody else runs meanwhile */

long sys_exit(const uint64_t *a)
{
	struct proc *p = current_proc();

	if (p->threads == current && !current->sibling)
		proc_exit((int)(a[0] & 0xff), 0);
	thread_exit();
}

long sys_exit_group(const uint64_t *a)
{
	proc_exit((int)(a[0] & 0xff), 0);
}

long sys_set_tid_address(const uint64_t *a)
{
	current->clear_tid = a[0];
	return current->tid;
}

long sys_set_robust_list(const uint64_t *a)
{
	if (a[1] != 24)
		return -EINVAL;
	current->robust_list = a[0];
	return 0;
}

long sys_uname(const uint64_t *a)
{
	struct utsname name;

	host_uname(&name);
	return copy_out(a[0], &name, sizeof name);
}

long sys_getrandom(const uint64_t *a)
{
	uint8_t bytes[256];
	size_t length = a[1] > RANDOM_MOST ? RANDOM_MOST : a[1], done = 0;

	if ((unsigned)a[2] & ~GRND_FLAGS || (a[2] & 6) == 6)
		return -EINVAL;
	while (done < length) {
		size_t n = length - done < sizeof bytes ? length - done : sizeof bytes;

		host_random(bytes, n);
		if (copy_out(a[0] + done, bytes, n) != 0)
			return done ? (long)done : -EFAULT;
		done += n;
	}
	return (long)done;
}

/* What the thread is called in /proc; the first one's is the process's, also in what uos says. */
static long set_name(struct thread *t, uintptr_t from)
{
	char name[sizeof t->comm] = { 0 };
	long n = string_in(name, from, sizeof name - 1);

	if (n == -EFAULT)
		return n;
	memset(t->comm, 0, sizeof t->comm); /* all of it can be asked for */
	strcpy(t->comm, name);
	if (t->tid == t->proc->pid)
		strncpy(t->proc->name, name, sizeof t->proc->name);
	return 0;
}

long sys_prctl(const uint64_t *a)
{
	struct proc *p = current_proc();
	struct facts *f = &p->facts;
	bool more = a[2] || a[3] || a[4];

	switch ((int)a[0]) {
	case PR_SET_NAME:
		return set_name(current, a[1]);
	case PR_GET_NAME:
		return copy_out(a[1], current->comm, sizeof current->comm);
	case PR_SET_PDEATHSIG: /* kept; pid 1, the parent of all, does not die */
		if (a[1] > SIGNALS)
			return -EINVAL;
		f->death_signal = (int)a[1];
		return 0;
	case PR_GET_PDEATHSIG:
		return copy_out(a[1], &f->death_signal, sizeof f->death_signal);
	case PR_GET_DUMPABLE:
		return !f->undumpable;
	case PR_SET_DUMPABLE: /* nobody can attach, and no core is written, in any case */
		if (a[1] > 1)
			return -EINVAL;
		f->undumpable = !a[1];
		return 0;
	case PR_GET_KEEPCAPS:
		return f->keeps_capabilities;
	case PR_SET_KEEPCAPS:
		if (a[1] > 1)
			return -EINVAL;
		f->keeps_capabilities = a[1];
		return 0;
	case PR_SET_NO_NEW_PRIVS: /* nobody ever gets any */
		if (a[1] != 1 || more)
			return -EINVAL;
		f->no_new_privileges = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return a[1] || more ? -EINVAL : f->no_new_privileges;
	default:
		return -EINVAL;
	}
}

/* Kept, and given back: the flags change nothing here. */
long sys_personality(const uint64_t *a)
{
	struct facts *f = &current_proc()->facts;
	unsigned old = f->personality;

	if ((unsigned)a[0] != UINT32_MAX)
		f->personality = (unsigned)a[0];
	return old;
}
