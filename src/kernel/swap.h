/* Who takes over from another with the same addresses may exchange contents with him, instead of mappings: for resident.c. */
#ifndef UOS_KERNEL_SWAP_H
#define UOS_KERNEL_SWAP_H

#include "kernel/vm.h"

/*
 * `other` is resident, `vm` takes over. Areas that both have are marked AREA_SWAPPED if what the host shows for `other`
 * is `vm`'s now, and the other way round.
 */
void vm_swap(struct vm *vm, struct vm *other);
void vm_swapped(struct vm *vm); /* takes the marks away */

#endif
