/* main/version.h: which commit this binary was built from. */
#ifndef MAIN_VERSION_H
#define MAIN_VERSION_H

/* What `git describe` says, "v1.2-3-g0123456789ab" say; "unknown" outside a repository. The
 * source is generated into build/gen/ by scripts/gen-version. */
extern const char roost_version[];

#endif
