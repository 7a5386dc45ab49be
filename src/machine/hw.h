/* What the machine's own files share; nothing else includes it. */
#ifndef UOS_MACHINE_HW_H
#define UOS_MACHINE_HW_H

#include <errno.h>
#include <signal.h>
#include <ucontext.h>

#include "machine/machine.h"

/* The CPU's registers that guests cannot see. entry.S reads and writes them. */
extern uintptr_t cpu_kstack;        /* where the gate pushes: FRAME_PUSHED into the frame */
extern uint64_t *cpu_scratch;       /* scratch page of the address space in force */
extern uint64_t cpu_host_fs;
extern uint64_t cpu_secret;         /* known to whoever can read kernel memory before a WRPKRU */
extern uint8_t cpu_keys;            /* level keys, or full */
extern volatile uint32_t cpu_pending; /* one bit a vector */
extern uint32_t cpu_xstate_mask;    /* vector state that is the guest's */
extern trap_handler *cpu_vectors[VECTOR_COUNT];

/* entry.S */
extern const char way_in_start[], way_in_end[], gate_stored[], gate_opened[], gate_open[], gate_stacked[];
extern const char way_out[], way_out_restored[], way_out_vectors[], way_out_set[], way_out_closed[];
extern const char way_out_jump[], way_out_iretq[], way_out_end[];
extern const char signal_in_opened[], signal_in_open[];
extern volatile uint8_t user_page[], user_page_alias[];
_Noreturn void land(struct frame *f, trap_handler *then);
void swtch(void **save, void *load);

/* cpu.c: who was interrupted, from the interrupted state alone */
enum mode { MODE_USER, MODE_WAY_IN, MODE_WAY_OUT, MODE_KERNEL };
enum mode cpu_mode(const ucontext_t *uc);
struct frame *cpu_frame(void); /* of the thread that has the CPU */

/* trap.c */
void trap_boot(void);    /* pad, handlers, dispatch: from here on guests can run */
void trap_interrupt_cpu(void);

/* host_text.c: the host process's own executable memory, and what in it writes PKRU */
void host_text_find(void);              /* no dlopen comes after it */
const char *host_text_disarm(void);     /* nothing but what is checked is left; NULL, or what cannot be done */
bool host_text_has(uintptr_t rip);
const char *host_text_forged(uintptr_t rip); /* the instruction whose check a guest failed there; or NULL */

/* mapping.c: a fault of copy_guarded, which then goes on */
bool copy_survives(int sig, ucontext_t *uc);

/* xstate.c */
const char *xstate_boot(void);
void xstate_from_signal(struct frame *f, const ucontext_t *uc);
uint32_t xstate_signal_pkru(const ucontext_t *uc);
extern const char vectors_restored[], vectors_checked[];

/* mmu.c, phys.c, timer.c, device.c, console.c, disk_private.c, disk_ring.c */
const char *phys_boot(void);
const char *mmu_boot(enum protect want);
extern const char boot_wrpkru[];
void timer_boot(void);
void timer_expired(void);
void console_boot(void);
void trap_catch(int sig);
bool terminal_keep(int fd);
void terminal_restore(void);
void disk_private_remove(void);
void disk_ring_boot(void);

/* Of a host call, as the kernel wants it. */
static inline long or_errno(long result)
{
	return result < 0 ? -errno : result;
}

static inline void page_write(unsigned offset, uint64_t value)
{
	*(volatile uint64_t *)(user_page_alias + offset) = value;
}
#endif
