// logs: what a worker printed, from the files that its agent keeps in the run's directory.

#include <chrono>
#include <limits>
#include <ostream>
#include <thread>

#include <fmt/format.h>

#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/reference.h"
#include "cli/verb_history.h"
#include "cli/worker_output.h"

namespace epu {
namespace {

constexpr std::size_t kEveryLine = std::numeric_limits<std::size_t>::max();
constexpr auto kFileLookedAtEvery = std::chrono::milliseconds(100);
constexpr int kLooksPerQuestion = 10;  // How often the file is looked at for each look at the log.

struct LogsArguments {
  std::string worker;
  std::size_t lines = kEveryLine;
  bool errors = false;
  bool follow = false;
  std::string at;  // Refused: see RunLogs.
};

void BindLogs(CLI::App& app, LogsArguments& arguments) {
  app.add_option("worker", arguments.worker, "whose output; also of one that has ended")
      ->required()
      ->type_name("WORKER");
  app.add_flag("--stderr", arguments.errors, "what it wrote to stderr, not to stdout");
  app.add_option("-n", arguments.lines, "only the last lines (all)")->type_name("N");
  app.add_flag("--follow", arguments.follow, "go on with what comes, until the worker has ended");
  app.add_option("--at", arguments.at, "refused: what a worker prints carries no times")
      ->type_name("TIME|SEQ");
}

// ---- Whether the worker lives ----

enum class Life { kNeverWas, kLives, kEnded };

// What the log knows of a worker; caught up with each call.
class Fate {
 public:
  Fate(View view, const WorkerOf& worker) : view_(std::move(view)), worker_(worker) {}

  absl::StatusOr<Life> Learn() {
    const absl::Status status = CatchUp(*view_.log, view_.fold);
    if (!status.ok()) return status;
    const Epu* epu = FindEvenRemoved();
    if (epu == nullptr || WorkerNumber{worker_.worker} >= epu->next_worker) return Life::kNeverWas;
    const auto found = epu->workers.find(WorkerNumber{worker_.worker});
    const bool lives =
        found != epu->workers.end() && found->second.state < WorkerState::kTerminated;
    return lives ? Life::kLives : Life::kEnded;
  }

  // Of one that never was: what there is instead.
  absl::Status Refuse() const {
    const absl::StatusOr<const Epu*> known = RequireEpu(view_.fold.state, worker_.epu);
    if (!known.ok()) return known.status();
    const std::uint32_t next = ToInteger((*known)->next_worker);
    return absl::NotFoundError(
        fmt::format("no worker {}/{}; {}", worker_.epu, worker_.worker,
                    next == 1 ? fmt::format("{} has had none yet", worker_.epu)
                              : fmt::format("the last was {}/{}", worker_.epu, next - 1)));
  }

 private:
  const Epu* FindEvenRemoved() const {
    for (const auto& [number, epu] : view_.fold.state.epus) {
      if (epu.definition.name == worker_.epu) return &epu;
    }
    return nullptr;
  }

  View view_;
  const WorkerOf worker_;
};

// ---- Printing ----

// A worker's text for a person's terminal, which it must not control: escaped but for line ends and
// tabs. A line is held back until it is whole, so that no character is cut in two.
class EscapedLines {
 public:
  std::string Add(std::string_view text) {
    held_ += text;
    const std::size_t whole = held_.rfind('\n') + 1;  // 0 where there is none.
    return Take(whole);
  }
  std::string Flush() { return Take(held_.size()); }

 private:
  std::string Take(std::size_t bytes) {
    std::string escaped;
    std::string_view rest = std::string_view(held_).substr(0, bytes);
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of("\n\t"), rest.size());
      escaped += Escape(rest.substr(0, end));
      if (end < rest.size()) escaped += rest[end];
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    held_.erase(0, bytes);
    return escaped;
  }

