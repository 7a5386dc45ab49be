#include <stdint.h>

/* Physical memory as the rest of the machine knows it: the file behind it, for the MMU alone; */
extern int phys_file;
#define PHYS_USER_PAGE 0ul
void phys_forget_jump(uintptr_t to); /* after a fault there, of an instruction fetch */
