object 1234567890abcdef1234567890abcdef12345678
type commit
tag approval
tagger Alice <alice@example.com> 1767225600 +0000

Approve refs/heads/main

Approves-ref: refs/heads/main
Repository: payments/api

One more paragraph.
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgkvmbNFdeLxRjl58FEj5wP8jaGh
tmBdW1QiIvMVXjEO0AAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
AAAAQCbjnUfGLcrJxosYRHBdH7ZVxITVmBtHuA7KSolFgsqSsH01cMJob+i+O5PobPzuQs
qPp6BRDUDA0KOtwdWQ9Ao=
-----END SSH SIGNATURE-----
