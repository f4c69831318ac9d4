#include "cli/verify.h"

#include <string>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "cli/zone.h"
#include "eventlog/codec.h"

namespace epu {
namespace {

absl::Status DamagedAt(Sequence sequence, std::string_view how) {
  std::string message = fmt::format("damaged at {}: {}", sequence, how);
  if (sequence > 1) message += fmt::format("; {} and before are whole", sequence - 1);
  return absl::DataLossError(message);
}

// What is wrong with the record at `sequence`; empty where it is whole.
std::string FaultOf(Sequence sequence, RecordView record, Time& time_before) {
  const absl::StatusOr<Event> event = Decode(record);
  if (!event.ok()) return "no event: " + Escape(std::string(event.status().message()));
  if (event->sequence != sequence) return fmt::format("it says that it is {}", event->sequence);
  if (event->time < time_before) {
    return fmt::format("its time {} is before that of {}, {}", FormatTime(event->time),
                       sequence - 1, FormatTime(time_before));
  }
  time_before = event->time;
  return "";
}

// The log's own finding, which knows only what one visit looked at, as one of the whole log.
absl::Status Widened(const absl::Status& status, Sequence whole) {
  std::string message(status.message());
  const std::string begin = fmt::format("damaged at {}: ", whole + 1);
  if (!absl::IsDataLoss(status) || message.rfind(begin, 0) != 0) return status;
  return DamagedAt(whole + 1, message.substr(begin.size(), message.find(';') - begin.size()));
}

}  // namespace

Verified Verify(const EventLog& log, const Progress& progress) {
  Verified verified;
  const absl::StatusOr<Sequence> head = log.Head();
  if (!head.ok()) {
    verified.fault = head.status();
    return verified;
  }
  Time time_before{};
  while (verified.fault.ok()) {
    const Sequence before = verified.events;
    const absl::StatusOr<Sequence> seen =
        log.Visit(before, ReadLimit{}, [&](Sequence sequence, RecordView record) {
          const std::string fault = sequence != verified.events + 1
                                        ? fmt::format("{} follows", sequence)
                                        : FaultOf(sequence, record, time_before);
          if (!fault.empty()) {
            verified.fault = DamagedAt(verified.events + 1, fault);
            return false;
          }
          verified.events = sequence;
          verified.bytes += record.size() * sizeof(Word);
          return true;
        });
    if (!seen.ok()) verified.fault = Widened(seen.status(), verified.events);
    progress(verified.events, *head);
    if (verified.events == before) break;
  }
  if (verified.fault.ok() && verified.events < *head) {
    verified.fault = DamagedAt(verified.events + 1, "it is missing");
  }
  return verified;
}

}  // namespace epu
