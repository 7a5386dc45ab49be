/*
 * escape: every way it knows out of the directory that it may write to. Its current directory is inside/, whose neighbour
 * outside/ (argv[1], an absolute name) has a victim for each way; argv[2] is a process of the host. It says of each whether it
 * went. With "all" for argv[3] also those that are wrong anywhere, else those that a process with all rights may go.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static const char *outside;
static int host_pid;
static const struct timespec times[2] = {{5, 5}, {6, 6}};

/* outside/NAME; of the last few calls. */
static const char *out(const char *name)
{
	static char paths[4][4096];
	static int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", outside, name);
	return path;
}

static const char *proc(const char *format, int number, const char *rest)
{
	static char path[4200];
	int length = snprintf(path, sizeof path, format, number);

	snprintf(path + length, sizeof path - (size_t)length, "%s", rest);
	return path;
}

/* Writes to an open file; its result is that of the way. */
static int mark(int fd)
{
	int done = fd >= 0 && write(fd, "marked", 6) == 6 ? 0 : -1, error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return done;
}

static int make(const char *name)
{
	return mark(open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644));
}

static int look_at(const char *name) /* a descriptor that can only read */
{
	return open(out(name), O_RDONLY);
}

static int dotdot(void) { return mark(open("../outside/dotdot", O_WRONLY)); }
static int dotdots(void) { return mark(open("dir/../.././inside/../outside/dotdots", O_WRONLY | O_TRUNC)); }
static int absolute(void) { return mark(open(out("absolute"), O_WRONLY | O_APPEND)); }
static int truncating(void) { return open(out("truncating"), O_RDONLY | O_TRUNC) < 0 ? -1 : 0; }
static int new_outside(void) { return make(out("new-outside")); }
static int link_at_end(void) { return symlink(out("link-at-end"), "l1") ? -1 : mark(open("l1", O_RDWR)); }
static int link_amid(void) { return symlink("../outside", "l2") ? -1 : mark(open("l2/link-amid", O_WRONLY)); }
static int links_on_links(void) { return symlink("l4/..", "l3") || symlink("dir", "l4") ? -1 : mark(open("l3/../outside/links-on-links", O_WRONLY)); }
static int dangling(void) { return symlink(out("dangling-made"), "l5") ? -1 : make("l5"); }
static int hard_link_in(void) { return link(out("hard-link-in"), "h1") ? -1 : mark(open("h1", O_WRONLY)); }
static int hard_link_out(void) { return make("h2") || link("h2", out("hard-link-out")) ? -1 : 0; }
static int rename_out(void) { return make("r1") ? -1 : rename("r1", out("rename-out")); }
static int rename_over(void) { return make("r2") ? -1 : rename("r2", out("rename-over")); }
static int rename_in(void) { return rename(out("rename-in"), "r3"); }
static int rename_swap(void) { return make("r4") ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, "r4", AT_FDCWD, out("rename-swap"), 2); }
static int mkdir_out(void) { return mkdir(out("mkdir-out"), 0755); }
static int rmdir_out(void) { return rmdir(out("rmdir-out")); }
static int unlink_out(void) { return unlink(out("unlink-out")); }
static int symlink_out(void) { return symlink("anything", out("symlink-out")); }
static int mknod_out(void) { return mknod(out("mknod-out"), S_IFREG | 0644, 0); }
static int truncate_out(void) { return truncate(out("truncate-out"), 1); }
static int chmod_out(void) { return chmod(out("chmod-out"), 0777); }
static int chown_out(void) { return chown(out("chown-out"), 7, 7); }
static int lchown_out(void) { return lchown(out("lchown-out"), 7, 7); }
static int utimes_out(void) { return utimensat(AT_FDCWD, out("utimes-out"), times, 0); }
static int xattr_out(void) { return setxattr(out("xattr-out"), "user.escape", "x", 1, 0); }
static int fchmod_out(void) { return fchmod(look_at("fchmod-out"), 0777); }
static int fchown_out(void) { return fchown(look_at("fchown-out"), 7, 7); }
static int futimes_out(void) { return futimens(look_at("futimes-out"), times); }
static int fsetxattr_out(void) { return fsetxattr(look_at("fsetxattr-out"), "user.escape", "x", 1, 0); }
static int empty_path_out(void) { return fchownat(open(out("empty-path-out"), O_PATH), "", 7, 7, AT_EMPTY_PATH); }
static int link_by_fd(void) { return linkat(look_at("link-by-fd"), "", AT_FDCWD, "h3", AT_EMPTY_PATH) ? -1 : mark(open("h3", O_WRONLY)); }
static int link_by_proc(void) { return linkat(AT_FDCWD, proc("/proc/self/fd/%d", look_at("link-by-proc"), ""), AT_FDCWD, "h4", AT_SYMLINK_FOLLOW) ? -1 : mark(open("h4", O_WRONLY)); }
static int through_proc_fd(void) { return mark(open(proc("/proc/self/fd/%d", look_at("through-proc-fd"), ""), O_WRONLY)); }
static int through_dev_fd(void) { return mark(open(proc("/dev/fd/%d", look_at("through-dev-fd"), ""), O_RDWR)); }
static int path_fd(void) { return mark(open(proc("/proc/self/fd/%d", open(out("path-fd"), O_PATH), ""), O_WRONLY)); }
static int proc_fd_directory(void) { return mark(open(proc("/proc/self/fd/%d", look_at("."), "/proc-fd-directory"), O_WRONLY)); }
static int proc_cwd(void) { return mark(open("/proc/self/cwd/../outside/proc-cwd", O_WRONLY)); }
static int proc_root(void) { return mark(open(proc("/proc/self/root%.0d", 0, out("proc-root")), O_WRONLY)); }
static int by_descriptor(void) { return mark(openat(look_at("."), "by-descriptor", O_WRONLY)); }
static int by_descriptor_of_path(void) { return mark(openat(open(out("."), O_PATH), "by-descriptor-of-path", O_WRONLY)); }
static int by_cwd_descriptor(void) { return mark(openat(open(".", O_RDONLY), "../outside/by-cwd-descriptor", O_WRONLY)); }
static int mkdirat_out(void) { return mkdirat(look_at("."), "mkdirat-out", 0755); }
static int unlinkat_out(void) { return unlinkat(look_at("."), "unlinkat-out", 0); }
static int tmpfile_out(void) { return mark(open(out("."), O_TMPFILE | O_WRONLY, 0600)); }

