// The verbs of *Prove*: verify, leaks.

#include <chrono>
#include <ostream>

#include <fmt/format.h>

#include "cli/history_view.h"
#include "cli/json_view.h"
#include "cli/progress_bar.h"
#include "cli/verb_leaks.h"
#include "cli/verbs.h"
#include "cli/verify.h"

namespace epu {
namespace {

struct VerifyArguments {};

void BindVerify(CLI::App&, VerifyArguments&) {}

Exit RunVerify(Context& context, const VerifyArguments&) {
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return context.Fail(log.status());
  ProgressBar bar(context);
  const auto begun = std::chrono::steady_clock::now();
  const Verified verified =
      Verify(**log, [&](Sequence done, Sequence head) { bar.Show(done, head); });
  bar.Clear();
  if (!verified.fault.ok()) return context.Fail(verified.fault);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (context.GetOptions().json) {
    const Json answer = {{"events", verified.events},
                         {"bytes", verified.bytes},
                         {"whole", true},
                         {"took_s", took.count()}};
    context.Out() << ToLine(answer) << "\n";
  } else {
    context.Print(
        fmt::format("{} events, {} bytes, are whole: checksums, sequence, times ({:.2f}s)\n",
                    WithThousands(verified.events), WithThousands(verified.bytes), took.count()));
  }
  return Exit::kDone;
}

}  // namespace

void AddProveVerbs(Verbs& verbs) {
  verbs.Add<VerifyArguments>(
      {"verify", VerbGroup::kProve, "the log is whole: checksums, sequence, times",
       "  epumgmt verify\n  epumgmt --log /mnt/copy/log verify --json\n"},
      &BindVerify, &RunVerify);
  verbs.Add<LeaksArguments>(
      {"leaks", VerbGroup::kProve, "the ledger of machines: what was opened and is not gone",
       "  epumgmt leaks\n  epumgmt leaks --check     exit 4 while any is open, as after killrun "
       "none is\n"
       "  epumgmt leaks --at 09:12 --json\n"},
      &BindLeaks, &RunLeaks);
}

}  // namespace epu
