#include "cli/verify.h"

#include <string>
#include <variant>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "cli/tree_check.h"
#include "cli/zone.h"
#include "eventlog/codec.h"

namespace epu {
namespace {

constexpr std::string_view kDamaged = "damaged at ";

// One verification on its way.
class Verification {
 public:
  Verification(const EventLog& log, const Evidence& evidence)
      : log_(log), tree_(evidence.stored, evidence.older) {}

  Verified Run(const Progress& progress) {
    const absl::StatusOr<Sequence> head = log_.Head();
    if (!head.ok()) {
      verified_.fault = head.status();
      return std::move(verified_);
    }
    absl::Status read;
    while (position_ < *head && (read.ok() || absl::IsDataLoss(read))) {
      const Sequence before = position_;
      read =
          log_.Visit(before, ReadLimit{},
                     [&](Sequence sequence, RecordView record) { return Take(sequence, record); })
              .status();
      if (absl::IsDataLoss(read)) {
        Unreadable(read);
      } else if (read.ok() && position_ == before) {
        Add(position_ + 1, "it is missing");
        Skip();
      }
      progress(position_, *head);
    }
    if (!read.ok() && !absl::IsDataLoss(read)) {
      verified_.fault = read;
      return std::move(verified_);
    }
    Finish();
    return std::move(verified_);
  }

 private:
  bool Take(Sequence sequence, RecordView record) {
    if (sequence != position_ + 1) return false;
    position_ = sequence;
    tree_.Add(record);
    verified_.bytes += record.size() * sizeof(Word);
    const std::string fault = FaultOf(record);
    if (!fault.empty()) Add(sequence, fault);
    if (verified_.faults_found == 0) verified_.events = sequence;
    return true;
  }

  // What is wrong with the record at position_; empty where it is whole.
  std::string FaultOf(RecordView record) {
    const absl::StatusOr<Event> event = Decode(record);
    if (!event.ok()) return "no event: " + Escape(std::string(event.status().message()));
    if (event->sequence != position_) return fmt::format("it says that it is {}", event->sequence);
    if (const auto* started = std::get_if<ServerStarted>(&event->payload)) {
      verified_.log_ids.insert(started->log_id);
    }
    const Time before = time_before_;
    time_before_ = event->time;
    if (event->time >= before) return "";
    return fmt::format("its time {} is before that of {}, {}", FormatTime(event->time),
                       position_ - 1, FormatTime(before));
  }

  // The log's own finding, which knows only what one visit looked at, as one of the whole log.
  void Unreadable(const absl::Status& status) {
    const std::string message(status.message());
    const std::string begin = fmt::format("{}{}: ", kDamaged, position_ + 1);
    const bool named = message.rfind(begin, 0) == 0;
    Add(position_ + 1,
        named ? message.substr(begin.size(), message.find(';') - begin.size()) : message);
    Skip();
  }

  // Goes on behind a record that cannot be had.
  void Skip() {
    tree_.AddUnreadable();
    ++position_;
  }

  void Add(Sequence sequence, std::string_view how) {
    const bool first = verified_.faults_found == 0;
    AddFault(fmt::format(
        "{}{}: {}{}", kDamaged, sequence, how,
        first && sequence > 1 ? fmt::format("; {} and before are whole", sequence - 1) : ""));
  }

  void AddFault(std::string fault) {
    if (++verified_.faults_found <= kFaultsMax) verified_.faults.push_back(std::move(fault));
  }

  void Finish() {
    verified_.root = tree_.Root();
    verified_.stored_agreeing = tree_.agreeing();
    for (std::string& fault : tree_.Faults(verified_.log_ids)) AddFault(std::move(fault));
    if (!verified_.faults.empty()) verified_.fault = absl::DataLossError(verified_.faults.front());
  }

  const EventLog& log_;
  Verified verified_;
  TreeCheck tree_;
  Sequence position_ = 0;  // Looked at so far.
  Time time_before_{};
};

}  // namespace

Verified Verify(const EventLog& log, const Progress& progress, const Evidence& evidence) {
  return Verification(log, evidence).Run(progress);
}

}  // namespace epu
