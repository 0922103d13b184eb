object 1234567890abcdef1234567890abcdef12345678
type commit
tag approval
tagger Alice <alice@example.com> 1767225600 +0000

Approve

Approves-ref: refs/heads/dev
Repository: payments/api
---

Approves-ref: refs/heads/main
Repository: payments/api
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgkvmbNFdeLxRjl58FEj5wP8jaGh
tmBdW1QiIvMVXjEO0AAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
AAAAQP4FjLueCxphCdtTkNNzf/mm9ZyhZ9qXzl1Hfi9Eoq7DbDE+ynpWNpbTzBogpbjkdb
ARAFMmYxDmivrViVQR4wo=
-----END SSH SIGNATURE-----
