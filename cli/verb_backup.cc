#include "cli/verb_backup.h"

#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <vector>

#include <fmt/format.h>

#include "cli/cloud_event.h"
#include "cli/history_view.h"
#include "cli/look.h"
#include "cli/new_directory.h"
#include "cli/progress_bar.h"
#include "cli/terminal.h"
#include "eventlog/lmdb_log.h"

namespace epu {
namespace {

// Records that one sync writes.
constexpr ReadLimit kBatch{50'000, std::size_t{64} << 20};

struct Copied {
  Sequence events = 0;
  std::uint64_t bytes = 0;
};

// The records of `from` up to `head`, checked as they are read, into a log of their own. An
// append-only log needs no lock for that: what is there stays.
absl::StatusOr<Copied> Copy(const EventLog& from, const EventSource& source,
                            const std::string& directory,
                            const std::function<void(Sequence, Sequence)>& progress) {
  const absl::StatusOr<std::unique_ptr<LmdbLog>> to =
      LmdbLog::Create(directory, source.log_id, LmdbOptions{});
  if (!to.ok()) return to.status();
  Copied copied;
  while (copied.events < source.head) {
    std::vector<Record> records;
    const auto seen = from.Visit(copied.events, kBatch, [&](Sequence sequence, RecordView record) {
      if (sequence > source.head) return false;
      records.emplace_back(record.begin(), record.end());
      copied.bytes += record.size_bytes();
      return true;
    });
    if (!seen.ok()) return seen.status();
    if (records.empty()) break;
    const absl::StatusOr<Sequence> head = (*to)->Append(copied.events, records, Reserve::kKeep);
    if (!head.ok()) return head.status();
    copied.events = *head;
    progress(copied.events, source.head);
  }
  return copied;
}

}  // namespace

void BindBackup(CLI::App& app, BackupArguments& arguments) {
  app.add_option("directory", arguments.directory, "a new or an empty directory")
      ->required()
      ->type_name("DIR");
}

Exit RunBackup(Context& context, const BackupArguments& arguments) {
  const absl::StatusOr<View> view = Look(context, "");
  if (!view.ok()) return context.Fail(view.status());
  const absl::StatusOr<EventSource> source = SourceOf(*view->log, view->position.sequence);
  if (!source.ok()) return context.Fail(source.status());
  const absl::StatusOr<std::unique_ptr<NewDirectory>> made =
      NewDirectory::Make(arguments.directory);
  if (!made.ok()) return context.Fail(made.status());
  const auto begun = std::chrono::steady_clock::now();
  ProgressBar bar(context);
  const absl::StatusOr<Copied> copied =
      Copy(*view->log, *source, (*made)->UnfinishedPath(),
           [&](Sequence done, Sequence all) { bar.Show(done, all); });
  bar.Clear();
  if (!copied.ok()) return context.Fail(copied.status());
  if (const absl::Status done = (*made)->Finish(); !done.ok()) return context.Fail(done);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (context.GetOptions().json) {
    context.Out() << ToLine({{"events", copied->events},
                             {"bytes", copied->bytes},
                             {"log_id", source->log_id},
                             {"directory", arguments.directory},
                             {"took_s", took.count()}})
                  << "\n";
  } else {
    context.Print(fmt::format(
        "{} events of log {} are in {} ({:.2f}s); read it with: epumgmt --log {} status\n",
        WithThousands(copied->events), source->log_id, Escape(arguments.directory), took.count(),
        Escape(arguments.directory)));
  }
  return Exit::kDone;
}

}  // namespace epu
