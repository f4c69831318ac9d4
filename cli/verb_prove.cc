// The verbs of *Prove*: verify, checkpoint, prove, leaks, backup, export, import.

#include "cli/verb_backup.h"
#include "cli/verb_checkpoint.h"
#include "cli/verb_export.h"
#include "cli/verb_import.h"
#include "cli/verb_leaks.h"
#include "cli/verb_verify.h"
#include "cli/verbs.h"

namespace epu {

void AddProveVerbs(Verbs& verbs) {
  verbs.Add<VerifyArguments>(
      {"verify", VerbGroup::kProve, "the log is whole, and the one that was written",
       "  epumgmt verify                            checksums, sequence, times, stored hashes\n"
       "  epumgmt verify --checkpoint old.ckpt      and it only grew since that was signed\n"
       "  epumgmt verify --proof 18181.tlog-proof --key epu/k3f9+1a2b3c4d+AX...\n"
       "  epumgmt --log /mnt/copy/log verify --json\n"},
      &BindVerify, &RunVerify);
  verbs.Add<CheckpointArguments>(
      {"checkpoint", VerbGroup::kProve, "what the log is, signed: keep it elsewhere",
       "  epumgmt checkpoint                        print it\n"
       "  epumgmt checkpoint --write /mnt/elsewhere/k3f9.ckpt\n"
       "  epumgmt checkpoint --at 09:12\n"
       "  epumgmt checkpoint --public-key           the key that verifies it\n"
       "  epumgmt checkpoint --new-key              another key from now on\n"},
      &BindCheckpoint, &RunCheckpoint);
  verbs.Add<ProveArguments>(
      {"prove", VerbGroup::kProve,
       "that an event is in the log, or that it only grew, for who has not the log",
       "  epumgmt prove 18181 >18181.tlog-proof\n"
       "  epumgmt prove 18181 --checkpoint old.ckpt by one that was signed before\n"
       "  epumgmt verify --proof 18181.tlog-proof\n"
       "  epumgmt prove --since old.ckpt >growth\n"
       "  epumgmt verify --proof growth --checkpoint old.ckpt\n"},
      &BindProve, &RunProve);
  verbs.Add<LeaksArguments>(
      {"leaks", VerbGroup::kProve, "the ledger of machines: what was opened and is not gone",
       "  epumgmt leaks\n  epumgmt leaks --check     exit 4 while any is open, as after killrun "
       "none is\n"
       "  epumgmt leaks --at 09:12 --json\n"},
      &BindLeaks, &RunLeaks);
  verbs.Add<BackupArguments>(
      {"backup", VerbGroup::kProve, "a copy of the log, while it is being written",
       "  epumgmt backup /mnt/backup/2026-11-22\n"
       "  epumgmt --log /mnt/backup/2026-11-22 status\n"
       "A server that is started on it has to be told what it is to the old one: epud --take-over\n"
       "or --new-identity.\n"},
      &BindBackup, &RunBackup);
  verbs.Add<ExportArguments>(
      {"export", VerbGroup::kProve, "events for other programs: a CloudEvent a line",
       "  epumgmt export > log.ndjson\n"
       "  epumgmt export crunch --kind decision --from 2h | jq .data.reason\n"
       "  epumgmt export --at 2026-11-22T09:12:00Z --output then.ndjson\n"
       "  epumgmt export --sqlite run.db && sqlite3 run.db \\\n"
       "    'SELECT epu, count(*), sum(launches) FROM decisions GROUP BY epu'\n"
       "  epumgmt export crunch --slice --from 09:00 --to 09:40 -o incidents/rush.slice\n"},
      &BindExport, &RunExport);
  verbs.Add<ImportArguments>(
      {"import", VerbGroup::kProve, "a log anew from an export, record by record",
       "  epumgmt import log.ndjson --log /mnt/again\n"
       "  zcat log.ndjson.gz | epumgmt import - --log /mnt/again\n"},
      &BindImport, &RunImport);
}

}  // namespace epu
