#include "cli/replay_view.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/history_view.h"

namespace epu {
namespace {

std::string CountOrNone(std::uint64_t count) { return count == 0 ? "none" : WithThousands(count); }

// The same columns for both lists and what they stand on.
struct DifferenceLines {
  Names& names;
  HistoryColumns columns;
  std::string text;

  void Add(std::string_view word, const Event& event) {
    text += fmt::format("{:<8}  {}", word, HistoryLine(event, columns, names));
  }
  void Add(std::string_view word, Sequence sequence) {
    if (const std::optional<Event> event = names.Read(sequence)) Add(word, *event);
  }
};

// "size 5, decided 4": the fields in which an event differs from what was decided in its place.
std::string FieldsThatDiffer(const Event& recorded, const Event& decided, Names& names) {
  const Json left = EventJson(recorded, names);
  const Json right = EventJson(decided, names);
  std::string text;
  for (const auto& [key, value] : left.items()) {
    const auto other = right.find(key);
    if (other != right.end() && *other == value) continue;
    text += fmt::format("differs   {} {} is recorded, {} decided\n", key, ToLine(value),
                        other == right.end() ? "nothing" : ToLine(*other));
  }
  for (const auto& [key, value] : right.items()) {
    if (!left.contains(key)) {
      text += fmt::format("differs   {} nothing is recorded, {} decided\n", key, ToLine(value));
    }
  }
  return text;
}

const DecisionMade* DecisionOf(const ReplayDifference& difference) {
  for (const std::vector<Event>* events : {&difference.recorded, &difference.decided}) {
    for (const Event& event : *events) {
      if (const auto* decision = std::get_if<DecisionMade>(&event.payload)) return decision;
    }
  }
  return nullptr;
}

Json EventsJson(const std::vector<Event>& events, Names& names) {
  Json json = Json::array();
  for (const Event& event : events) json.push_back(EventJson(event, names));
  return json;
}

}  // namespace

std::string ReplayText(const ReplayTally& tally, double seconds) {
  std::string text =
      fmt::format("{} decision{} made again from {} events in {:.2f}s: {} agree byte for byte, ",
                  WithThousands(tally.decisions), tally.decisions == 1 ? "" : "s",
                  WithThousands(tally.events), seconds, WithThousands(tally.agreed));
  if (tally.differing > 0) text += fmt::format("{} differ, ", WithThousands(tally.differing));
  text +=
      fmt::format("{} missing, {} extra\n", CountOrNone(tally.missing), CountOrNone(tally.extra));
  for (const auto& [engine, count] : tally.skipped) {
    text += fmt::format("{} by {} {}, which this build does not have, were not made again\n",
                        WithThousands(count), engine.first, engine.second);
  }
  return text;
}

std::string DifferenceText(const ReplayDifference& difference, Names& names, Zone zone) {
  std::vector<Event> all = difference.recorded;
  all.insert(all.end(), difference.decided.begin(), difference.decided.end());
  DifferenceLines lines{names, ColumnsFor(all, zone), ""};
  lines.text =
      fmt::format("{} at {}, {}, in the state of {}:\n", names.Epu(difference.epu),
                  difference.after + 1, FormatSeconds(difference.time, zone), difference.after);
  for (const Event& event : difference.recorded) lines.Add("recorded", event);
  if (difference.recorded.empty()) lines.text += "recorded  nothing\n";
  for (const Event& event : difference.decided) lines.Add("decided", event);
  if (difference.decided.empty()) lines.text += "decided   nothing\n";
  const std::size_t pairs = std::min(difference.recorded.size(), difference.decided.size());
  for (std::size_t i = 0; i < pairs; ++i) {
    lines.text += FieldsThatDiffer(difference.recorded[i], difference.decided[i], names);
  }
  if (const DecisionMade* decision = DecisionOf(difference)) {
    for (const Sequence input : decision->inputs) lines.Add("input", input);
    lines.Add("policy", decision->policy);
  }
  return lines.text;
}

Json ReplayJson(const Replay& replay, double seconds, Names& names) {
  const ReplayTally& tally = replay.tally();
  Json json = {{"events", tally.events},   {"decisions", tally.decisions},
               {"agreed", tally.agreed},   {"differing", tally.differing},
               {"missing", tally.missing}, {"extra", tally.extra},
               {"took_s", seconds}};
  json["skipped"] = Json::array();
  for (const auto& [engine, count] : tally.skipped) {
    json["skipped"].push_back(
        {{"engine", engine.first}, {"engine_version", engine.second}, {"decisions", count}});
  }
  json["first_difference"] = nullptr;
  if (const auto& difference = replay.first_difference()) {
    json["first_difference"] = {{"epu", names.Epu(difference->epu)},
                                {"after", difference->after},
                                {"time", FormatTime(difference->time)},
                                {"recorded", EventsJson(difference->recorded, names)},
                                {"decided", EventsJson(difference->decided, names)}};
  }
  return json;
}

}  // namespace epu
