#include "cli/event_line.h"

#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace epu {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kNameMax = 1'000;

absl::Status Wrong(std::string_view what) { return absl::InvalidArgumentError(std::string(what)); }

absl::StatusOr<std::string> Word(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return Wrong(fmt::format("no {}", key));
  std::string word = found->get<std::string>();
  const bool plain = !word.empty() && word.find_first_of("\r\n") == std::string::npos;
  if (!plain || word.size() > kNameMax) {
    return Wrong(fmt::format("{} is empty, too long or of several lines", key));
  }
  return word;
}

absl::StatusOr<Time> TimeOf(const Json& json) {
  const auto stamp = json.find("timestamp");
  if (stamp == json.end() || !stamp->is_object()) return Wrong("no timestamp");
  const auto part = [&](const char* key, int least, int most) {
    const auto found = stamp->find(key);
    const bool whole = found != stamp->end() && found->is_number_integer();
    const std::int64_t value = whole ? found->get<std::int64_t>() : -1;
    return value >= least && value <= most ? static_cast<int>(value) : -1;
  };
  const int year = part("year", 1970, 9999);
  const int month = part("month", 1, 12);
  const int day = part("day", 1, 31);
  const int hour = part("hour", 0, 23);
  const int minute = part("minute", 0, 59);
  const int second = part("second", 0, 60);
  const int micro = stamp->contains("microsecond") ? part("microsecond", 0, 999'999) : 0;
  if (std::min({year, month, day, hour, minute, second, micro}) < 0)
    return Wrong("a timestamp that is no time");
  const std::chrono::year_month_day date =
      std::chrono::year(year) / static_cast<unsigned>(month) / static_cast<unsigned>(day);
  if (!date.ok()) return Wrong("a timestamp that is no time");
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second) + Duration(micro);
}

Json StampOf(Time time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(time - days);
  return {
      {"year", static_cast<int>(date.year())},    {"month", static_cast<unsigned>(date.month())},
      {"day", static_cast<unsigned>(date.day())}, {"hour", clock.hours().count()},
      {"minute", clock.minutes().count()},        {"second", clock.seconds().count()},
      {"microsecond", clock.subseconds().count()}};
}

}  // namespace

std::string FormatEventLine(const EventLine& line) {
  const Json json = {
      {"eventsource", line.source},
      {"eventname", line.name},
      {"uniquekey", line.key},
      {"timestamp", StampOf(line.said)},
      {"extra", line.extra.empty() ? Json() : Json::parse(line.extra, nullptr, false)}};
  return std::string(kEventMarker) + json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

absl::StatusOr<std::optional<EventLine>> ParseEventLine(std::string_view line) {
  const std::size_t marker = line.find(kEventMarker);
  if (marker == std::string_view::npos) return std::nullopt;
  const std::string_view text = line.substr(marker + kEventMarker.size());
  if (text.find(kEventMarker) != std::string_view::npos) return Wrong("the marker twice");
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return Wrong("no JSON object behind the marker");
  EventLine event;
  const absl::StatusOr<std::string> source = Word(json, "eventsource");
  const absl::StatusOr<std::string> name = Word(json, "eventname");
  const absl::StatusOr<std::string> key = Word(json, "uniquekey");
  const absl::StatusOr<Time> said = TimeOf(json);
  for (const absl::Status& status : {source.status(), name.status(), key.status(), said.status()}) {
    if (!status.ok()) return status;
  }
  const auto extra = json.find("extra");
  if (extra != json.end() && !extra->is_null()) {
    if (!extra->is_object()) return Wrong("an extra that is no object");
    event.extra = extra->dump();
  }
  event.source = *source;
  event.name = *name;
  event.key = *key;
  event.said = *said;
  return event;
}

}  // namespace epu
