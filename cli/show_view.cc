#include "cli/show_view.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/status_facts.h"
#include "cli/terminal.h"
#include "commands/command.h"
#include "eventlog/codec.h"

namespace epu {
namespace {

constexpr std::size_t kEffectsShown = 40;

// Beyond this many records, workers of a decision are no longer looked for: they are in `why`.
constexpr std::size_t kEffectsSearched = 262'144;

// The sequences that an event names as what it came from.
std::vector<Sequence> CausesOf(const Event& event, Names& names) {
  std::vector<Sequence> causes;
  if (const auto* decision = std::get_if<DecisionMade>(&event.payload)) {
    causes = decision->inputs;
    if (decision->policy != 0) causes.push_back(decision->policy);
  } else if (const Sequence decision = FindDecision(event.sequence, names); decision != 0) {
    causes.push_back(decision);
  }
  return causes;
}

// The workers that a decision requested or retired.
std::set<WorkerId> WorkersOf(const Event& decision, const std::vector<Event>& command) {
  std::set<WorkerId> workers;
  for (const Event& event : command) {
    if (event.sequence <= decision.sequence) continue;
    if (std::holds_alternative<DecisionMade>(event.payload)) break;
    const WorkerId subject = SubjectOf(event.payload);
    if (subject.number != WorkerNumber{}) workers.insert(subject);
  }
  return workers;
}

void AddEffect(Event event, ShownEvent& shown) {
  if (shown.effects.size() < kEffectsShown) {
    shown.effects.push_back(std::move(event));
  } else {
    ++shown.more_effects;
  }
}

// The later events of `workers`, after `after` and up to `until`.
absl::Status AddWorkersEvents(const EventLog& log, Sequence after, Sequence until,
                              const std::set<WorkerId>& workers, ShownEvent& shown) {
  absl::Status fault;
  Sequence position = after;
  while (!workers.empty() && position < std::min(until, after + kEffectsSearched)) {
    const absl::StatusOr<Sequence> seen =
        log.Visit(position, ReadLimit{}, [&](Sequence sequence, RecordView record) {
          if (sequence > until) return false;
          const absl::StatusOr<Head> head = DecodeHead(record);
          if (head.ok() && !workers.contains(head->subject)) return true;
          absl::StatusOr<Event> event = Decode(record);
          fault = event.status();
          if (event.ok()) AddEffect(*std::move(event), shown);
          return fault.ok();
        });
    if (!seen.ok()) return seen.status();
    if (!fault.ok()) return fault;
    if (*seen == position) break;
    position = *seen;
  }
  return absl::OkStatus();
}

std::string ValueText(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return Escape(value.get<std::string>());
  return Escape(ToLine(value));
}

// Every field in a line of its own, "a.b" for what stands within another.
void AddFields(const Json& json, const std::string& prefix,
               std::vector<std::pair<std::string, std::string>>& lines) {
  for (const auto& [key, value] : json.items()) {
    const std::string name = prefix.empty() ? key : prefix + "." + key;
    if (value.is_object() && !value.empty()) {
      AddFields(value, name, lines);
    } else {
      lines.emplace_back(name, ValueText(value));
    }
  }
}

std::string EventLine(const Event& event, Time day, Names& names, Zone zone) {
  return fmt::format("{}  {}  {}  {}", event.sequence,
                     FormatBeside(event.time, day, zone, Precision::kMilliseconds),
                     KindName(event.payload), Describe(event, names, zone));
}

}  // namespace

absl::StatusOr<ShownEvent> ReadToShow(const EventLog& log, Sequence sequence, Sequence position,
                                      Names& names) {
  ShownEvent shown;
  absl::Status fault = absl::NotFoundError(fmt::format("there is no event {}", sequence));
  if (sequence > position) return fault;
  const absl::StatusOr<Sequence> seen =
      log.Visit(sequence - 1, ReadLimit{.records = 1}, [&](Sequence, RecordView record) {
        absl::StatusOr<Event> event = Decode(record);
        fault = event.status();
        shown.stored_bytes = record.size() * sizeof(Word);
        shown.checksum = record.front();
        if (event.ok()) shown.event = *std::move(event);
        return false;
      });
  if (!seen.ok()) return seen.status();
  if (!fault.ok()) return fault;

  const Event& event = shown.event;
  std::vector<Event> command;
  const Sequence first = sequence - event.place.index;
  for (Sequence other = first; other < first + event.place.count; ++other) {
    if (std::optional<Event> found = names.Read(other)) command.push_back(*std::move(found));
  }
  if (!command.empty()) shown.note = command.front().note;
  for (const Sequence cause : CausesOf(event, names)) {
    if (std::optional<Event> found = names.Read(cause)) shown.causes.push_back(*std::move(found));
  }
  for (const Event& other : command) {
    if (other.sequence > sequence && other.sequence <= position) AddEffect(other, shown);
  }
  if (std::holds_alternative<DecisionMade>(event.payload)) {
    const absl::Status status = AddWorkersEvents(log, first + event.place.count - 1, position,
                                                 WorkersOf(event, command), shown);
    if (!status.ok()) return status;
  }
  return shown;
}

std::string FormatShown(const ShownEvent& shown, Names& names, Zone zone) {
  const Event& event = shown.event;
  std::vector<std::pair<std::string, std::string>> lines;
  AddFields(EventJson(event, names), "", lines);
  lines.emplace_back(
      "place", fmt::format("{} of {} in its command", event.place.index + 1, event.place.count));
  lines.emplace_back("stored",
                     fmt::format("{} bytes, checksum {:016x}", shown.stored_bytes, shown.checksum));
  std::size_t width = 0;
  for (const auto& [name, value] : lines) width = std::max(width, name.size());
  std::string text = fmt::format("{}  {}\n", event.sequence, Describe(event, names, zone));
  if (!shown.note.empty() && event.note.empty()) lines.emplace_back("note", Escape(shown.note));
  for (const auto& [name, value] : lines) {
    // The first line has it, and a note of another event stands for the empty one of this.
    if (name == "sequence" || (name == "note" && value == "-")) continue;
    text += fmt::format("{:<{}}  {}\n", name, width, value);
  }
  for (const Event& cause : shown.causes) {
    text += "from  " + EventLine(cause, event.time, names, zone) + "\n";
  }
  for (const Event& effect : shown.effects) {
    text += "then  " + EventLine(effect, event.time, names, zone) + "\n";
  }
  if (shown.more_effects > 0) text += fmt::format("then  {} more\n", shown.more_effects);
  return text;
}

Json ShownJson(const ShownEvent& shown, Names& names) {
  Json json = EventJson(shown.event, names);
  json["note"] = TextOrNull(shown.note);
  json["index"] = shown.event.place.index;
  json["count"] = shown.event.place.count;
  json["causes"] = Json::array();
  for (const Event& cause : shown.causes) json["causes"].push_back(EventJson(cause, names));
  json["effects"] = Json::array();
  for (const Event& effect : shown.effects) json["effects"].push_back(EventJson(effect, names));
  json["more_effects"] = shown.more_effects;
  json["stored_bytes"] = shown.stored_bytes;
  json["checksum"] = fmt::format("{:016x}", shown.checksum);
  return json;
}

}  // namespace epu
