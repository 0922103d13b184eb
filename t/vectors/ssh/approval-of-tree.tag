object 1234567890abcdef1234567890abcdef12345678
type tree
tag approval
tagger Alice <alice@example.com> 1767225600 +0000

Approve refs/heads/main

Approves-ref: refs/heads/main
Repository: payments/api
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgkvmbNFdeLxRjl58FEj5wP8jaGh
tmBdW1QiIvMVXjEO0AAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
AAAAQFnm6iH3rs52mFitZ+PqWnkYXwSQpLkG/cZbB37TB1LgDVwmgKzPg/uMbdP7SK/Mk6
xlKCGjsh07WsRYB5KVnwM=
-----END SSH SIGNATURE-----
