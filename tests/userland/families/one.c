#include <stdio.h>
#include <stdlib.h>
#include "two.h"

int main(int argc, char **argv)
{
	printf("%d\n", twice(argc > 1 ? atoi(argv[1]) : 0));
	return 4;
}
