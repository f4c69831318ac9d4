// make_history TRACE DIR [DAYS]: writes a log of three months, or of the first DAYS, into DIR,
// which is made. For measuring what the verbs of epumgmt do on a log of a million events.

#include <cstdlib>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "eventlog/lmdb_log.h"
#include "eventlog/memory_log.h"
#include "tests/history/history.h"

namespace epu {
namespace {

// In few large batches, since each is synced.
absl::Status Copy(const MemoryLog& from, LmdbLog& to) {
  Sequence position = 0;
  while (true) {
    std::vector<Record> records;
    const auto seen =
        from.Visit(position, {50'000, std::size_t{1} << 30}, [&](Sequence, RecordView record) {
          records.emplace_back(record.begin(), record.end());
          return true;
        });
    if (!seen.ok()) return seen.status();
    if (records.empty()) return absl::OkStatus();
    const auto head = to.Append(position, records, Reserve::kKeep);
    if (!head.ok()) return head.status();
    position = *head;
  }
}

int Run(const std::string& trace, const std::string& directory, int days) {
  std::ifstream in(trace);
  const absl::StatusOr<Trace> read = ReadTrace(in, {});
  if (!read.ok()) {
    std::cerr << trace << ": " << std::string(read.status().message()) << "\n";
    return 1;
  }
  MemoryLog memory;
  const HistoryCounts counts = MakeHistory(*read, std::chrono::days(days), memory);
  const auto log = LmdbLog::Create(directory, "hist", LmdbOptions{});
  if (!log.ok()) {
    std::cerr << std::string(log.status().message()) << "\n";
    return 1;
  }
  if (const absl::Status copied = Copy(memory, **log); !copied.ok()) {
    std::cerr << std::string(copied.message()) << "\n";
    return 1;
  }
  std::cout << fmt::format(
      "{} events: {} readings, {} decisions, {} failures, {} reconfigurations, {} restarts; {} "
      "jobs done\n",
      counts.events, counts.readings, counts.decisions, counts.failures, counts.reconfigurations,
      counts.restarts, counts.jobs_done);
  return 0;
}

}  // namespace
}  // namespace epu

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::cerr << "make_history TRACE DIR [DAYS]\n";
    return 1;
  }
  return epu::Run(argv[1], argv[2], argc == 4 ? std::atoi(argv[3]) : 92);
}
