/* foundation/config/version.h: the version of this binary and its commit. The source is generated
 * into build/gen/ by scripts/gen-version. */
#ifndef CONFIG_VERSION_H
#define CONFIG_VERSION_H

/* The line in the file VERSION: a semantic version, "0.1.0" for example. */
extern const char roost_version[];
/* Twelve digits of the commit, with "-dirty" for changed files; "unknown" outside a repository. */
extern const char roost_commit[];

#endif
