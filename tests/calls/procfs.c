/* calls: open readlink stat lstat getdents64 access unlink mkdir chmod; runs: "" "one 'two words'" */
#include <dirent.h>

#include "say.h"

/* What stands in /proc about a process itself, as far as it is the same everywhere. */

static char text[65536];

static long slurp(const char *name)
{
	int fd = open(name, O_RDONLY);
	long n, size = 0;

	if (fd < 0)
		return told("open %s", -1, name);
	while (size < (long)sizeof text - 1 && (n = read(fd, text + size, sizeof text - 1 - size)) > 0)
		size += n;
	text[size] = 0;
	close(fd);
	return size;
}

static void link_of(const char *name)
{
	char to[4096];
	long n = readlink(name, to, sizeof to);

	told("readlink %s", n < 0 ? n : 0, name);
	if (n > 0)
		say_bytes("", to, n);
}

static void link_of_fd(int fd)
{
	char name[64];

	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	link_of(name);
}

static int again(int fd, int flags)
{
	char name[64];

	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	return (int)told("open again %x", open(name, flags) < 0 ? -1 : 0, flags);
}

static void texts(void)
{
	static const char status[] = "Name:\tprocfs\nUmask:\t0022\nState:\tR (running)\nTgid:\t";
	char name[64];
	long size = slurp("/proc/self/cmdline");
	int pid, fields = 0;

	say_bytes("cmdline", strrchr(text, '/') ? strrchr(text, '/') : text, size - (strrchr(text, '/') ? strrchr(text, '/') - text : 0));
	say_bytes("comm", text, slurp("/proc/self/comm"));
	slurp("/proc/self/environ");
	say("PATH is there: %d\n", memmem(text, sizeof text, "PATH=", 5) != NULL);
	slurp("/proc/self/stat");
	say("its pid: %d %s\n", sscanf(text, "%d (%60[^)])", &pid, name) == 2 && pid == getpid(), name);
	for (char *p = text; (p = strchr(p, ' ')); p++)
		fields++;
	say("fields of stat: %d\n", fields + 1);
	slurp("/proc/self/statm");
	fields = 0;
	for (char *p = text; (p = strchr(p, ' ')); p++)
		fields++;
	say("of statm: %d\n", fields + 1);
	slurp("/proc/self/status");
	say("status: %d %d %d %d\n", strncmp(text, status, sizeof status - 1),
	    strstr(text, "\nThreads:\t1\n") != NULL, strstr(text, "\nVmRSS:\t") != NULL, strstr(text, "\nSigBlk:\t0000000000000000\n") != NULL);
	slurp("/proc/self/maps");
	say("maps: %d %d %d\n", strstr(text, "[stack]") != NULL, strstr(text, "[heap]") != NULL, strstr(text, "/procfs\n") != NULL);
	snprintf(name, sizeof name, "/proc/%d/comm", getpid());
	say_bytes("by number", text, slurp(name));
	snprintf(name, sizeof name, "/proc/self/task/%d/comm", getpid());
	say_bytes("its thread", text, slurp(name));
	say_bytes("thread-self", text, slurp("/proc/thread-self/comm"));
	say("auxv: %d\n", slurp("/proc/self/auxv") % 16 == 0 && *(long *)text > 0);
	say("self/mounts: %d\n", slurp("/proc/mounts") > 0 && strstr(text, " /proc proc ") != NULL);
	say("mountinfo: %d\n", slurp("/proc/self/mountinfo") > 0 && strstr(text, " - proc ") != NULL);
	slurp("/proc/sys/kernel/ostype");
	say("%s", text);
	slurp("/proc/sys/kernel/osrelease");
	say("%s", text);
	slurp("/proc/sys/kernel/hostname");
	say("%s", text);
	say("uuid: %ld\n", slurp("/proc/sys/kernel/random/uuid"));
	slurp("/proc/cpuinfo");
	say("cpuinfo: %d %.24s\n", strncmp(text, "processor\t: 0\nvendor_id\t: ", 26), strstr(text, "model name"));
	slurp("/proc/meminfo");
	say("meminfo: %.10s %d\n", text, strstr(text, "\nMemAvailable:") != NULL);
	slurp("/proc/self/limits");
	say("%s\n", strtok(text, "\n"));
}

