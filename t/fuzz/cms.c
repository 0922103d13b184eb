/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "trust/cms.h"

FUZZ(cms)
{
	const char *why = NULL;
	struct cms cms;

	if (cms_read(&cms, span_of(data, size), &why))
		FUZZ_MUST(why != NULL);
	else
		FUZZ_MUST(cms.ncertificates <= CMS_MAX_CERTIFICATES &&
			  cms.signature.p >= data &&
			  cms.signature.p + cms.signature.n <= data + size);
}
