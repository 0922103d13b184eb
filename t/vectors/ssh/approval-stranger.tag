object 1234567890abcdef1234567890abcdef12345678
type commit
tag approval
tagger Alice <alice@example.com> 1767225600 +0000

Approve refs/heads/main

Approves-ref: refs/heads/main
Approves-diff: sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
Repository: payments/api
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgyxlvaRygjfvhru8bAl47+0S2r0
/oqTk7Lubzjo7s/3wAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
AAAAQJrfIiCAAHLthzA9Dwv+0ew4nTNoz1hFZ6dQqeLpSwZkT1lkC9XNwiNNUlb+iLVzp+
V8tLMR8hDvqy+GyNBXgwE=
-----END SSH SIGNATURE-----