static void places(void)
{
	int file = open("file", O_RDONLY), dir = open("dir", O_RDONLY), path = open("dir/up", O_PATH | O_NOFOLLOW), gone, ends[2], fd;
	char byte = 0;

	link_of("/proc/self/cwd");
	link_of("/proc/self/root");
	link_of("/proc/self/exe");
	link_of("/proc/mounts");
	link_of_fd(file);
	link_of_fd(dir);
	link_of_fd(path);
	link_of("/proc/self/fd/999");
	link_of("/proc/self/fd/x");
	link_of("/proc/self/fd/07");
	link_of("/proc/self/fd/-1");
	link_of("/proc/self/comm");
	TRY(rename("file", "moved"));
	link_of_fd(file);
	TRY(rename("dir", "elsewhere"));
	link_of_fd(dir);
	told("by the directory's link", access("/proc/self/cwd/elsewhere/inner", R_OK));
	TRY(chdir("elsewhere"));
	link_of("/proc/self/cwd");
	TRY(chdir(".."));

	/* opening one again is another open file */
	TRY(read(file, &byte, 1));
	fd = open("/proc/self/fd/3", O_RDWR);
	told("for writing, too", fd < 0 ? -1 : 0);
	TRY(read(fd, &byte, 1));
	say("%c\n", byte);
	TRY(lseek(file, 0, SEEK_CUR));
	TRY(again(file, O_RDONLY | O_NOFOLLOW));
	TRY(again(file, O_RDONLY | O_DIRECTORY));
	TRY(again(dir, O_RDONLY | O_DIRECTORY));
	TRY(again(dir, O_WRONLY));
	TRY(again(file, O_RDONLY | O_CREAT | O_EXCL));
	TRY(again(file, O_WRONLY | O_TRUNC));
	look("moved");
	gone = open("ro", O_RDWR);
	TRY(unlink("ro"));
	link_of_fd(gone);
	TRY(again(gone, O_RDONLY));
	TRY(again(gone, O_RDWR));
	TRY(pipe(ends));
	TRY(again(ends[0], O_RDONLY | O_NONBLOCK));
	TRY(again(ends[1], O_WRONLY | O_NONBLOCK));
	TRY(open("/dev/fd/3", O_RDONLY) > 0);
	TRY(open("/dev/stdin", O_RDONLY) > 0);
	TRY(read(open("/proc/self", O_RDONLY), &byte, 1));
	TRY(open("/proc", O_RDWR | O_TMPFILE, 0600));
	TRY(open("/dev/pts", O_RDWR | O_TMPFILE, 0600));
}

static void tree(void)
{
	static const char *const each[] = {
		"/proc", "/proc/", "/proc/self", "/proc/self/", "/proc/self/fd", "/proc/self/fd/0", "/proc/self/exe", "/proc/cpuinfo", "/proc/cpuinfo/",
		"/proc/cpuinfo/x", "/proc/missing", "/proc/self/missing", "/proc/0", "/proc/00", "/proc/-1", "/proc/99999999999999999999", "/proc/self/task",
		"/proc/sys/kernel", "/proc/self/cwd/moved", "/proc/self/root/proc/self/root/proc", "/proc/self/../self/fd", "/proc/../proc/self/comm",
	};
	struct stat st;
	struct dirent *e;
	DIR *d = opendir("/proc/self");
	int self = 0, found = 0;

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		if (told("lstat %s", lstat(each[i], &st), each[i]) == 0)
			say("%o\n", st.st_mode);
		if (told("stat %s", stat(each[i], &st), each[i]) == 0 && !strstr(each[i], "fd/0") && !strstr(each[i], "exe"))
			say("%o\n", st.st_mode);
	}
	while (d && (e = readdir(d)))
		found += (!strcmp(e->d_name, "fd") && e->d_type == DT_DIR) + (!strcmp(e->d_name, "exe") && e->d_type == DT_LNK) +
			 (!strcmp(e->d_name, "stat") && e->d_type == DT_REG);
	say("of fd, exe, stat: %d\n", found);
	d = opendir("/proc");
	while (d && (e = readdir(d)))
		self += !strcmp(e->d_name, "self") || atoi(e->d_name) == getpid();
	say("self and pid: %d\n", self);
	d = opendir("/proc/self/fd");
	found = 0;
	while (d && (e = readdir(d)))
		found += !strcmp(e->d_name, "0") || !strcmp(e->d_name, "1") || atoi(e->d_name) == dirfd(d);
	say("descriptors: %d\n", found);
	TRY(open("/proc/version", O_RDONLY | O_CREAT | O_EXCL, 0600));
	TRY(open("/proc/self", O_RDONLY | O_NOFOLLOW));
	TRY(open("/proc/self/fd", O_WRONLY));
	TRY(open("/proc/cpuinfo", O_RDONLY | O_DIRECTORY));
}

int main(void)
{
	if (!malloc(100000)) /* a heap, for what maps shows */
		return 1;
	texts();
	places();
	tree();
	return 0;
}
