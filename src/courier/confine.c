/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/confine.h"

#include "sys/files.h"
#include "sys/landlock.h"

/* What libraries read to find a host and to trust it. */
static const char *const of_the_system[] = {
	"/etc",	  "/usr",	"/lib",
	"/lib64", "/run",	"/dev",
	"/proc",  "/nix/store", "/var/lib/ca-certificates"};

/* Of the ledger. */
static const struct landlock_path within[] = {
	{"format", false}, {"state", false}, {"segments", false},
	{"sealed", false}, {"locks", false}, {"cursors", true},
	{"anchors", true},
};

enum {
	N_SYSTEM = sizeof(of_the_system) / sizeof(of_the_system[0]),
	N_WITHIN = sizeof(within) / sizeof(within[0]),
	N_FILES = 2 /* of authorities */
};

int confine_anchoring(const struct anchoring *a, struct err *e)
{
	struct landlock_path paths[N_SYSTEM + N_WITHIN + N_FILES] = {
		{NULL, false}};
	char of_ledger[N_WITHIN][FILE_MAX_PATH];
	size_t i, n = 0;
	int abi, rc = 0;

	for (i = 0; i < N_SYSTEM; i++)
		paths[n++].path = of_the_system[i];
	for (i = 0; !rc && i < N_WITHIN; i++) {
		rc = file_join(a->ledger_dir, within[i].path, of_ledger[i], e);
		paths[n].path = of_ledger[i];
		paths[n++].write = within[i].write;
	}
	paths[n++].path =
		a->witness ? a->witness->ca_file : a->stamper->ca_file;
	paths[n++].path = a->witness ? NULL : a->stamper->ca;
	return rc ? rc : landlock_confine_files(paths, n, &abi, e);
}

int confine_getting(const char *ca_file, struct err *e)
{
	struct landlock_path paths[N_SYSTEM + 1] = {{NULL, false}};
	size_t i;
	int abi;

	for (i = 0; i < N_SYSTEM; i++)
		paths[i].path = of_the_system[i];
	paths[i].path = ca_file;
	return landlock_confine_files(paths, N_SYSTEM + 1, &abi, e);
}
