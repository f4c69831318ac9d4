#!/usr/bin/env bash
# That nothing was altered: checkpoints, proofs, and what verify finds of a log that somebody rewrote. Logs are damaged in
# compacted copies, where no byte lies in a dead page.
. tests/end_to_end/lib.sh
readonly ALTER=$PWD/tests/alter_log/alter_log
write_pools

# ---- A run that anchors its checkpoints elsewhere ----

mkdir "$ROOT/elsewhere"
start_epud --anchor "$ROOT/elsewhere/log.ckpt" --anchor-every 1s
expect "the key is made with the log" [ "$(stat -c %a "$ROOT/default/keys/signing/$log_id.key")" = 600 ]
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml"
expect_exit 0 "" epumgmt wait web --for stable --timeout 30s
epumgmt checkpoint >"$ROOT/early.ckpt"
seq 700 | xargs -P 4 -n 1 "$PROGRAMS/epumgmt" sensor put crunch/queue >/dev/null
expect_exit 0 "shown: sound in itself" epumgmt verify
expect_exit 0 "none of them was altered since" epumgmt verify --checkpoint "$ROOT/early.ckpt"
covers() { [ "$(sed -n 2p "$1")" -ge "$2" ]; }
await "the anchor follows the log" covers "$ROOT/elsewhere/log.ckpt" 700
expect_exit 0 "grown from the checkpoint of 20" epumgmt verify --checkpoint "$ROOT/elsewhere/log.ckpt"
tree_has() { [ "$(stat -c %s "$ROOT/default/log/tree")" -eq $((16 + 112 * $1)) ]; }
await "each full block's hash is stored" tree_has $(($(epumgmt history -q -n 1) / 256))
expect_exit 0 "stored hashes agree" epumgmt verify

# ---- The same, by nobody's word but openssl's and hashlib's ----

epumgmt checkpoint --at 21 >"$ROOT/21.ckpt"
for sequence in $(seq 21); do epumgmt prove "$sequence" --json; done >"$ROOT/records"
cat >"$ROOT/judge.py" <<'PYTHON'
"""Takes a checkpoint, a verifier key and proofs apart: the root of their records; files for openssl."""
import base64, hashlib, json, sys
note, key, records, out = open(sys.argv[1]).read(), sys.argv[2], open(sys.argv[3]), sys.argv[4]
def tree(leaves):
    if len(leaves) == 1: return hashlib.sha256(b"\0" + leaves[0]).digest()
    left = 1
    while left * 2 < len(leaves): left *= 2
    return hashlib.sha256(b"\1" + tree(leaves[:left]) + tree(leaves[left:])).digest()
