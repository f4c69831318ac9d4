// history, tail and show.

#include "cli/verb_history.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <ostream>

#include <fmt/format.h>

#include "cli/filter_words.h"
#include "cli/history_view.h"
#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/reference.h"
#include "cli/show_view.h"

namespace epu {
namespace {

constexpr std::size_t kShownDefault = 40;
constexpr std::size_t kTailDefault = 10;

struct HistoryArguments {
  FilterArguments filter;
  std::string from;
  std::string to;
  std::string at;
  std::size_t count = kShownDefault;
  bool all = false;
  bool follow = false;
};

void BindHistory(CLI::App& app, HistoryArguments& arguments) {
  BindFilter(app, arguments.filter);
  app.add_option("--from", arguments.from, "from then, included")->type_name("TIME");
  CLI::Option* to = app.add_option("--to", arguments.to, "to then, excluded")->type_name("TIME");
  app.add_option("--at", arguments.at, "as it was then")->type_name("TIME|SEQ");
  CLI::Option* count =
      app.add_option("-n", arguments.count, "how many of the last (40)")->type_name("N");
  app.add_flag("--all", arguments.all, "all of them")->excludes(count);
  app.add_flag("--follow", arguments.follow, "go on with what comes")->excludes(to);
}

void BindTail(CLI::App& app, HistoryArguments& arguments) {
  BindFilter(app, arguments.filter);
  arguments.count = kTailDefault;
  arguments.follow = true;
  app.add_option("--at", arguments.at, "from then on, not from now")->type_name("TIME|SEQ");
  app.add_option("-n", arguments.count, "how many to begin with (10)")->type_name("N");
}

// Prints events as they are found, in the form that was asked for.
class Printer {
 public:
  Printer(Context& context, Names& names)
      : context_(context), names_(names), zone_(ZoneOf(context.GetOptions())) {}

  void Print(const std::vector<Event>& events) {
    if (events.empty()) return;
    if (!context_.GetOptions().json && !context_.GetOptions().quiet && !began_) {
      columns_ = ColumnsFor(events, zone_);
      context_.Print(HistoryHeading(columns_));
    }
    began_ = true;
    for (const Event& event : events) PrintOne(event);
  }

  bool HasBegun() const { return began_; }

 private:
  void PrintOne(const Event& event) {
    if (context_.GetOptions().json) {
      context_.Out() << ToLine(EventJson(event, names_)) << std::endl;
      return;
    }
    if (context_.GetOptions().quiet) {
      context_.Out() << event.sequence << "\n";
      return;
    }
    std::string line = HistoryLine(event, columns_, names_);
    const Terminal& terminal = context_.GetTerminal();
    if (terminal.interactive && terminal.width > 0) {
      line.pop_back();
      line = CutToWidth(line, terminal.width) + "\n";
    }
    context_.Print(line);
  }