static int chdir_out(void)
{
	int here = open(".", O_RDONLY), done = chdir(outside) ? -1 : mark(open("chdir-out", O_WRONLY)), error = errno;

	if (here >= 0 && fchdir(here))
		exit(98);
	errno = error;
	return done;
}

static int fchdir_out(void)
{
	int here = open(".", O_RDONLY), done = fchdir(look_at(".")) ? -1 : make("fchdir-out"), error = errno;

	if (here >= 0 && fchdir(here))
		exit(98);
	errno = error;
	return done;
}

/* The map itself may be refused, the change of its protection, or nothing. */
static int map(const char *name, int first)
{
	char *p = mmap(NULL, 4096, first, MAP_SHARED, look_at(name), 0);

	if (p == MAP_FAILED || mprotect(p, 4096, PROT_READ | PROT_WRITE))
		return -1;
	p[0] = 'M';
	return msync(p, 4096, MS_SYNC);
}

static int map_writable(void) { return map("map-writable", PROT_READ | PROT_WRITE); }
static int map_made_writable(void) { return map("map-made-writable", PROT_READ); }

static int map_of_writable(void)
{
	int fd = open(out("map-of-writable"), O_RDWR);
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -1;
	p[0] = 'M';
	return 0;
}

static int attributes(void)
{
	int fd = look_at("attributes"), flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags))
		return -1;
	flags ^= FS_NODUMP_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static int clone_to(void)
{
	struct file_clone_range range = {.src_fd = open("../inside/file", O_RDONLY)};

	return ioctl(look_at("clone-to"), FICLONERANGE, &range);
}

static int by_handle(void)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount;

	return name_to_handle_at(AT_FDCWD, out("by-handle"), &u.handle, &mount, 0) ? -1 : mark(open_by_handle_at(look_at("."), &u.handle, O_WRONLY));
}

