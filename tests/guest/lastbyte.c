/* lastbyte FILE: maps it to be executed, and calls its last byte. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	struct stat st;
	char *p;

	if (argc != 2 || stat(argv[1], &st) != 0 || st.st_size == 0)
		return 2;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_EXEC, MAP_PRIVATE, open(argv[1], O_RDONLY), 0);
	if (p == MAP_FAILED)
		return 2;
	((void (*)(void))(p + st.st_size - 1))();
	puts("it returned");
	return 0;
}
