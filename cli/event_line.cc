#include "cli/event_line.h"

#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace epu {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kNameMax = 1'000;
constexpr std::string_view kMarkerEscaped = R"(CLOUDYVENT_JSON\u003a)";

absl::Status Wrong(std::string_view what) { return absl::InvalidArgumentError(std::string(what)); }

// Whether the JSON in `text` nests deeper than `most`, as far as it is JSON. Before anything is
// made of it: a tree is walked by recursion.
bool IsDeeperThan(std::string_view text, std::size_t most) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      if (c == '\\') ++at;
    } else if (c == '{' || c == '[') {
      if (++depth > most) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

std::size_t SizeOf(const EventLine& line) {
  return line.source.size() + line.name.size() + line.key.size() + line.extra.size();
}

// The extra as a line may have it; null for one that may not be in it.
Json ExtraOf(const EventLine& line) {
  if (SizeOf(line) > kEventBytesMax || IsDeeperThan(line.extra, kEventDepthMax - 1)) return Json();
  Json extra = Json::parse(line.extra, nullptr, false);
  return extra.is_object() ? extra : Json();
}

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
  const Json json = {{"eventsource", line.source},
                     {"eventname", line.name},
                     {"uniquekey", line.key},
                     {"timestamp", StampOf(line.said)},
                     {"extra", ExtraOf(line)}};
  std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  for (std::size_t at = text.find(kEventMarker); at != std::string::npos;
       at = text.find(kEventMarker, at)) {
    text.replace(at, kEventMarker.size(), kMarkerEscaped);
  }
  return std::string(kEventMarker) + text;
}

absl::StatusOr<std::optional<EventLine>> ParseEventLine(std::string_view line) {
  const std::size_t marker = line.find(kEventMarker);
  if (marker == std::string_view::npos) return std::nullopt;
  const std::string_view text = line.substr(marker + kEventMarker.size());
  if (text.find(kEventMarker) != std::string_view::npos) return Wrong("the marker twice");
  if (IsDeeperThan(text, kEventDepthMax)) {
    return Wrong(fmt::format("JSON nested more than {} deep", kEventDepthMax));
  }
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
  if (SizeOf(event) > kEventBytesMax) {
    return Wrong(fmt::format("an event of {} bytes; at most {}", SizeOf(event), kEventBytesMax));
  }
  return event;
}

}  // namespace epu
