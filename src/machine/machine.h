/*
 * The machine: one CPU with user and kernel mode, traps, a timer, a context
 * switch, memory with protection keys, and a few devices. This header and
 * device.h, disk.h, host.h and mapping.h are all that the kernel knows of the
 * host. Nothing here knows what a process, a policy or a system call's name is.
 *
 * One CPU, and no interrupt is ever taken in kernel mode (it waits for the way
 * out): hence no locks, here or in the kernel.
 */
#ifndef UOS_MACHINE_H
#define UOS_MACHINE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "machine/clock.h"
#include "machine/frame.h"
#include "machine/memory.h"

/* ---- Boot and the end ------------------------------------------------- */

enum switch_backend { SWITCH_UCONTEXT, SWITCH_ASM };
enum protect { PROTECT_BEST = -1, PROTECT_NONE, PROTECT_KEYS, PROTECT_FULL }; /* each holds what those before it do */

struct machine_info {
	enum protect protect;      /* the level in force */
	enum switch_backend backend;
	const char *why_not_higher; /* why the level is not full although none was asked for, or NULL */
	uint64_t memory;           /* bytes that guests may commit together */
	bool standard_fd[3];       /* which of 0, 1, 2 uos was started with */
};
extern struct machine_info machine_info;

/*
 * Takes over this host thread as the CPU. Returns NULL, or one line that names
 * what the host lacks or why `want` cannot be had; nothing has changed then.
 */
const char *machine_boot(enum protect want, enum switch_backend backend);

/* Restores the terminal and ends the host process. */
_Noreturn void machine_halt(int status);

/* A kernel invariant broke: report, restore the terminal, exit status 70. */
_Noreturn void machine_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define PANIC_STATUS 70

/* A line that panic reports add: what the kernel was doing. Set by the kernel. */
extern const char *(*machine_whoami)(void);

/* While foreign code runs in kernel mode: what breaks is then reported as its own. */
extern struct machine_blame {
	const char *who, *where; /* "./mine.so", or NULL: nobody but us; in which of its functions */
} machine_blame;
#define BLAME_STATUS 71 /* of uos, then */

/* ---- Traps and interrupts --------------------------------------------- */

enum vector { /* interrupts first, the most urgent before the others */
	VECTOR_POWER,    /* the machine is to stop: machine_power_status */
	VECTOR_DEVICE,   /* a watched descriptor is ready: device_next() */
	VECTOR_KEYBOARD, /* Ctrl-C */
	VECTOR_TIMER,    /* the one-shot timer ran out */
	VECTOR_SYSCALL,
	VECTOR_FAULT,
	VECTOR_SLOW_SYSCALL, /* one that came by signal: as VECTOR_SYSCALL, but its vector state is saved */
	VECTOR_COUNT
};

/*
 * Handlers run in kernel mode on the current thread's kernel stack. `f` is the
 * interrupted guest's frame; NULL if an interrupt found the CPU idle. Changes
 * to it take effect on the way out.
 */
typedef void trap_handler(struct frame *f);
void trap_set_handler(enum vector v, trap_handler *handler);

/* A thread of the host beside the CPU: it takes no signals and never enters the kernel. `stack` is its own for good. */
void machine_thread(void *(*run)(void *), void *stack, size_t size);
/* Raises an interrupt line from any thread of the host; async-signal-safe. */
void machine_raise(enum vector line);
extern volatile int machine_power_status; /* exit status that VECTOR_POWER asks for */

/* What the last VECTOR_FAULT was about. */
struct fault {
	int signal, code;     /* as in siginfo_t */
	uint64_t trap;        /* Intel SDM vol. 3, 6.3: 0 divide, 13 protection, 14 page ... */
	uint64_t address;     /* of a page fault */
	uint64_t error;       /* as the CPU pushed it */
	bool write, fetch;    /* the access, for a page fault */
	int key;              /* protection key that refused, or -1 */
	const char *forged;   /* the machine's instruction by which the guest tried to open memory; or NULL */
};
const struct fault *trap_fault(void);

struct trap_counts {
	uint64_t sigsys;              /* system calls that came by signal, not by the gate */
	uint64_t ticks, ticks_merged; /* timer interrupts raised; found one waiting */
};
extern struct trap_counts trap_counts;

/* Takes all waiting interrupts; `f` is NULL while idle. Returns late if one of them switches. */
void cpu_take_interrupts(struct frame *f);

/* Waits for an interrupt, at most until clock_now() reaches `until` (UINT64_MAX: for ever). */
void cpu_idle(uint64_t until);

/* The guest's gs base, live in the CPU while its thread runs. */
uint64_t cpu_gs(void);
void cpu_set_gs(uint64_t base);

/* ---- Context switch --------------------------------------------------- */

/* A thread as the machine sees it: a kernel stack and what is saved on it. */
struct context {
	void *stack;
	struct frame *frame; /* at the stack's top; also for kernel threads */
	void *sp;            /* saved stack pointer (backend asm) */
	void *ucontext;      /* saved context (backend ucontext) */
	uint64_t gs;
	bool user;           /* has ever been, or will be, in user mode */
};

/* Gives `c` a kernel stack and lets it begin in entry(). False: out of memory. */
bool context_create(struct context *c, void (*entry)(void));
void context_free(struct context *c); /* not of the running thread */
/* `from`'s vector state must have been saved. */
void context_switch(struct context *from, struct context *to);
_Noreturn void context_start(struct context *first); /* from boot, not a switch */
/* Leaves for user mode as the frame says; the stack below the frame is forgotten. */
_Noreturn void trap_return(struct frame *f);
/* Clears the frame: every register zero, vector state as at reset. */
void frame_clear(struct frame *f);
/* Saves live vector state; afterwards the kernel may use vector registers. */
void frame_save_vectors(struct frame *f);

/*
 * A frame's saved vector state as programs know it: XSAVE's standard format (Intel SDM vol. 1, 13.4), x87 and SSE first.
 * What is loaded may be anything; false if the CPU would not take it. The size says how much there is; 0: as at reset.
 */
#define VECTORS_LEGACY 512ul   /* x87 and SSE */
#define VECTORS_SOFTWARE 464ul /* in there; the CPU leaves it alone */
size_t vectors_size(void);
uint64_t vectors_components(void); /* bits as in XCR0 */
void vectors_save(const struct frame *f, void *image); /* 64-byte aligned, zeroed, vectors_size() bytes */
bool vectors_load(struct frame *f, const void *image, size_t size);

/* One line "uos: ..." on stderr. No floating point: the machine is compiled without its registers. */
void console_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
