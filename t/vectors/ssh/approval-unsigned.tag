object 1234567890abcdef1234567890abcdef12345678
type commit
tag approval
tagger Alice <alice@example.com> 1767225600 +0000

Approve refs/heads/main

Approves-ref: refs/heads/main
Approves-diff: sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
Repository: payments/api
