#include "cli/verb_verify.h"

#include <chrono>
#include <ostream>

#include <fmt/format.h>

#include "cli/checkpoints.h"
#include "cli/history_view.h"
#include "cli/input_file.h"
#include "cli/json_view.h"
#include "cli/progress_bar.h"
#include "cli/run_keys.h"
#include "cli/verify.h"
#include "eventlog/base64.h"
#include "eventlog/codec.h"
#include "eventlog/proof.h"

namespace epu {
namespace {

constexpr std::string_view kSoundInItself =
    "shown: sound in itself. Who owns this machine could have rewritten all of it; an older "
    "checkpoint that was kept elsewhere would show that (--checkpoint FILE)\n";

// The keys that were typed; without any, those of the run.
absl::StatusOr<std::vector<VerifierKey>> KnownKeys(Context& context,
                                                   const std::vector<std::string>& typed) {
  if (typed.empty()) return RunVerifiers(context);
  std::vector<VerifierKey> keys;
  for (const std::string& text : typed) {
    absl::StatusOr<VerifierKey> key = ParseVerifierKey(text);
    if (!key.ok()) {
      return absl::InvalidArgumentError(fmt::format("--key is \"{}\"; {}", EscapeAndCut(text, 80),
                                                    std::string(key.status().message())));
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

// Who does not know the key is told how to name it.
absl::Status InFile(const std::string& file, const absl::Status& status) {
  std::string message = fmt::format("{}: {}", InputName(file), std::string(status.message()));
  if (message.ends_with("not known here")) message += "; name it with --key";
  return absl::Status(status.code(), message);
}

absl::StatusOr<SignedCheckpoint> ReadCheckpoint(Context& context, const std::string& file,
                                                const std::vector<VerifierKey>& known) {
  const absl::StatusOr<std::string> text = ReadInput(context, file);
  if (!text.ok()) return text.status();
  absl::StatusOr<SignedCheckpoint> opened = OpenCheckpoint(*text, known);
  if (!opened.ok()) return InFile(file, opened.status());
  return opened;
}

Json CheckpointJson(const SignedCheckpoint& older) {
  const std::string time = FurtherOf(older.checkpoint, "time");
  return {{"origin", older.checkpoint.origin},
          {"size", older.checkpoint.size},
          {"root", ToBase64(older.checkpoint.root)},
          {"time", TextOrNull(time)},
          {"key", ShortNameOf(older.key)}};
}

Exit FailByFaults(Context& context, const Verified& verified) {
  std::string lines;
  for (const std::string& fault : verified.faults) {
    const bool of_log = fault.starts_with("damaged ") || fault.starts_with("cut short");
    lines += (of_log ? "log/ is " : "") + fault + "\n";
  }
  if (verified.faults_found > verified.faults.size()) {
    lines += fmt::format("{} faults more", verified.faults_found - verified.faults.size());
  }
  return context.Fail(Exit::kRefused, lines);
}

std::string TreeText(const Verified& verified) {
  if (!verified.root) return "";
  const std::string stored =
      verified.stored_agreeing == 0
          ? "no hash of it was stored"
          : fmt::format("{} stored hash{}", WithThousands(verified.stored_agreeing),
                        verified.stored_agreeing == 1 ? " agrees" : "es agree");
  return fmt::format("tree: root {}; {}\n", ToBase64(*verified.root), stored);
}

std::string ShownText(const std::optional<SignedCheckpoint>& older) {
  if (!older) return std::string(kSoundInItself);
  return fmt::format(
      "shown: grown from the checkpoint of {} ({} records, signed by {}): none of them was altered "
      "since\n",
      DateOf(older->checkpoint), WithThousands(older->checkpoint.size), ShortNameOf(older->key));
}

Exit VerifyLog(Context& context, const std::optional<SignedCheckpoint>& older) {
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return context.Fail(log.status());
  Evidence evidence{RunTree(context), std::nullopt};
  if (older) evidence.older = older->checkpoint;
  ProgressBar bar(context);
  const auto begun = std::chrono::steady_clock::now();
  const Verified verified = Verify(
      **log, [&](Sequence done, Sequence head) { bar.Show(done, head); }, evidence);
  bar.Clear();
  if (!verified.faults.empty()) return FailByFaults(context, verified);
  if (!verified.fault.ok()) return context.Fail(verified.fault);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (context.GetOptions().json) {
    const Json answer = {{"events", verified.events},
                         {"bytes", verified.bytes},
                         {"whole", true},
                         {"took_s", took.count()},
                         {"root", verified.root ? Json(ToBase64(*verified.root)) : Json()},
                         {"stored_hashes", verified.stored_agreeing},
                         {"shown", older ? "grown from the checkpoint" : "sound in itself"},
                         {"checkpoint", older ? CheckpointJson(*older) : Json()}};
    context.Out() << ToLine(answer) << "\n";
    return Exit::kDone;
  }
  context.Print(fmt::format(
      "{} events, {} bytes, are whole: checksums, sequence, times ({:.2f}s, {} records/s)\n",
      WithThousands(verified.events), WithThousands(verified.bytes), took.count(),
      WithThousands(static_cast<std::uint64_t>(static_cast<double>(verified.events) /
                                               std::max(took.count(), 1e-6)))));
  context.Print(TreeText(verified) + ShownText(older));
  return Exit::kDone;
}

absl::Status CheckRecord(const Proof& proof, const absl::StatusOr<Event>& event) {
  if (!event.ok()) {
    return absl::FailedPreconditionError(fmt::format("its record is no event of this version: {}",
                                                     std::string(event.status().message())));
  }
  if (event->sequence == proof.sequence) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "its record says that it is {}, and stands at {}", event->sequence, proof.sequence));
}

// That the log only grew, of two files alone.
Exit VerifyGrowth(Context& context, const std::string& file, const std::string& text,
                  const std::string& checkpoint, const std::vector<VerifierKey>& known) {
  if (checkpoint.empty()) {
    return context.Fail(
        Exit::kTyped,
        fmt::format("{} proves growth: name what from with --checkpoint FILE", InputName(file)));
  }
  const absl::StatusOr<SignedCheckpoint> older = ReadCheckpoint(context, checkpoint, known);
  if (!older.ok()) return context.Fail(older.status());
  const absl::StatusOr<Growth> growth = ParseGrowth(text);
  if (!growth.ok()) return context.Fail(InFile(file, growth.status()));
  const absl::StatusOr<SignedCheckpoint> newer = OpenCheckpoint(growth->checkpoint, known);
  if (!newer.ok()) return context.Fail(InFile(file, newer.status()));
  const absl::Status checked = CheckGrowth(*growth, older->checkpoint, newer->checkpoint);
  if (!checked.ok()) return context.Fail(InFile(file, checked));
  if (context.GetOptions().json) {
    const Json answer = {{"proven", true},
                         {"older", CheckpointJson(*older)},
                         {"checkpoint", CheckpointJson(*newer)}};
    context.Out() << ToLine(answer) << "\n";
    return Exit::kDone;
  }
  context.Print(fmt::format(
      "the log {} only grew from the checkpoint of {} ({} records) to that of {} ({} records, "
      "signed "
      "by {})\n",
      newer->checkpoint.origin, DateOf(older->checkpoint), WithThousands(older->checkpoint.size),
      DateOf(newer->checkpoint), WithThousands(newer->checkpoint.size), ShortNameOf(newer->key)));
  return Exit::kDone;
}

// Of the file alone.
Exit VerifyProof(Context& context, const VerifyArguments& arguments,
                 const std::vector<VerifierKey>& known) {
  const std::string& file = arguments.proof;
  const absl::StatusOr<std::string> text = ReadInput(context, file);
  if (!text.ok()) return context.Fail(text.status());
  if (IsGrowth(*text)) return VerifyGrowth(context, file, *text, arguments.checkpoint, known);
  const absl::StatusOr<Proof> proof = ParseProof(*text);
  if (!proof.ok()) return context.Fail(InFile(file, proof.status()));
  if (!arguments.checkpoint.empty()) {
    return context.Fail(Exit::kTyped,
                        fmt::format("{} proves no growth, and has its own checkpoint: leave "
                                    "--checkpoint out",
                                    InputName(file)));
  }
  const absl::StatusOr<SignedCheckpoint> opened = OpenCheckpoint(proof->checkpoint, known);
  if (!opened.ok()) return context.Fail(InFile(file, opened.status()));
  const Checkpoint& checkpoint = opened->checkpoint;
  absl::Status checked = CheckProof(*proof, checkpoint);
  const absl::StatusOr<Event> event = Decode(proof->record);
  if (checked.ok()) checked = CheckRecord(*proof, event);
  if (!checked.ok()) return context.Fail(InFile(file, checked));
  const std::string_view kind = KindName(event->payload);
  if (context.GetOptions().json) {
    const Json answer = {{"sequence", proof->sequence},
                         {"time", FormatTime(event->time)},
                         {"kind", kind},
                         {"proven", true},
                         {"checkpoint", CheckpointJson(*opened)}};
    context.Out() << ToLine(answer) << "\n";
    return Exit::kDone;
  }
  context.Print(fmt::format(
      "{} is in the log {}: {} of {}, as its checkpoint of {} has it ({} records, signed by {})\n",
      proof->sequence, checkpoint.origin, kind, FormatSeconds(event->time), DateOf(checkpoint),
      WithThousands(checkpoint.size), ShortNameOf(opened->key)));
  return Exit::kDone;
}

}  // namespace

void BindVerify(CLI::App& app, VerifyArguments& arguments) {
  app.add_option("--checkpoint", arguments.checkpoint,
                 "an older checkpoint: the log only grew since")
      ->type_name("FILE");
  app.add_option("--proof", arguments.proof, "check a proof by `prove`, without the log")
      ->type_name("FILE");
  app.add_option("--key", arguments.keys, "who signed it; without, the keys of the run")
      ->type_name("VERIFIERKEY");
}

Exit RunVerify(Context& context, const VerifyArguments& arguments) {
  const absl::StatusOr<std::vector<VerifierKey>> known = KnownKeys(context, arguments.keys);
  if (!known.ok()) return context.Fail(known.status());
  if (!arguments.proof.empty()) return VerifyProof(context, arguments, *known);
  std::optional<SignedCheckpoint> older;
  if (!arguments.checkpoint.empty()) {
    absl::StatusOr<SignedCheckpoint> read = ReadCheckpoint(context, arguments.checkpoint, *known);
    if (!read.ok()) return context.Fail(read.status());
    older = *std::move(read);
  }
  return VerifyLog(context, older);
}

}  // namespace epu