  std::string held_;
};

// Prints what is there now. Whole and unchanged where no terminal shows it.
absl::Status PrintThere(Context& context, WorkerOutput& output) {
  EscapedLines escaped;
  while (context.Out()) {
    const absl::StatusOr<std::string> text = output.ReadSome();
    if (!text.ok()) return text.status();
    if (text->empty()) break;
    context.Out() << (context.GetTerminal().interactive ? escaped.Add(*text) : *text);
  }
  context.Out() << escaped.Flush() << std::flush;
  return absl::OkStatus();
}

Exit PrintJson(Context& context, const LogsArguments& arguments, WorkerOutput& output) {
  std::string all;
  while (true) {
    const absl::StatusOr<std::string> text = output.ReadSome();
    if (!text.ok()) return context.Fail(text.status());
    if (text->empty()) break;
    all += *text;
  }
  const Json answer = {{"worker", arguments.worker},
                       {"stream", arguments.errors ? "stderr" : "stdout"},
                       {"text", std::move(all)}};
  context.Out() << ToLine(answer) << "\n";
  return Exit::kDone;
}

// Prints what comes until the worker has ended and all it printed is shown.
Exit Follow(Context& context, const LogsArguments& arguments, WorkerOutput& output, Fate& fate) {
  for (int looks = 0; context.Out(); ++looks) {
    absl::StatusOr<Life> life = Life::kLives;
    if (looks % kLooksPerQuestion == 0) life = fate.Learn();  // Before the file is read to its end.
    if (!life.ok()) return context.Fail(life.status());
    if (const absl::Status status = PrintThere(context, output); !status.ok()) {
      return context.Fail(status);
    }
    if (*life != Life::kLives) {
      context.Note(
          fmt::format("{} has ended; epumgmt why {} says how", arguments.worker, arguments.worker));
      break;
    }
    std::this_thread::sleep_for(kFileLookedAtEvery);
  }
  return Exit::kDone;
}

// The output, once there is any; waited for where that is wanted and the worker lives.
absl::StatusOr<WorkerOutput> OpenOutput(const LogsArguments& arguments, const std::string& path,
                                        Fate& fate) {
  while (true) {
    absl::StatusOr<WorkerOutput> output = WorkerOutput::Open(path);
    if (!absl::IsNotFound(output.status())) return output;
    const absl::StatusOr<Life> life = fate.Learn();
    if (!life.ok()) return life.status();
    if (*life == Life::kNeverWas) return fate.Refuse();
    const std::string what =
        *life == Life::kLives
            ? "it has not been started yet, or not on this machine; --follow waits for it"
            : "it was never started on this machine, or its files were removed";
    if (*life == Life::kEnded || !arguments.follow) {
      return absl::UnavailableError(
          fmt::format("no output of {} at {}: {}", arguments.worker, path, what));
    }
    std::this_thread::sleep_for(kFileLookedAtEvery);
  }
}

Exit RunLogs(Context& context, const LogsArguments& arguments) {
  const absl::StatusOr<Reference> reference = ParseReference(arguments.worker);
  if (!reference.ok()) return context.Fail(reference.status());
  const auto* worker = std::get_if<WorkerOf>(&*reference);
  if (worker == nullptr) {
    return context.Fail(Exit::kTyped, fmt::format("\"{}\" is no worker; write one as crunch/12",
                                                  EscapeAndCut(arguments.worker, 60)));
  }
  if (!arguments.at.empty()) {
    return context.Fail(
        Exit::kTyped,
        fmt::format("logs has no past: what {0} printed carries no times; epumgmt logs {0} prints "
                    "all of it, epumgmt why {0} --at {1} tells how it was then",
                    arguments.worker, EscapeAndCut(arguments.at, 40)));
  }
  if (arguments.follow && context.GetOptions().json) {
    return context.Fail(Exit::kTyped,
                        "--json is one answer, and --follow has no end; leave out one");
  }
  absl::StatusOr<View> view = LookIntoLog(context);
  if (!view.ok()) return context.Fail(view.status());
  if (context.IsRemote()) {
    return context.Fail(Exit::kSurroundings,
                        fmt::format("the output of {} lies on its server's machine, and {} is read "
                                    "from elsewhere; run this there",
                                    arguments.worker, context.Paths().endpoint));
  }
  Fate fate(*std::move(view), *worker);
  const std::string path = fmt::format("{}/{}/{}/{}", context.Paths().workers, worker->epu,
                                       worker->worker, arguments.errors ? "stderr" : "stdout");
  absl::StatusOr<WorkerOutput> output = OpenOutput(arguments, path, fate);
  if (absl::IsPermissionDenied(output.status())) {
    return context.Fail(Exit::kSurroundings, std::string(output.status().message()));
  }
  if (!output.ok()) return context.Fail(output.status());
  if (arguments.lines != kEveryLine) {
    const absl::Status status = output->SeekLastLines(arguments.lines);
    if (!status.ok()) return context.Fail(status);
  }
  if (context.GetOptions().json) return PrintJson(context, arguments, *output);
  if (arguments.follow) return Follow(context, arguments, *output, fate);
  const absl::Status status = PrintThere(context, *output);
  return status.ok() ? Exit::kDone : context.Fail(status);
}

}  // namespace

void AddLogsVerb(Verbs& verbs) {
  verbs.Add<LogsArguments>({"logs", VerbGroup::kLook, "output of a worker",
                            "  epumgmt logs crunch/12\n  epumgmt logs crunch/12 --stderr -n 20\n"
                            "  epumgmt logs crunch/12 --follow\n"},
                           &BindLogs, &RunLogs);
}

}  // namespace epu