leaves = [base64.b64decode(json.loads(line)["record"]) for line in records]
text, signatures = note.split("\n\n")
origin, size, root = text.split("\n")[:3]
assert int(size) == len(leaves) and base64.b64decode(root) == tree(leaves), "another root"
name, identity, public = key.split("+", 2)
public = base64.b64decode(public)
assert name == origin and public[0] == 1
assert hashlib.sha256(name.encode() + b"\n" + public).hexdigest()[:8] == identity
dash, signer, signature = signatures.strip().split(" ")
signature = base64.b64decode(signature)
assert dash == "\u2014" and signer == name and signature[:4].hex() == identity
open(out + ".text", "w").write(text + "\n")
open(out + ".signature", "wb").write(signature[4:])
der = bytes.fromhex("302a300506032b6570032100") + public[1:]
open(out + ".pem", "w").write(f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n")
PYTHON
expect_exit 0 "" python3 "$ROOT/judge.py" "$ROOT/21.ckpt" "$(epumgmt checkpoint --public-key)" "$ROOT/records" "$ROOT/21"
expect_exit 0 "Signature Verified Successfully" openssl pkeyutl -verify -rawin -pubin -inkey "$ROOT/21.pem" \
  -in "$ROOT/21.text" -sigfile "$ROOT/21.signature"
echo "x" >>"$ROOT/21.text"
expect_exit 1 "" openssl pkeyutl -verify -rawin -pubin -inkey "$ROOT/21.pem" -in "$ROOT/21.text" -sigfile "$ROOT/21.signature"

# ---- Proofs, for who has nothing but the file and the key ----

key=$(epumgmt checkpoint --public-key)
elsewhere() { EPU_HOME=$ROOT/nothing "$PROGRAMS/epumgmt" "$@"; }
epumgmt prove 300 >"$ROOT/300.tlog-proof"
expect_exit 0 "300 is in the log epu/$log_id: " elsewhere verify --proof "$ROOT/300.tlog-proof" --key "$key"
expect_exit 0 '"proven":true' elsewhere verify --proof "$ROOT/300.tlog-proof" --key "$key" --json
expect_exit 4 "a key that is not known here; name it with --key" elsewhere verify --proof "$ROOT/300.tlog-proof"
expect_exit 4 "it was altered" eval 'sed "s/^index 299/index 298/" "$ROOT/300.tlog-proof" | elsewhere verify --proof /dev/stdin --key "$key"'
expect_exit 4 "is wrong: it was altered" eval 'sed "s/^time 2/time 3/" "$ROOT/300.tlog-proof" >"$ROOT/bad"; epumgmt verify --proof "$ROOT/bad"'
expect_exit 4 "it is no proof" epumgmt verify --proof "$ROOT/early.ckpt"
expect_exit 4 "it is no checkpoint" epumgmt verify --checkpoint "$ROOT/300.tlog-proof"
expect_exit 1 "it is no verifier key" epumgmt verify --key "$log_id"
expect_exit 1 "there is no event 99999" epumgmt prove 99999
expect_exit 1 "No such file" epumgmt verify --proof "$ROOT/none"
expect_exit 1 "" epumgmt verify --proof "$ROOT/300.tlog-proof" --checkpoint "$ROOT/early.ckpt"

# ---- killrun ends with the balance, signed ----

epumgmt killrun --yes --timeout 60s >"$ROOT/killrun"
expect "it is done" [ $? -eq 0 ]
expect "it says so" grep -q "^the ledger of machines: \([0-9]*\) opened, \1 ended, 0 open; signed:$" "$ROOT/killrun"
sed -n '/^epu\//,$p' "$ROOT/killrun" >"$ROOT/killrun.ckpt"
expect "and what is signed has it" grep -q "^machines \([0-9]*\) opened, \1 ended, 0 open$" "$ROOT/killrun.ckpt"
expect_exit 0 "none of them was altered since" epumgmt verify --checkpoint "$ROOT/killrun.ckpt"
sed 's/^machines [0-9]* /machines 0 /' "$ROOT/killrun.ckpt" >"$ROOT/bad"
expect_exit 4 "is wrong: it was altered" epumgmt verify --checkpoint "$ROOT/bad"
mv "$ROOT/default/keys/signing/$log_id.key" "$ROOT/key"
expect_exit 4 "there is no signed balance of it" epumgmt killrun --yes
mv "$ROOT/key" "$ROOT/default/keys/signing/$log_id.key"

# ---- What verify finds ----

epumgmt checkpoint >"$ROOT/old.ckpt"
stop_epud
expect "the last anchor covers all" covers "$ROOT/elsewhere/log.ckpt" "$(sed -n 2p "$ROOT/old.ckpt")"
head=$(sed -n 2p "$ROOT/old.ckpt")

copy() {  # copy NAME: the run, its log compacted, with what is stored of the tree.
  mkdir -p "$ROOT/$1/log"
  mdb_copy -c "$ROOT/default/log" "$ROOT/$1/log" && cp "$ROOT/default/log/tree" "$ROOT/$1/log/"
}
verify() {  # verify NAME OPTION…
  local name=$1
  shift
  epumgmt --log "$ROOT/$name" verify "$@"
}

copy whole
expect_exit 0 "grown from the checkpoint" verify whole --checkpoint "$ROOT/old.ckpt"
expect_exit 0 "" epumgmt --log "$ROOT/whole" prove 5 --checkpoint "$ROOT/old.ckpt"

copy flipped  # A byte of the data, and its checksum left.
python3 - "$ROOT/flipped/log/data.mdb" <<'PYTHON'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
place = data.index(b"preserve_n")
data[place] ^= 1
open(sys.argv[1], "wb").write(data)
PYTHON
expect_exit 4 "log/ is damaged at " verify flipped

copy altered  # A record with its checksum.
"$ALTER" "$ROOT/altered/log" 300
expect_exit 4 "log/ is damaged at 300: the record is not as stored at first" verify altered
expect_exit 4 "log/ is damaged at 300: altered after the checkpoint of 20" verify altered --checkpoint "$ROOT/old.ckpt"
expect_exit 4 "see: epumgmt verify" epumgmt --log "$ROOT/altered" prove 301 --checkpoint "$ROOT/old.ckpt"
"$ALTER" "$ROOT/altered/log" 310 700
expect_exit 4 "log/ is damaged from 257 to 512: altered after" verify altered --checkpoint "$ROOT/old.ckpt"
expect_exit 4 "log/ is damaged at 700: altered after" verify altered --checkpoint "$ROOT/old.ckpt"
rm "$ROOT/altered/log/tree"
expect_exit 0 "shown: sound in itself. Who owns this machine could have rewritten all of it" verify altered
expect_exit 0 "grown from the checkpoint" verify altered --checkpoint "$ROOT/early.ckpt"
expect_exit 4 "did not grow from the checkpoint of 20" verify altered --checkpoint "$ROOT/old.ckpt"
expect_exit 4 "\"exit\":4" verify altered --checkpoint "$ROOT/old.ckpt" --json

copy rewritten  # All of it, by who may also store hashes and sign.
# shellcheck disable=SC2046  # A word a record.
"$ALTER" "$ROOT/rewritten/log" $(seq 1 "$head")
rm "$ROOT/rewritten/log/tree"
expect_exit 0 "sound in itself" verify rewritten
expect_exit 4 "did not grow from" verify rewritten --checkpoint "$ROOT/early.ckpt"
expect_exit 4 "left as it is" epumgmt --log "$ROOT/rewritten" checkpoint --write "$ROOT/elsewhere/log.ckpt"

copy cut
"$ALTER" "$ROOT/cut/log" --cut $((head - 3))
expect_exit 4 "log/ is cut short: the checkpoint of 20" verify cut --checkpoint "$ROOT/old.ckpt"
expect_exit 0 "sound in itself" verify cut
"$ALTER" "$ROOT/cut/log" --cut 500
expect_exit 4 "log/ is cut short: hashes of " verify cut

copy untreed  # What is stored of the tree is only helped by being right.
printf 'x' | dd of="$ROOT/untreed/log/tree" bs=1 seek=20 conv=notrunc status=none
expect_exit 0 "sound in itself" verify untreed
expect_exit 0 "grown from" verify untreed --checkpoint "$ROOT/old.ckpt"

# ---- Another key, and another log ----

new=$(epumgmt checkpoint --new-key)
expect "it is another" [ "$new" != "$key" ]
expect_exit 0 "grown from" epumgmt verify --checkpoint "$ROOT/old.ckpt"
expect_exit 4 "not known here" epumgmt verify --checkpoint "$ROOT/old.ckpt" --key "$new"
expect_exit 4 "not known here" eval 'epumgmt checkpoint >"$ROOT/new.ckpt"; epumgmt verify --checkpoint "$ROOT/new.ckpt" --key "$key"'
EPU_RUN=other start_epud
expect_exit 4 "the checkpoint is of another log" epumgmt --run other verify --checkpoint "$ROOT/old.ckpt" --key "$key"
stop_epud

# ---- A damaged tree is made anew ----

rm "$ROOT/default/log/tree"
start_epud
await "the tree, anew" tree_has $((head / 256))
expect_exit 0 "agree" epumgmt verify --checkpoint "$ROOT/old.ckpt"
