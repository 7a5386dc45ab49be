/* accident: calls functions whose instructions have bytes that must not be executed; says what they return. */
#include <stdio.h>
#include <unistd.h>

typedef long function(long);

function parted, relative, skips, calls, words, asks;

int main(void)
{
	for (long i = 0; i < 40; i++)
		printf("%ld: %ld %ld %ld %ld %ld %d\n", i, parted(i), relative(i), skips(i % 2), calls(i), words(i), asks(i) == getpid());
	return 0;
}
