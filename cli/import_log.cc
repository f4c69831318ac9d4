#include "cli/import_log.h"

#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/cloud_event.h"
#include "eventlog/codec.h"
#include "eventlog/lmdb_log.h"

namespace epu {
namespace {

constexpr std::size_t kLineBytesMax = std::size_t{4} << 20;    // Of 64 KiB, however it is escaped.
constexpr std::size_t kBatch = 4096;                           // Records that one sync writes.
constexpr std::size_t kBatchBytesMax = std::size_t{32} << 20;  // Of lines that wait for it.

// A line whose record is good, before what it tells is compared with it.
struct Line {
  Json told;
  Event event;
};

class Importer {
 public:
  Importer(std::string directory, Imported& imported)
      : directory_(std::move(directory)), imported_(imported) {}

  // The next line.
  absl::Status Take(std::string_view text) {
    Json told = Json::parse(text, nullptr, false);
    if (!told.is_object()) return absl::InvalidArgumentError("it is no JSON object");
    absl::StatusOr<Record> record = RecordOf(told);
    if (!record.ok()) return record.status();
    absl::StatusOr<Event> event = Decode(*record);
    if (!event.ok()) {
      return absl::DataLossError("its record is no event: " +
                                 std::string(event.status().message()));
    }
    if (absl::Status status = CheckOrder(*event, told); !status.ok()) return status;
    imported_.bytes += record->size() * sizeof(Word);
    waiting_bytes_ += text.size();
    lines_.push_back({std::move(told), *std::move(event)});
    records_.push_back(*std::move(record));
    if (lines_.size() < kBatch && waiting_bytes_ < kBatchBytesMax) return absl::OkStatus();
    return Store();
  }

  absl::Status Finish() {
    if (absl::Status status = Store(); !status.ok()) return status;
    if (source_.head == 0) return absl::InvalidArgumentError("there is nothing to import");
    if (imported_.events == source_.head) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("it is the last, and the log went on to {}: a part of a log is not imported "
                    "(was it cut short, or exported with --to, --kind or REF?)",
                    source_.head));
  }

  Sequence head() const { return source_.head; }

 private:
  absl::Status CheckOrder(const Event& event, const Json& told) {
    const Sequence expected = imported_.events + lines_.size() + 1;
    const absl::StatusOr<Sequence> head = HeadOf(told);
    if (!head.ok()) return head.status();
    if (event.sequence != expected) {
      return expected == 1
                 ? absl::InvalidArgumentError(fmt::format(
                       "it is event {}, and a log begins with 1: a part of a log is not imported",
                       event.sequence))
                 : absl::InvalidArgumentError(
                       fmt::format("it is event {}, and {} is due: each follows once, in order",
                                   event.sequence, expected));
    }
    if (event.time < time_before_) {
      return absl::DataLossError(fmt::format("its time {} is before that of the line above, {}",
                                             FormatTime(event.time), FormatTime(time_before_)));
    }
    time_before_ = event.time;
    if (expected > 1) {
      if (*head == source_.head) return absl::OkStatus();
      return absl::InvalidArgumentError(fmt::format(
          "its log ended at {}, and that of the lines above at {}", *head, source_.head));
    }
    const auto* started = std::get_if<ServerStarted>(&event.payload);
    if (started == nullptr) {
      return absl::InvalidArgumentError("a log begins with the start of a server");
    }
    source_ = {started->log_id, *head};
    imported_.log_id = source_.log_id;
    return absl::OkStatus();
  }

  // Stores what waits, then compares each line with its record: names are looked up in the log.
  absl::Status Store() {
    if (lines_.empty()) return absl::OkStatus();
    if (log_ == nullptr) {
      absl::StatusOr<std::unique_ptr<LmdbLog>> log =
          LmdbLog::Create(directory_, source_.log_id, LmdbOptions{});
      if (!log.ok()) return log.status();
      log_ = *std::move(log);
      names_ = std::make_unique<Names>(*log_);
    }
    const Sequence before = imported_.events;
    const absl::StatusOr<Sequence> head = log_->Append(before, records_, Reserve::kKeep);
    if (!head.ok()) return head.status();
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      imported_.line = before + i + 1;
      const Json by_record = CloudEventJson(lines_[i].event, records_[i], source_, *names_);
      if (const std::string fault = DifferenceOf(lines_[i].told, by_record); !fault.empty()) {
        return absl::DataLossError(fault);
      }
    }
    imported_.events = *head;
    lines_.clear();
    records_.clear();
    waiting_bytes_ = 0;
    return absl::OkStatus();
  }

  const std::string directory_;
  Imported& imported_;
  EventSource source_;  // As the first line tells.
  Time time_before_{};
  std::unique_ptr<LmdbLog> log_;
  std::unique_ptr<Names> names_;
  std::vector<Line> lines_;  // That wait to be stored,
  std::vector<Record> records_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace

Imported ImportLog(std::istream& in, const std::string& directory,
                   const std::function<void(Sequence, Sequence)>& progress) {
  Imported imported;
  Importer importer(directory, imported);
  std::vector<char> buffer(kLineBytesMax);
  std::uint64_t line = 0;
  while (imported.fault.ok() && in.getline(buffer.data(), kLineBytesMax)) {
    imported.line = ++line;  // As far as was read; a fault that is found later goes back.
    imported.fault = importer.Take(buffer.data());
    progress(line, importer.head());
  }
  if (!imported.fault.ok()) return imported;
  if (in.bad() || !in.eof()) {
    imported.line = line + 1;
    imported.fault = absl::InvalidArgumentError(
        fmt::format("it could not be read, or has more than {} bytes", kLineBytesMax));
    return imported;
  }
  imported.line = line;
  imported.fault = importer.Finish();
  return imported;
}

}  // namespace epu
