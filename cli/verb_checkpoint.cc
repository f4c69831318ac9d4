#include "cli/verb_checkpoint.h"

#include <ostream>
#include <vector>

#include <fmt/format.h>

#include "cli/checkpoints.h"
#include "cli/input_file.h"
#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/run_keys.h"
#include "eventlog/base64.h"
#include "eventlog/log_tree.h"
#include "eventlog/merkle.h"
#include "eventlog/proof.h"

namespace epu {
namespace {

// A checkpoint of the log as it was at one moment, signed.
struct Made {
  Checkpoint checkpoint;
  SigningKey key;
  std::string note;
};

absl::StatusOr<Made> MakeCheckpoint(Context& context, const View& view,
                                    const std::vector<Block>& stored) {
  const std::string& log_id = view.fold.state.log_id;
  if (log_id.empty()) return absl::NotFoundError("there is no event to sign yet");
  absl::StatusOr<SigningKey> key = RunSigner(context, log_id);
  if (!key.ok()) return key.status();
  absl::StatusOr<Checkpoint> checkpoint =
      CheckpointAt(*view.log, log_id, view.fold.position, stored);
  if (!checkpoint.ok()) return checkpoint.status();
  std::string note = SignNote(FormatCheckpoint(*checkpoint), *key);
  return Made{*std::move(checkpoint), *std::move(key), std::move(note)};
}

// Prints the key that verifies; with `renew` of a new one.
Exit ShowKey(Context& context, const std::string& log_id, bool renew) {
  const absl::StatusOr<SigningKey> key =
      renew ? RunKeys(context).Make(log_id) : RunSigner(context, log_id);
  if (!key.ok()) return context.Fail(key.status());
  const std::string verifier = FormatVerifierKey(VerifierOf(*key));
  if (context.GetOptions().json) {
    context.Out() << ToLine({{"origin", key->name}, {"verifier_key", verifier}, {"renewed", renew}})
                  << "\n";
  } else {
    context.Out() << verifier << "\n";
  }
  return Exit::kDone;
}

Json MadeJson(const Made& made, const std::string& written) {
  return {{"origin", made.checkpoint.origin},
          {"size", made.checkpoint.size},
          {"root", ToBase64(made.checkpoint.root)},
          {"time", TextOrNull(FurtherOf(made.checkpoint, "time"))},
          {"checkpoint", made.note},
          {"verifier_key", FormatVerifierKey(VerifierOf(made.key))},
          {"written", TextOrNull(written)}};
}

// The checkpoint that `file` has, of this log by who signed it and by what it covers.
absl::StatusOr<std::string> ReadOwn(Context& context, const EventLog& log, const std::string& file,
                                    const std::vector<Block>& stored, Checkpoint& checkpoint) {
  absl::StatusOr<std::string> text = ReadInput(context, file);
  if (!text.ok()) return text.status();
  const auto fail = [&](const absl::Status& status) {
    return absl::Status(status.code(),
                        fmt::format("{}: {}", InputName(file), std::string(status.message())));
  };
  const absl::StatusOr<Note> note = ParseNote(*text);
  if (!note.ok()) return fail(note.status());
  const absl::StatusOr<Checkpoint> parsed = ParseCheckpoint(note->text);
  if (!parsed.ok()) return fail(parsed.status());
  if (absl::Status grown = CheckGrownFrom(log, *parsed, stored); !grown.ok()) return fail(grown);
  checkpoint = *parsed;
  return text;
}

absl::StatusOr<Record> ReadRecord(const EventLog& log, Sequence sequence) {
  Record record;
  const auto seen =
      log.Visit(sequence - 1, ReadLimit{.records = 1}, [&](Sequence, RecordView view) {
        record.assign(view.begin(), view.end());
        return false;
      });
  if (!seen.ok()) return seen.status();
  return record;
}

// `checkpoint` is signed, and covers it.
absl::StatusOr<Proof> MakeProof(const EventLog& log, Sequence sequence, Sequence size,
                                std::string checkpoint, const std::vector<Block>& stored) {
  if (sequence > size) {
    return absl::NotFoundError(
        fmt::format("the checkpoint covers {} events, and {} is not among them", size, sequence));
  }
  const absl::StatusOr<LogTree> tree = ReadLogTree(log, size, stored);
  if (!tree.ok()) return tree.status();
  absl::StatusOr<std::vector<Hash>> path = PathOf(log, *tree, sequence);
  if (!path.ok()) return path.status();
  absl::StatusOr<Record> record = ReadRecord(log, sequence);
  if (!record.ok()) return record.status();
  return Proof{*std::move(record), sequence, *std::move(path), std::move(checkpoint)};
}

Exit PrintProof(Context& context, const Proof& proof) {
  if (!context.GetOptions().json) {
    context.Out() << FormatProof(proof);
    return Exit::kDone;
  }
  Json json = {{"sequence", proof.sequence}, {"record", ToBase64(BytesOf(proof.record))}};
  json["path"] = Json::array();
  for (const Hash& hash : proof.path) json["path"].push_back(ToBase64(hash));
  json["checkpoint"] = proof.checkpoint;
  json["proof"] = FormatProof(proof);
  context.Out() << ToLine(json) << "\n";
  return Exit::kDone;
}

Exit ProveEvent(Context& context, const ProveArguments& arguments, const View& view,
                const std::vector<Block>& stored) {
  const absl::StatusOr<Sequence> sequence = ParseSequence(arguments.sequence);
  if (!sequence.ok()) return context.Fail(sequence.status());
  if (*sequence > view.fold.position) {
    return context.Fail(Exit::kTyped, fmt::format("there is no event {}; the last is {}", *sequence,
                                                  view.fold.position));
  }
  Checkpoint checkpoint;
  std::string note;
  if (arguments.checkpoint.empty()) {
    absl::StatusOr<Made> made = MakeCheckpoint(context, view, stored);
    if (!made.ok()) return context.Fail(made.status());
    checkpoint = std::move(made->checkpoint);
    note = std::move(made->note);
  } else {
    absl::StatusOr<std::string> read =
        ReadOwn(context, *view.log, arguments.checkpoint, stored, checkpoint);
    if (!read.ok()) return context.Fail(read.status());
    note = *std::move(read);
  }
  const absl::StatusOr<Proof> proof =
      MakeProof(*view.log, *sequence, checkpoint.size, std::move(note), stored);
  if (!proof.ok()) return context.Fail(proof.status());
  return PrintProof(context, *proof);
}

// A path from any size takes the hash of every record, not of the blocks alone.
Exit ProveGrowth(Context& context, const std::string& since, const View& view,
                 const std::vector<Block>& stored) {
  Checkpoint older;
  const absl::StatusOr<std::string> read = ReadOwn(context, *view.log, since, stored, older);
  if (!read.ok()) return context.Fail(read.status());
  if (older.size == 0) return context.Fail(Exit::kTyped, since + " covers no record");
  const absl::StatusOr<Made> made = MakeCheckpoint(context, view, stored);
  if (!made.ok()) return context.Fail(made.status());
  const absl::StatusOr<std::vector<Hash>> leaves = HashRecords(*view.log, 0, made->checkpoint.size);
  if (!leaves.ok()) return context.Fail(leaves.status());
  const Growth growth{older.size, ConsistencyPath(older.size, *leaves), made->note};
  if (absl::Status checked = CheckGrowth(growth, older, made->checkpoint); !checked.ok()) {
    return context.Fail(checked);
  }
  if (!context.GetOptions().json) {
    context.Out() << FormatGrowth(growth);
    return Exit::kDone;
  }
  Json json = {{"old_size", growth.old_size}};
  json["path"] = Json::array();
  for (const Hash& hash : growth.path) json["path"].push_back(ToBase64(hash));
  json["checkpoint"] = growth.checkpoint;
  json["proof"] = FormatGrowth(growth);
  context.Out() << ToLine(json) << "\n";
  return Exit::kDone;
}

}  // namespace

void BindCheckpoint(CLI::App& app, CheckpointArguments& arguments) {
  app.add_option("--at", arguments.at, "as of then: a time or a sequence")->type_name("TIME|SEQ");
  app.add_option("--write", arguments.write, "into this file, in place of an older one")
      ->type_name("PATH");
  CLI::Option* const shows =
      app.add_flag("--public-key", arguments.public_key, "the key that verifies, alone");
  app.add_flag("--new-key", arguments.new_key,
               "sign with a new key from now on, and print its "
               "public half")
      ->excludes(shows);
}

Exit RunCheckpoint(Context& context, const CheckpointArguments& arguments) {
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return context.Fail(log.status());
  const StoredTree tree = RunTree(context);  // Before the log, lest it be longer.
  const absl::StatusOr<View> view =
      arguments.at.empty() ? LookIntoLog(context) : LookAndFold(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  if (arguments.public_key || arguments.new_key) {
    return ShowKey(context, view->fold.state.log_id, arguments.new_key);
  }
  const absl::StatusOr<Made> made = MakeCheckpoint(context, *view, tree.blocks);
  if (!made.ok()) return context.Fail(made.status());
  if (!arguments.write.empty()) {
    const absl::Status written =
        WriteCheckpoint(arguments.write, made->checkpoint, made->key, *view->log, tree.blocks);
    if (!written.ok()) return context.Fail(written);
  }
  if (context.GetOptions().json) {
    context.Out() << ToLine(MadeJson(*made, arguments.write)) << "\n";
  } else if (arguments.write.empty()) {
    context.Out() << made->note;
  } else {
    context.Print(fmt::format("{}: {} of {} records, {}\n", arguments.write,
                              made->checkpoint.origin, made->checkpoint.size,
                              DateOf(made->checkpoint)));
  }
  return Exit::kDone;
}

void BindProve(CLI::App& app, ProveArguments& arguments) {
  app.add_option("sequence", arguments.sequence, "the event")->type_name("SEQ");
  CLI::Option* const by =
      app.add_option("--checkpoint", arguments.checkpoint,
                     "by this one, that was signed before, instead of a new one")
          ->type_name("FILE");
  app.add_option("--since", arguments.since, "that the log only grew since this checkpoint")
      ->type_name("FILE")
      ->excludes(by);
}

Exit RunProve(Context& context, const ProveArguments& arguments) {
  if (arguments.sequence.empty() == arguments.since.empty()) {
    return context.Fail(Exit::kTyped, "prove wants one of SEQ and --since FILE");
  }
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return context.Fail(log.status());
  const StoredTree tree = RunTree(context);
  const absl::StatusOr<View> view = LookIntoLog(context);
  if (!view.ok()) return context.Fail(view.status());
  return arguments.since.empty() ? ProveEvent(context, arguments, *view, tree.blocks)
                                 : ProveGrowth(context, arguments.since, *view, tree.blocks);
}

}  // namespace epu
