/*
 * Memory that a waiting call has pointers to (user_pieces): what another thread
 * does meanwhile must not give it to anybody else. At level full that somebody
 * could be code, which nothing may write to.
 */
#include <stdlib.h>

#include "kernel/area.h"
#include "kernel/code.h"
#include "kernel/frames.h"
#include "kernel/mapped.h"
#include "kernel/proc.h"

struct kept {
	struct kept *next;
	phys_t at;
	size_t length;
};

static bool pins(const struct proc *p, const struct area *a)
{
	for (const struct thread *t = p->threads; t; t = t->sibling)
		if (t != current && t->pinned < a->end && t->pinned_end > a->start)
			return true;
	return false;
}

bool area_is_pinned(const struct vm *vm, const struct area *a)
{
	const struct proc *p = vm->uses > 1 ? proc_list : current_proc();

	while (p && !(p->vm == vm && pins(p, a)))
		p = vm->uses > 1 ? p->next : NULL;
	return p;
}

void area_forget_kept(struct vm *vm)
{
	for (struct kept *k = vm->kept, *next; k; k = next) {
		next = k->next;
		frames_leave(k->at, k->length, true);
		area_pay(0, k->length);
		free(k);
	}
	vm->kept = NULL;
}

void area_keep(struct vm *vm, const struct area *a)
{
	struct kept *k;

	if (!code_is_checked() || !area_has_memory(a) || !current || !area_is_pinned(vm, a))
		return;
	if (!mapped_is_waited_in(vm))
		area_forget_kept(vm);
	frames_use(a->at, area_length(a));
	area_pay(area_length(a), 0); /* may be more than there is; then who maps the next gets none */
	k = malloc(sizeof *k); /* without it, it is kept for ever */
	if (!k)
		return;
	*k = (struct kept){ vm->kept, a->at, area_length(a) };
	vm->kept = k;
}
