/* The file behind physical memory, for the MMU alone. */
extern int phys_file;
#define PHYS_USER_PAGE 0ul