static int opened_writable(const char *name)
{
	return open(name, O_WRONLY | O_NONBLOCK) < 0 ? -1 : 0;
}

static int dev_mem(void) { return opened_writable("/dev/mem"); }
static int dev_kmsg(void) { return opened_writable("/dev/kmsg"); }
static int dev_itself(void) { return make("/dev/uos-escape"); } /* /dev/shm is uos's own: test_mounts.py */
static int dev_in_place(void) { return open(out("device"), O_RDONLY) < 0 ? -1 : 0; }
static int device_made(void) { return mknod("made", S_IFCHR | 0666, makedev(1, 1)) ? -1 : open("made", O_RDWR) < 0 ? -1 : 0; }
static int disk_made(void) { return mknod("disk", S_IFBLK | 0666, makedev(254, 0)) ? -1 : open("disk", O_RDONLY) < 0 ? -1 : 0; }
static int fifo_outside(void) { return mark(open(out("fifo"), O_WRONLY | O_NONBLOCK)); }
static int fifo_inside(void) { return mark(open("fifo", O_RDWR | O_NONBLOCK)); }
static int host_mem(void) { return opened_writable(proc("/proc/%d/mem", host_pid, "")); }
static int host_root(void) { return mark(open(proc("/proc/%d/root", host_pid, out("host-root")), O_WRONLY)); }
static int host_cwd(void) { return mark(open(proc("/proc/%d/cwd", host_pid, "/host-cwd"), O_WRONLY)); }
static int init_root(void) { return mark(open(proc("/proc/%d/root", 1, out("init-root")), O_WRONLY)); }
static int parent_root(void) { return mark(open(proc("/proc/%d/root", getppid(), out("parent-root")), O_WRONLY)); }
static int bound_proc(void) { return mark(open(proc("bound/%d/root", host_pid, out("bound-proc")), O_WRONLY)); }
static int bound_proc_outside(void) { return mark(open(proc(out("bound/%d/root"), host_pid, out("bound-proc")), O_WRONLY)); }
static int sys(void) { return opened_writable("/sys/kernel/mm/transparent_hugepage/enabled"); }
static int sysctl(void) { return opened_writable("/proc/sys/kernel/core_pattern"); }
static int sysrq(void) { return opened_writable("/proc/sysrq-trigger"); }
static int kill_host(void) { return kill(host_pid, SIGTERM); }
static int queue_host(void) { return (int)syscall(SYS_rt_sigqueueinfo, host_pid, SIGTERM, &(siginfo_t){.si_code = -1}); }
static int trace_host(void) { return (int)ptrace(PTRACE_ATTACH, host_pid, 0, 0); }
static int limit_host(void) { return (int)syscall(SYS_prlimit64, host_pid, 7, &(long[2]){3, 3}, NULL); }
static int self_exe(void) { return opened_writable("/proc/self/exe"); }
static int own_root(void) { return chroot("..") ? -1 : 0; }
static int mount_over(void) { return (int)syscall(SYS_mount, "none", out("mount"), "tmpfs", 0, NULL); }
static int open_tree_out(void) { return (int)syscall(SYS_open_tree, AT_FDCWD, outside, 1); }
static int host_tmp(void) { return mark(open(proc("/tmp/uos-escape-%d", host_pid, ""), O_WRONLY)); }

static int write_host(void)
{
	struct iovec from = {&host_pid, 1}, to = {(void *)0x400000, 1};

	return (int)syscall(SYS_process_vm_writev, host_pid, &from, 1ul, &to, 1ul, 0ul);
}

static int connect_to(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(name.sun_path, path, sizeof name.sun_path - 1);
	return fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) ? -1 : mark(fd);
}

static int socket_outside(void) { return connect_to(out("socket")); }
static int socket_inside(void) { return connect_to("socket"); }

/* moving is taken outside by the host while we hold it open: "asked" asks for that, moving gone is the answer. */
static int moved_away(void)
{
	int fd = open("moving", O_RDONLY | O_DIRECTORY);
	struct stat st;

	if (fd < 0 || make("asked"))
		return -1;
	for (int tries = 0; tries < 2000 && stat("moving", &st) == 0; tries++)
		usleep(5000);
	return mark(openat(fd, "victim", O_WRONLY)) && mark(openat(fd, "new", O_CREAT | O_WRONLY, 0644)) ? -1 : 0;
}

