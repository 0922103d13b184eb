object 1234567890abcdef1234567890abcdef12345678
type commit
tag approval
tagger Alice <alice@example.com> 1767225600 +0000

Approve refs/heads/main

Approves-ref: refs/heads/main
Approves-ref: refs/heads/dev
Repository: payments/api
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgkvmbNFdeLxRjl58FEj5wP8jaGh
tmBdW1QiIvMVXjEO0AAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
AAAAQD2aZ2Af6kI+Z1GSw/LlN9kgV+gWXRgeTd1rUTQGm2PkKMSCriUtDLHvxi2k3q5i7x
hBNF2DtXqczrBgKDjTjww=
-----END SSH SIGNATURE-----
