/* tests/harness/unit.h: the unit tests of a folder are one program, build/KIND/unit/FOLDER.
 *
 * The Makefile compiles each file's main as NAME_main and generates the table below. The program
 * prints the names without an argument and runs one file of tests with its name as the first. */
#ifndef HARNESS_UNIT_H
#define HARNESS_UNIT_H

struct unit {
	const char *name; /* of the file, without ".c" */
	int (*run)(void);
};

/* Generated; ends with a row whose name is NULL. */
extern const struct unit units[];

/* The arguments after the name; ends with NULL. */
extern char **unit_arguments;

#endif
