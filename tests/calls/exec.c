/* calls: execve execveat; runs: "" "again a b" "twin" "fd" "fdscript" "at" "atscript" "threads" "script" "env" "big" */
#include "say.h"

#include <pthread.h>

static void show(int argc, char **argv, char **envp)
{
	for (int i = 1; i < argc; i++)
		say("argument %d: %s\n", i, argv[i]);
	for (int i = 0; envp[i]; i++)
		say("environment %d: %s\n", i, envp[i]);
}

static void errors(char *self)
{
	char *argv[] = { self, NULL }, *envp[] = { NULL };
	static char longest[200000];

	CALL(execve, "absent", argv, envp);
	CALL(execve, "", argv, envp);
	CALL(execve, "dir", argv, envp);
	CALL(execve, "file", argv, envp);
	CALL(execve, "file/x", argv, envp);
	CALL(execve, BAD, argv, envp);
	CALL(execve, self, BAD, envp);
	CALL(execve, self, argv, BAD);
	CALL(execve, KERNEL_HALF, argv, envp);
	CALL(execve, self, ((char *[]){ self, BAD, NULL }), envp);
	memset(longest, 'x', sizeof longest - 1);
	CALL(execve, self, ((char *[]){ self, longest, NULL }), envp);
	CALL(execve, longest, argv, envp);
	CALL(execveat, NO_FD, "", argv, envp, AT_EMPTY_PATH);
	CALL(execveat, NO_FD, "x", argv, envp, 0l);
	CALL(execveat, (long)AT_FDCWD, "", argv, envp, 0l);
	CALL(execveat, (long)AT_FDCWD, "absent", argv, envp, 0l);
	CALL(execveat, (long)AT_FDCWD, "file", argv, envp, 0x4l);
	TRY(open("junk", O_CREAT | O_WRONLY, 0755));
	TRY(write(3, "\x7f" "ELF and no more", 16));
	TRY(close(3));
	CALL(execve, "junk", argv, envp);
	TRY(open("no_interpreter", O_CREAT | O_WRONLY, 0755));
	TRY(write(3, "#!/none/such\n", 13));
	TRY(close(3));
	CALL(execve, "no_interpreter", argv, envp);
	TRY(open("text", O_CREAT | O_WRONLY, 0755));
	TRY(write(3, "just text\n", 10));
	TRY(close(3));
	CALL(execve, "text", argv, envp);
}

/* What is open, and marked so, is closed; what was caught is not; what was ignored stays so; the mask stays. */
static void keep(char *self)
{
	sigset_t set;

	TRY(open("file", O_RDONLY | O_CLOEXEC));
	TRY(open("file", O_RDONLY));
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, (sighandler_t)show);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	TRY(sigprocmask(SIG_BLOCK, &set, NULL));
	TRY(umask(077));
	TRY(chdir("dir"));
	TRY(execve(self, (char *[]){ self, "kept", NULL }, (char *[]){ NULL }));
}

static void kept(void)
{
	struct sigaction action;
	sigset_t set;
	char name[200];

	TRY(lseek(3, 0, SEEK_CUR));
	TRY(lseek(4, 0, SEEK_CUR));
	TRY(sigaction(SIGUSR1, NULL, &action));
	say("ignored: %d\n", action.sa_handler == SIG_IGN);
	TRY(sigaction(SIGUSR2, NULL, &action));
	say("default: %d\n", action.sa_handler == SIG_DFL);
	TRY(sigprocmask(SIG_BLOCK, NULL, &set));
	say("blocked: %d\n", sigismember(&set, SIGHUP));
	say("umask: %03o\n", umask(0));
	say("directory: %s\n", strrchr(getcwd(name, sizeof name), '/'));
}

static void *wait_for_ever(void *unused)
{
	pause();
	return unused;
}

static void *exec_here(void *self)
{
	TRY(execve(self, (char *[]){ self, "again", "from a thread", NULL }, (char *[]){ NULL }));
	return NULL;
}

static void threads(char *self)
{
	pthread_t t;

	for (int i = 0; i < 3; i++)
		pthread_create(&t, NULL, wait_for_ever, NULL);
	pthread_create(&t, NULL, exec_here, self);
	pthread_join(t, NULL);
}

static void write_script(char *self)
{
	char text[300];
	int n = snprintf(text, sizeof text, "#! %s again\n", self);

	TRY(open("script", O_CREAT | O_WRONLY, 0755));
	say("written: %d\n", write(3, text, (size_t)n) == n);
	TRY(close(3));
}

static void script(char *self)
{
	write_script(self);
	TRY(execve("script", (char *[]){ "its name is lost", "one", "two", NULL }, (char *[]){ "A=1", NULL }));
}

/* Its interpreter opens it by that name. */
static void script_by_descriptor(char *self, const char *open_name, const char *name)
{
	write_script(self);
	TRY(open(open_name, O_RDONLY));
	CALL(execveat, 3l, name, ((char *[]){ "its name is lost", "one", NULL }), ((char *[]){ NULL }), (long)AT_EMPTY_PATH);
}

static void at(char *self)
{
	TRY(symlink(self, "dir/link"));
	TRY(open("dir", O_RDONLY | O_DIRECTORY));
	CALL(execveat, 3l, "link", ((char *[]){ "x", "again", NULL }), ((char *[]){ NULL }), (long)AT_SYMLINK_NOFOLLOW);
	CALL(execveat, 3l, "link", ((char *[]){ "x", "again", "by directory", NULL }), ((char *[]){ NULL }), 0l);
}

static void big(char *self)
{
	static char word[100000];
	char *argv[] = { self, "counted", word, word, word, word, word, word, word, word, word, NULL };

	memset(word, 'w', sizeof word - 1);
	TRY(execve(self, argv, (char *[]){ NULL }));
}

int main(int argc, char **argv, char **envp)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char **nothing = argc > 100 ? argv : NULL;
	const char *what = argc > 1 ? argv[1] : "";

	self[n > 0 ? n : 0] = 0;
	if (!*what)
		errors(self), keep(self);
	else if (!strcmp(what, "again"))
		say("argv[0] begins with a slash or is x: %d\n", *argv[0] == '/' || *argv[0] == 'x'), show(argc, argv, envp);
	else if (!strcmp(what, "kept"))
		kept();
	else if (!strcmp(what, "twin"))
		TRY(execve(self, (char *[]){ self, "again", "", "x y", NULL }, (char *[]){ "A=1", "B=", NULL }));
	else if (!strcmp(what, "fd"))
		TRY(open(self, O_RDONLY)), TRY(fexecve(3, (char *[]){ "x", "again", "by descriptor", NULL }, (char *[]){ NULL }));
	else if (!strcmp(what, "at"))
		at(self);
	else if (!strcmp(what, "fdscript"))
		script_by_descriptor(self, "script", "");
	else if (!strcmp(what, "atscript"))
		script_by_descriptor(self, ".", "script");
	else if (!strcmp(what, "threads"))
		threads(self);
	else if (!strcmp(what, "script"))
		script(self);
	else if (!strcmp(what, "env"))
		TRY(execve(self, nothing, nothing));
	else if (!strcmp(what, "big"))
		big(self);
	else
		say("%s: %d words\n", what, argc);
	return 3;
}
