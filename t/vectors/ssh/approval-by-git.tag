object a12a5ff08796b184a13b4e1952a2f84a6127c022
type commit
tag approval
tagger Alice <alice@example.com> 1795166456 +0000

Approve refs/heads/main

Approves-ref: refs/heads/main
Approves-diff: sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
Repository: payments/api
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgkvmbNFdeLxRjl58FEj5wP8jaGh
tmBdW1QiIvMVXjEO0AAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
AAAAQMniI3IduKNyh9jvXMPivhoTuqHATp2XC2CeLTr8+n9GryTdt02kowuYXZfwxpYjvd
GOuL2XLexINml50VPw8wE=
-----END SSH SIGNATURE-----
