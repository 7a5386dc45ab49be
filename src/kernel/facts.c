/* What a program of the command line begins with. */
#include "kernel/proc.h"
#include "kernel/tty.h"
#include "machine/host.h"

static const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

void facts_begin(struct proc *p)
{
	const struct host_identity id = host_identity();
	struct facts *f = &p->facts;

	f->uid[REAL] = id.uid;
	f->uid[EFFECTIVE] = f->uid[OF_FILES] = id.euid;
	f->uid[SAVED] = id.suid;
	f->gid[REAL] = id.gid;
	f->gid[EFFECTIVE] = f->gid[OF_FILES] = id.egid;
	f->gid[SAVED] = id.sgid;
	f->nice = id.nice;
	f->group = p->pid;
	f->session = 1;
	f->tty = &console_tty;
	for (int i = 0; i < RLIM_NLIMITS; i++)
		f->limits[i] = unlimited;
	f->limits[RLIMIT_STACK] = (struct rlimit){ STACK_SIZE, STACK_SIZE };
	f->limits[RLIMIT_NOFILE] = (struct rlimit){ FD_MAX, FD_MAX };
	f->limits[RLIMIT_CORE] = (struct rlimit){ 0, 0 };
	f->limits[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	f->limits[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
}