/* Has outside/ been reached by each of the calls in swapped()? */
static int reached(ino_t folder)
{
	struct stat caught, victim, dir;

	return stat(out("caught"), &caught) == 0 && stat(out("swap-victim"), &victim) == 0 && victim.st_size == 3 &&
	       (victim.st_mode & 0777) == 0666 && (stat(out("caught-dir"), &dir) || dir.st_ino != folder);
}

/* swapped is a directory of ours or a link to outside/, in turn, by the host, as fast as it can. */
static int swapped(void)
{
	time_t end = time(NULL) + 3;
	struct stat st;
	int done;

	if (stat(out("caught-dir"), &st))
		return -1;
	do {
		mark(open("swapped/caught", O_CREAT | O_WRONLY, 0644));
		rmdir("swapped/caught-dir");
		mkdir("swapped/caught-dir", 0755);
		truncate("swapped/swap-victim", 3);
		chmod("swapped/swap-victim", 0666);
	} while (!(done = reached(st.st_ino)) && time(NULL) < end);
	errno = EXDEV;
	return done ? 0 : -1;
}

#define WAY(name) {#name, name}

static const struct way {
	const char *name;
	int (*go)(void);
} ways[] = {
	WAY(dotdot), WAY(dotdots), WAY(absolute), WAY(truncating), WAY(new_outside), WAY(link_at_end), WAY(link_amid), WAY(links_on_links),
	WAY(dangling), WAY(hard_link_in), WAY(hard_link_out), WAY(rename_out), WAY(rename_over), WAY(rename_in), WAY(rename_swap),
	WAY(mkdir_out), WAY(rmdir_out), WAY(unlink_out), WAY(symlink_out), WAY(mknod_out), WAY(truncate_out), WAY(chmod_out), WAY(chown_out),
	WAY(lchown_out), WAY(utimes_out), WAY(xattr_out), WAY(fchmod_out), WAY(fchown_out), WAY(futimes_out), WAY(fsetxattr_out),
	WAY(empty_path_out), WAY(link_by_proc), WAY(through_proc_fd), WAY(path_fd),
	WAY(proc_fd_directory), WAY(proc_cwd), WAY(proc_root), WAY(by_descriptor), WAY(by_descriptor_of_path), WAY(by_cwd_descriptor),
	WAY(mkdirat_out), WAY(unlinkat_out), WAY(tmpfile_out), WAY(chdir_out), WAY(fchdir_out), WAY(map_of_writable), WAY(moved_away),
	WAY(swapped),
}, wrong[] = {
	WAY(map_writable), WAY(map_made_writable), WAY(attributes), WAY(clone_to), WAY(by_handle), WAY(link_by_fd), WAY(through_dev_fd), WAY(dev_mem), WAY(dev_kmsg),
	WAY(dev_itself), WAY(dev_in_place), WAY(device_made), WAY(disk_made), WAY(fifo_outside), WAY(fifo_inside), WAY(host_mem), WAY(host_root),
	WAY(host_cwd), WAY(init_root), WAY(parent_root), WAY(bound_proc), WAY(bound_proc_outside), WAY(sys), WAY(sysctl), WAY(sysrq),
	WAY(kill_host), WAY(queue_host), WAY(trace_host), WAY(limit_host), WAY(write_host), WAY(self_exe), WAY(own_root), WAY(mount_over),
	WAY(open_tree_out), WAY(host_tmp), WAY(socket_outside), WAY(socket_inside),
};

static void go(const struct way *way, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		errno = 0;
		if (way[i].go() < 0)
			dprintf(1, "%s: %s\n", way[i].name, strerrorname_np(errno) ? strerrorname_np(errno) : "refused");
		else
			dprintf(1, "%s: went\n", way[i].name);
	}
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 99;
	outside = argv[1];
	host_pid = atoi(argv[2]);
	go(ways, sizeof ways / sizeof *ways);
	if (!strcmp(argv[3], "all"))
		go(wrong, sizeof wrong / sizeof *wrong);
	return 0;
}
