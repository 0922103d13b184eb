object 1234567890abcdef1234567890abcdef12345678
type commit
tag approval
tagger Alice <alice@example.com> 1767225600 +0000

Approve refs/heads/main

Approves-ref: refs/heads/main
Approves-diff: sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
Repository: payments/api
Change: CHG0012345
-----BEGIN PGP SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgkvmbNFdeLxRjl58FEj5wP8jaGh
tmBdW1QiIvMVXjEO0AAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
AAAAQPKYz1iu4eOpWESs3U7LOCJFnw6mkl5VrHDXHm5CwAvFb17HP/AbBw15W4P+yjyLnw
pZh5NvdRhjRN/pe38Fxwc=
-----END PGP SIGNATURE-----
