#!/usr/bin/env bash
# Sends a message over HTTP, with its documents as files of the same form:
#
#     send.sh MESSAGE.json [ID=FILE]…
#
# DOORS is the address of the hub, TOKEN_FILE holds the token. Exit code 0: the hub has it.
# On stdout is the hub's answer: the id, or what is wrong and where.
set -euo pipefail

form=(-F "message=@$1;type=application/json")
shift
for document in "$@"; do
    form+=(-F "${document%%=*}=@${document#*=}")
done
# The token goes in by a file, since arguments can be read by everybody on the machine.
curl --silent --show-error --fail-with-body --max-time 120 --retry 5 \
    -H @<(printf 'Authorization: Bearer %s' "$(cat "$TOKEN_FILE")") \
    "${form[@]}" "$DOORS/submissions"
echo