  Context& context_;
  Names& names_;
  const Zone zone_;
  HistoryColumns columns_;
  bool began_ = false;
};

// Prints what matches in `range`, and takes from it what was looked at, also where reading fails.
absl::Status PrintAll(const EventLog& log, const EventFilter& filter, SequenceRange& range,
                      Names& names, Printer& printer) {
  while (range.first <= range.last) {
    const absl::StatusOr<NextEvents> next = ReadNext(log, filter, range, names);
    if (!next.ok()) return next.status();
    printer.Print(next->events);
    range.first = next->next;
  }
  return absl::OkStatus();
}

// Whether a server that did not answer may do so yet.
bool MayComeAgain(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

// Whether stdout is a pipe that nobody reads any more; while nothing happens, no write would tell.
bool IsReaderGone() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

// Goes on with what comes, until this process is ended or nobody reads. Each event is printed once,
// also when the server ends and comes again in between.
absl::Status Follow(Context& context, const EventLog& log, const EventFilter& filter,
                    Sequence after, Names& names, Printer& printer) {
  while (true) {
    context.Out().flush();
    if (!context.Out() || IsReaderGone()) return absl::OkStatus();
    const absl::StatusOr<Sequence> head = context.AwaitHead(after);
    if (!head.ok()) return head.status();
    if (*head < after) {
      return absl::UnavailableError(
          fmt::format("this is another log now: it ends at {}, and {} was shown", *head, after));
    }
    SequenceRange range{after + 1, *head};
    const absl::Status status = PrintAll(log, filter, range, names, printer);
    after = range.first - 1;
    if (!status.ok() && !MayComeAgain(status)) return status;
  }
}

Exit RunHistory(Context& context, const HistoryArguments& arguments) {
  const absl::StatusOr<EventFilter> filter = ParseFilter(arguments.filter);
  if (!filter.ok()) return context.Fail(filter.status());
  const absl::StatusOr<View> view = Look(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  absl::StatusOr<SequenceRange> range =
      ParseRange(*view, arguments.from, arguments.to, context.Now(), ZoneOf(context.GetOptions()));
  if (!range.ok()) return context.Fail(range.status());
  const Options& options = context.GetOptions();
  const bool table = !options.json && !options.quiet;
  if (table && !arguments.follow) context.Print(MomentLine(*view, ZoneOf(options)));
  Names& names = *view->names;
  Printer printer(context, names);
  std::string earlier;
  absl::Status status;
  if (arguments.all) {
    status = PrintAll(*view->log, *filter, *range, names, printer);
  } else {
    const absl::StatusOr<LastEvents> last =
        ReadLast(*view->log, *filter, *range, arguments.count, names);
    status = last.status();
    if (last.ok()) {
      printer.Print(last->events);
      earlier = EarlierLine(last->earlier, last->earlier_exact);
    }
  }
  if (!status.ok()) return context.Fail(status);
  if (!printer.HasBegun() && !arguments.follow) {
    status = CheckThere(*view->log, *filter);
    if (!status.ok()) return context.Fail(status);
  }
  if (table && !arguments.follow) context.Print(earlier);
  if (!arguments.follow) return Exit::kDone;
  status = Follow(context, *view->log, *filter, view->position.sequence, names, printer);
  return status.ok() ? Exit::kDone : context.Fail(status);
}

// ---- show ----

struct ShowArguments {
  std::vector<std::string> sequences;
  std::string at;
};

void BindShow(CLI::App& app, ShowArguments& arguments) {
  app.add_option("seq", arguments.sequences, "events, by their sequence")
      ->required()
      ->type_name("SEQ…");
  app.add_option("--at", arguments.at, "as of then: what followed later is left out")
      ->type_name("TIME|SEQ");
}

Exit RunShow(Context& context, const ShowArguments& arguments) {
  const absl::StatusOr<View> view = Look(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  Json answer = Json::array();
  const Zone zone = ZoneOf(context.GetOptions());
  std::string text;
  for (const std::string& typed : arguments.sequences) {
    const absl::StatusOr<Sequence> sequence = ParseSequence(typed);
    if (!sequence.ok()) return context.Fail(sequence.status());
    const absl::StatusOr<ShownEvent> shown =
        ReadToShow(*view->log, *sequence, view->position.sequence, *view->names);
    if (!shown.ok()) return context.Fail(shown.status());
    if (context.GetOptions().json) {
      answer.push_back(ShownJson(*shown, *view->names));
    } else {
      text += (text.empty() ? "" : "\n") + FormatShown(*shown, *view->names, zone);
    }
  }
  if (context.GetOptions().json) {
    context.Out() << ToLine(answer.size() == 1 ? answer.front() : Json{{"events", answer}}) << "\n";
  } else {
    context.Print(MomentLine(*view, zone) + text);
  }
  return Exit::kDone;
}

}  // namespace

void AddHistoryVerbs(Verbs& verbs) {
  verbs.Add<HistoryArguments>({"history", VerbGroup::kLook, "events, oldest first, the last 40",
                               "  epumgmt history\n  epumgmt history crunch --from 09:13\n"
                               "  epumgmt history crunch/12 --all\n"
                               "  epumgmt history --kind decision,reconfigure --from 2h --json\n"},
                              &BindHistory, &RunHistory);
  verbs.Add<HistoryArguments>({"tail", VerbGroup::kLook, "history that goes on with what comes",
                               "  epumgmt tail\n  epumgmt tail crunch --kind decision\n"},
                              &BindTail, &RunHistory);
  verbs.Add<ShowArguments>(
      {"show", VerbGroup::kLook, "one event whole: payload, cause, effects, size, checksum",
       "  epumgmt show 18181\n  epumgmt show 18181 18182 --json\n"},
      &BindShow, &RunShow);
}

}  // namespace epu
