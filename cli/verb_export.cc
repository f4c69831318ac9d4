#include "cli/verb_export.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <ostream>

#include <fmt/format.h>

#include "cli/cloud_event.h"
#include "cli/filter_words.h"
#include "cli/history_view.h"
#include "cli/look.h"
#include "cli/new_file.h"
#include "cli/progress_bar.h"
#include "cli/slice_file.h"
#include "cli/table_file.h"
#include "cli/what_if_run.h"

namespace epu {
namespace {

// What is to be exported.
struct Export {
  const View& view;
  const EventFilter& filter;
  SequenceRange range;
};

// Hands all of it to `take`, chunk by chunk, until that says false. Returns how many there were.
absl::StatusOr<std::uint64_t> ForEachChunk(
    Context& context, const Export& what,
    const std::function<absl::StatusOr<bool>(const std::vector<StoredEvent>&)>& take) {
  ProgressBar bar(context);
  std::uint64_t count = 0;
  SequenceRange left = what.range;
  while (left.first <= left.last) {
    const absl::StatusOr<NextStored> next =
        ReadNextStored(*what.view.log, what.filter, left, *what.view.names);
    if (!next.ok()) return next.status();
    const absl::StatusOr<bool> more = take(next->events);
    if (!more.ok()) return more.status();
    count += next->events.size();
    if (!*more) break;
    left.first = next->next;
    bar.Show(left.first - what.range.first, what.range.last - what.range.first + 1);
  }
  if (count == 0) {
    if (absl::Status there = CheckThere(*what.view.log, what.filter); !there.ok()) return there;
  }
  return count;
}

// One CloudEvent a line. Ends early where nobody reads them any more.
absl::StatusOr<std::uint64_t> WriteLines(Context& context, const Export& what, std::ostream& out) {
  const absl::StatusOr<EventSource> source = SourceOf(*what.view.log, what.view.position.sequence);
  if (!source.ok()) return source.status();
  return ForEachChunk(
      context, what, [&](const std::vector<StoredEvent>& events) -> absl::StatusOr<bool> {
        for (const auto& [event, record] : events) {
          out << ToLine(CloudEventJson(event, record, *source, *what.view.names)) << "\n";
        }
        out.flush();
        return static_cast<bool>(out);
      });
}

// The same as tables.
absl::StatusOr<std::uint64_t> WriteTables(Context& context, const Export& what,
                                          const std::string& path, Existing existing) {
  const absl::StatusOr<std::unique_ptr<NewFile>> file = NewFile::Make(path, existing);
  if (!file.ok()) return file.status();
  const absl::StatusOr<std::unique_ptr<TableFile>> tables =
      TableFile::Make((*file)->UnfinishedPath());
  if (!tables.ok()) return tables.status();
  const absl::StatusOr<std::uint64_t> count = ForEachChunk(
      context, what, [&](const std::vector<StoredEvent>& events) -> absl::StatusOr<bool> {
        for (const auto& [event, record] : events) {
          const absl::Status taken = (*tables)->Take(event, record, *what.view.names);
          if (!taken.ok()) return taken;
        }
        return true;
      });
  if (!count.ok()) return count;
  absl::Status finished = (*tables)->Finish();
  if (finished.ok()) finished = (*file)->Finish();
  if (!finished.ok()) return finished;
  return count;
}

absl::StatusOr<std::uint64_t> WriteFile(Context& context, const Export& what,
                                        const std::string& path, Existing existing) {
  const absl::StatusOr<std::unique_ptr<NewFile>> file = NewFile::Make(path, existing);
  if (!file.ok()) return file.status();
  std::ofstream out((*file)->UnfinishedPath(), std::ios::binary);
  const absl::StatusOr<std::uint64_t> count = WriteLines(context, what, out);
  if (!count.ok()) return count;
  out.close();
  if (!out) return absl::UnavailableError(fmt::format("{} could not be written", path));
  const absl::Status finished = (*file)->Finish();
  if (!finished.ok()) return finished;
  return count;
}

void SayWhatWasWritten(Context& context, std::uint64_t count, const std::string& path) {
  std::error_code error;
  const std::uint64_t bytes = std::filesystem::file_size(path, error);
  if (context.GetOptions().json) {
    context.Out() << ToLine({{"events", count}, {"file", path}, {"bytes", bytes}}) << "\n";
  } else if (!context.GetOptions().quiet) {
    context.Print(fmt::format("{} events are in {} ({} bytes)\n", WithThousands(count),
                              Escape(path), WithThousands(bytes)));
  }
}

// The slice of one EPU: see slice_file.h.
Exit RunSlice(Context& context, const ExportArguments& arguments) {
  if (arguments.filter.about.empty() || !arguments.filter.kinds.empty() ||
      !arguments.filter.actor.empty() || arguments.output.empty() || !arguments.at.empty() ||
      !arguments.sqlite.empty()) {
    return context.Fail(Exit::kTyped,
                        "a slice is of one EPU, into a file: export EPU --slice --from A --to B -o "
                        "FILE");
  }
  const absl::StatusOr<View> view = Look(context, "");
  if (!view.ok()) return context.Fail(view.status());
  const absl::StatusOr<EpuNumber> epu = RequireEpuOfLog(*view->log, arguments.filter.about);
  if (!epu.ok()) return context.Fail(epu.status());
  absl::StatusOr<SequenceRange> range = RequireRange(*view, arguments.from, arguments.to,
                                                     context.Now(), ZoneOf(context.GetOptions()));
  if (!range.ok()) return context.Fail(range.status());
  const absl::StatusOr<Projection<State>> known = BeginRange(context, *view, *epu, *range);
  if (!known.ok()) return context.Fail(known.status());
  const absl::StatusOr<std::unique_ptr<NewFile>> file =
      NewFile::Make(arguments.output, arguments.force ? Existing::kReplace : Existing::kRefuse);
  if (!file.ok()) return context.Fail(file.status());
  std::ofstream out((*file)->UnfinishedPath(), std::ios::binary);
  const absl::StatusOr<std::uint64_t> count = WriteSlice(*view, *epu, *range, known->state, out);
  if (!count.ok()) return context.Fail(count.status());
  out.close();
  if (!out) {
    return context.Fail(
        absl::UnavailableError(fmt::format("{} could not be written", arguments.output)));
  }
  if (absl::Status done = (*file)->Finish(); !done.ok()) return context.Fail(done);
  SayWhatWasWritten(context, *count, arguments.output);
  return Exit::kDone;
}

}  // namespace

void BindExport(CLI::App& app, ExportArguments& arguments) {
  BindFilter(app, arguments.filter);
  app.add_option("--from", arguments.from, "from then, included")->type_name("TIME|SEQ");
  app.add_option("--to", arguments.to, "to then, excluded")->type_name("TIME|SEQ");
  app.add_option("--at", arguments.at, "the log as it was then, which is a whole one")
      ->type_name("TIME|SEQ");
  CLI::Option* const output =
      app.add_option("-o,--output", arguments.output, "into this new file, not to stdout")
          ->type_name("FILE");
  app.add_option("--sqlite", arguments.sqlite, "as tables into this new SQLite file")
      ->type_name("FILE")
      ->excludes(output);
  app.add_flag("--slice", arguments.slice,
               "cut out one EPU, with what made it, for tests of policies (epumgmt test)");
  app.add_flag("--force", arguments.force, "replace the file where it is there");
}

Exit RunExport(Context& context, const ExportArguments& arguments) {
  if (arguments.slice) return RunSlice(context, arguments);
  const absl::StatusOr<EventFilter> filter = ParseFilter(arguments.filter);
  if (!filter.ok()) return context.Fail(filter.status());
  const absl::StatusOr<View> view = Look(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  const absl::StatusOr<SequenceRange> range = RequireRange(
      *view, arguments.from, arguments.to, context.Now(), ZoneOf(context.GetOptions()));
  if (!range.ok()) return context.Fail(range.status());
  const Export what{*view, *filter, *range};
  const Existing existing = arguments.force ? Existing::kReplace : Existing::kRefuse;
  if (!arguments.sqlite.empty()) {
    const auto count = WriteTables(context, what, arguments.sqlite, existing);
    if (!count.ok()) return context.Fail(count.status());
    SayWhatWasWritten(context, *count, arguments.sqlite);
    return Exit::kDone;
  }
  const absl::StatusOr<std::uint64_t> count =
      arguments.output.empty() ? WriteLines(context, what, context.Out())
                               : WriteFile(context, what, arguments.output, existing);
  if (!count.ok()) return context.Fail(count.status());
  if (!arguments.output.empty()) SayWhatWasWritten(context, *count, arguments.output);
  return Exit::kDone;
}

}  // namespace epu
