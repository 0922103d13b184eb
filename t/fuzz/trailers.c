/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "git/trailers.h"

FUZZ(trailers)
{
	struct span message = span_of(data, size);
	struct trailers plain, divided;
	struct err e = {0};
	size_t i, at = 0;

	trailers_init(&plain);
	trailers_init(&divided);
	if (!trailers_parse(&plain, message, TRAILERS_NO_DIVIDER, 1000, &e) &&
	    !trailers_parse(&divided, message, TRAILERS_DIVIDER, 1000, &e)) {
		for (i = 0; i < plain.n; i++)
			trailers_same_for(&plain, &divided, plain.v[i].key);
		trailers_find(&plain, "signed-off-by", &at);
	}
	trailers_release(&plain);
	trailers_release(&divided);
}
