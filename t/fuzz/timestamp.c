/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "ledger/timestamp.h"

/* An authority that vouches for who made the seeds. */
static const char ca[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBcDCCARegAwIBAgIUbBRDmkxBZ6nGIsMrR/KPAZyq9O8wCgYIKoZIzj0EAwIw\n"
	"DTELMAkGA1UEAwwCY2EwIBcNMjYxMTIwMTMzODA1WhgPMjEyNjEwMjcxMzM4MDVa\n"
	"MA0xCzAJBgNVBAMMAmNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEoE0he5WP\n"
	"2txnwka1q85nJYN3cSyFG1RFMEJG8PpAXJFeLEtPLg0cqvGLcT3qVkE9mg96Esh7\n"
	"X6tJoabYBPKAuqNTMFEwHQYDVR0OBBYEFFlFrhSTZjnVHRYuDYyaRxpuCf9wMB8G\n"
	"A1UdIwQYMBaAFFlFrhSTZjnVHRYuDYyaRxpuCf9wMA8GA1UdEwEB/wQFMAMBAf8w\n"
	"CgYIKoZIzj0EAwIDRwAwRAIgPpS4U7qvp4PSV40Xncb4ax54rRaYUodDyz+3Vm8u\n"
	"OCYCID2By5wEvOqQJ7rwARrOIfGC8HYz8D1d7Ud7wOEihkXQ\n"
	"-----END CERTIFICATE-----\n";

FUZZ(timestamp)
{
	struct err e = {0};
	int64_t ms = 0;

	/* of these bytes only the seed as it is can be */
	if (!timestamp_check(span_str("some bytes"), span_of(data, size),
			     span_str(ca), &ms, &e))
		FUZZ_MUST(ms > 0);
	FUZZ_MUST(timestamp_check(span_str("others"), span_of(data, size),
				  span_str(ca), &ms, &e));
}
