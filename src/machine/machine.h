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

#include "machine/frame.h"

/* ---- Boot and the end ------------------------------------------------- */

enum switch_backend { SWITCH_UCONTEXT, SWITCH_ASM };
enum protect { PROTECT_BEST = -1, PROTECT_NONE, PROTECT_KEYS };

struct machine_info {
	enum protect protect;      /* the level in force */
	enum switch_backend backend;
	const char *why_not_keys;  /* why the level is none, or NULL */
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

/* ---- Memory ----------------------------------------------------------- */

/*
 * Physical memory is one sparse file, cut into windows of equal size. A window
 * is both a range of guest addresses and the memory behind it: guest address
 * GUEST_BASE + p holds physical address p unless mmu_map said otherwise.
 * Window 0 is the machine's own.
 */
#define PAGE_SIZE 4096ul
#define WINDOW_SIZE (32ul << 30)
#define WINDOW_COUNT 1024ul
#define GUEST_BASE 0x100000000000ul
#define GUEST_LOWEST 0x10000ul
#define GUEST_END (GUEST_BASE + WINDOW_COUNT * WINDOW_SIZE)
typedef uint64_t phys_t; /* byte offset into physical memory */
#define PHYS_END (WINDOW_COUNT * WINDOW_SIZE) /* from here on there is none: access is SIGBUS */

/* A free window's number, or 0 if all are taken. Its memory reads as zero. */
unsigned phys_window_alloc(void);
void phys_window_free(unsigned window);
void phys_discard(phys_t at, size_t length); /* back to zero; frees the pages */
void phys_copy(phys_t to, phys_t from, size_t length); /* onto zeros; what was never touched stays so */
#define PHYS_FEW 16 /* pages */
bool phys_copy_few(phys_t to, phys_t from, size_t length); /* likewise, if no more have been touched; else nothing, and false */
void *phys_pointer(phys_t at);               /* the kernel's alias */
uint64_t phys_pages_used(void);              /* pages that hold data, the machine's own not counted */
uint64_t phys_bytes(phys_t at, size_t length); /* likewise, of a range, in bytes */

/* The MMU's view of one address space. */
struct space {
	int key;               /* protection key, or -1 (level none, or not resident) */
	uint64_t *scratch;     /* the kernel's alias of the gate's scratch page */
	uintptr_t scratch_at;  /* where the guest has it */
};

int mmu_key_alloc(void); /* a guest key, or -1 if all are taken */
void mmu_key_free(int key);
/* Makes `length` bytes at `va` show physical memory. 0 or -errno. prot as PROT_*. */
int mmu_map(const struct space *s, uintptr_t va, size_t length, int prot, phys_t at);
int mmu_protect(const struct space *s, uintptr_t va, size_t length, int prot);
int mmu_unmap(uintptr_t va, size_t length); /* fails where it would split a mapping too many */
int mmu_move(uintptr_t va, size_t length, uintptr_t to); /* one mapping, elsewhere, whatever is there; its pages stay mapped */
void mmu_activate(const struct space *s);
uintptr_t mmu_gate(void); /* where guests enter by a jump, in every address space */

/* ---- Clock and timer -------------------------------------------------- */

uint64_t clock_of(uint64_t tsc); /* ns since boot of a time stamp */
uint64_t clock_now(void);   /* ns since boot, from the calibrated TSC; touches no vector register */
void timer_arm(uint64_t at); /* one interrupt when clock_now() reaches `at`; replaces an earlier one */
void timer_stop(void); /* an interrupt that waits is as if it had not come */
bool timer_armed_by(uint64_t at); /* an interrupt will come at `at` or before */

/* What the host did with this process, ns since boot. */
struct host_times { uint64_t elapsed, cpu; }; /* by its monotonic clock; CPU time as getrusage(2) has it */
struct host_times host_times(void);
uint64_t host_stolen(void);     /* could have run, but the host ran others (schedstat); touches no vector register */
uint64_t host_thread_cpu(void); /* CPU time that the host counts for this CPU */

/* One line "uos: ..." on stderr. No floating point: the machine is compiled without its registers. */
void console_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
