object 1234567890abcdef1234567890abcdef12345678
type commit
tag approval
tagger Alice <alice@example.com> 1767225600 +0000

Approve refs/heads/main

Approves-ref: refs/heads/main
Repository: payments/api
repository: other
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgkvmbNFdeLxRjl58FEj5wP8jaGh
tmBdW1QiIvMVXjEO0AAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
AAAAQGE90i2EDfVTCUMjqixCmqw5DfE7sDhzxL3yIxTzr2gkEnIG/wQtKMVvC2NgLphVKP
LS4j/Ju65r9xd8SzzW+QY=
-----END SSH SIGNATURE-----
