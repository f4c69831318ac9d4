#include "cli/cloud_event.h"

#include <cstring>
#include <optional>

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include "cli/reference.h"
#include "cli/terminal.h"
#include "eventlog/codec.h"

namespace epu {
namespace {

constexpr std::size_t kValueShown = 60;

// What an event is about, by name: a sensor, a worker, an EPU; empty for none.
std::string SubjectName(const Event& event, Names& names) {
  if (const auto* reading = std::get_if<ReadingTaken>(&event.payload)) {
    return names.Sensor(reading->epu, reading->sensor);
  }
  const WorkerId subject = SubjectOf(event.payload);
  if (subject.number != WorkerNumber{}) return names.Worker(subject);
  return subject.epu == EpuNumber{} ? "" : names.Epu(subject.epu);
}

std::string Base64Of(RecordView record) {
  return absl::Base64Escape(
      {reinterpret_cast<const char*>(record.data()), record.size() * sizeof(Word)});
}

std::string Shown(const Json& value) { return EscapeAndCut(ToLine(value), kValueShown); }

std::string Below(const std::string& path, const std::string& key) {
  return EscapeAndCut(path.empty() ? key : path + "." + key, kValueShown);
}

std::string DifferenceAt(const std::string& path, const Json& told, const Json& by_record) {
  if (told.is_array() && by_record.is_array() && told.size() == by_record.size()) {
    for (std::size_t i = 0; i < told.size(); ++i) {
      const std::string name = fmt::format("{}[{}]", path, i);
      if (std::string found = DifferenceAt(name, told[i], by_record[i]); !found.empty()) {
        return found;
      }
    }
    return "";
  }
  if (!told.is_object() || !by_record.is_object()) {
    if (told == by_record) return "";
    return fmt::format("{} is {}, and {} by the record", path, Shown(told), Shown(by_record));
  }
  for (const auto& [key, value] : by_record.items()) {
    const std::string name = Below(path, key);
    const auto there = told.find(key);
    if (there == told.end()) return fmt::format("{} is missing, which is {}", name, Shown(value));
    if (std::string found = DifferenceAt(name, *there, value); !found.empty()) return found;
  }
  for (const auto& [key, value] : told.items()) {
    if (!by_record.contains(key)) return fmt::format("{} is not of the record", Below(path, key));
  }
  return "";
}

}  // namespace

absl::StatusOr<EventSource> SourceOf(const EventLog& log, Sequence head) {
  const std::optional<Event> first = ReadEvent(log, 1);
  const auto* started = first ? std::get_if<ServerStarted>(&first->payload) : nullptr;
  if (started == nullptr) {
    return absl::FailedPreconditionError(
        head == 0 ? "the log is empty" : "the log does not begin with the start of a server");
  }
  return EventSource{started->log_id, head};
}

Json CloudEventJson(const Event& event, RecordView record, const EventSource& source,
                    Names& names) {
  Json json = {{"specversion", "1.0"},
               {"id", std::to_string(event.sequence)},
               {"source", "epu:log/" + source.log_id},
               {"type", fmt::format("epu.{}", KindName(event.payload))},
               {"time", FormatTime(event.time)}};
  if (std::string subject = SubjectName(event, names); !subject.empty()) {
    json["subject"] = std::move(subject);
  }
  json["datacontenttype"] = "application/json";
  json["epuhead"] = std::to_string(source.head);
  json["epurecord"] = Base64Of(record);
  json["data"] = EventJson(event, names);
  return json;
}

absl::StatusOr<Record> RecordOf(const Json& cloud_event) {
  const auto found = cloud_event.find("epurecord");
  std::string bytes;
  if (found == cloud_event.end() || !found->is_string() ||
      !absl::Base64Unescape(found->get_ref<const std::string&>(), &bytes)) {
    return absl::InvalidArgumentError("it has no epurecord in base64");
  }
  const std::size_t words = bytes.size() / sizeof(Word);
  if (bytes.size() % sizeof(Word) != 0 || words < 2 || words > kRecordWordsMax) {
    return absl::InvalidArgumentError(
        fmt::format("its epurecord has {} bytes, which no record has", bytes.size()));
  }
  Record record(words);
  std::memcpy(record.data(), bytes.data(), bytes.size());
  if (!IsWhole(record)) {
    return absl::DataLossError(fmt::format("its record has checksum {:016x}, computed {:016x}",
                                           record.front(), ComputeChecksum(record)));
  }
  return record;
}

absl::StatusOr<Sequence> HeadOf(const Json& cloud_event) {
  const auto found = cloud_event.find("epuhead");
  const absl::StatusOr<Sequence> head =
      found != cloud_event.end() && found->is_string()
          ? ParseSequence(found->get_ref<const std::string&>())
          : absl::StatusOr<Sequence>(absl::InvalidArgumentError(""));
  if (!head.ok()) return absl::InvalidArgumentError("it has no epuhead, the last of its log");
  return head;
}

std::string DifferenceOf(const Json& told, const Json& by_record) {
  return DifferenceAt("", told, by_record);
}

}  // namespace epu
