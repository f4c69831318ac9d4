#include "cli/time_zones.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "engines/suggest.h"
#include "engines/zone_rule.h"

namespace epu {
namespace {

constexpr std::size_t kFileBytesMax = 1 << 18;  // The largest of a database are a few thousand.

// Asked of the operator where the database cannot say it.
constexpr std::string_view kByHand = "\"Here (CET-1CEST,M3.5.0,M10.5.0/3)\"";

// What a compiled file says: from when on clocks are how far ahead, and (its footer) the rule that
// goes on after that.
struct ZoneFile {
  struct Change {
    Time since{};
    std::chrono::seconds ahead{};
  };
  std::vector<Change> changes;  // In order.
  std::string rule;
};

// Takes big-endian numbers from a text, one after another; nothing once it is used up.
class Bytes {
 public:
  explicit Bytes(std::string_view rest) : rest_(rest) {}

  bool Skip(std::uint64_t count) {
    if (count > rest_.size()) return false;
    rest_.remove_prefix(static_cast<std::size_t>(count));
    return true;
  }
  std::optional<std::int64_t> Take(std::size_t size) {
    if (size > rest_.size()) return std::nullopt;
    std::uint64_t number = 0;
    const bool negative = (static_cast<unsigned char>(rest_[0]) & 0x80) != 0;
    if (negative) number = ~std::uint64_t{0};
    for (const char c : rest_.substr(0, size)) {
      number = number << 8 | static_cast<unsigned char>(c);
    }
    rest_.remove_prefix(size);
    return static_cast<std::int64_t>(number);
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// How many of each part a block has, in the order of its header.
struct Counts {
  std::uint64_t utc_marks = 0;
  std::uint64_t standard_marks = 0;
  std::uint64_t leaps = 0;
  std::uint64_t times = 0;
  std::uint64_t types = 0;
  std::uint64_t letters = 0;
};

std::optional<Counts> TakeHeader(Bytes& bytes) {
  constexpr std::size_t kVersionAndReserved = 16;
  if (!bytes.rest().starts_with("TZif") || !bytes.Skip(4 + kVersionAndReserved))
    return std::nullopt;
  Counts counts;
  for (std::uint64_t* count : {&counts.utc_marks, &counts.standard_marks, &counts.leaps,
                               &counts.times, &counts.types, &counts.letters}) {
    const std::optional<std::int64_t> number = bytes.Take(4);
    if (!number || *number < 0 || *number > static_cast<std::int64_t>(kFileBytesMax)) {
      return std::nullopt;
    }
    *count = static_cast<std::uint64_t>(*number);
  }
  return counts;
}

constexpr std::uint64_t kTypeBytes = 6;

// What stands behind the types.
std::uint64_t RestOf(const Counts& counts, std::uint64_t time_bytes) {
  return counts.letters + counts.leaps * (time_bytes + 4) + counts.standard_marks +
         counts.utc_marks;
}

// A first block with short times, which is passed over; a second one; the footer.
std::optional<ZoneFile> ParseFile(std::string_view text) {
  Bytes bytes(text);
  const std::optional<Counts> first = TakeHeader(bytes);
  if (!first || !bytes.Skip(first->times * 5 + first->types * kTypeBytes + RestOf(*first, 4))) {
    return std::nullopt;
  }
  const std::optional<Counts> counts = TakeHeader(bytes);
  if (!counts) return std::nullopt;
  ZoneFile file;
  for (std::uint64_t i = 0; i < counts->times; ++i) {
    const std::optional<std::int64_t> seconds = bytes.Take(8);
    if (!seconds) return std::nullopt;
    file.changes.push_back({Time(std::chrono::seconds(*seconds)), {}});
  }
  Bytes types = bytes;  // Of each change its type; then what the types are.
  if (!types.Skip(counts->times)) return std::nullopt;
  for (ZoneFile::Change& change : file.changes) {
    Bytes type = types;
    const std::int64_t place = bytes.Take(1).value_or(0) & 0xFF;
    if (!type.Skip(static_cast<std::uint64_t>(place) * kTypeBytes)) return std::nullopt;
    change.ahead = std::chrono::seconds(type.Take(4).value_or(0));
  }
  if (!types.Skip(counts->types * kTypeBytes + RestOf(*counts, 8))) return std::nullopt;
  const std::string_view footer = types.rest();
  if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') return std::nullopt;
  file.rule = footer.substr(1, footer.size() - 2);
  return file;
}

// The first moment from `now` on at which clocks do not go by `rule`. Looked at once a day: no
// zone has another rule for less.
std::optional<Time> FirstException(const ZoneFile& file, const ZoneRule& rule, Time now) {
  if (file.changes.empty()) return std::nullopt;
  const auto ahead_at = [&](Time time) {
    const auto next = std::upper_bound(
        file.changes.begin(), file.changes.end(), time,
        [](Time moment, const ZoneFile::Change& change) { return moment < change.since; });
    return next == file.changes.begin() ? AheadAt(rule, time) : std::prev(next)->ahead;
  };
  for (Time time = now; time < file.changes.back().since; time += std::chrono::days(1)) {
    if (ahead_at(time) != AheadAt(rule, time)) return time;
  }
  return std::nullopt;
}

bool IsPlain(std::string_view name) {
  return !name.empty() && name.front() != '/' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '+' || c == '-';
  });
}

std::string NearZone(std::string_view name, const std::filesystem::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (auto entry = std::filesystem::recursive_directory_iterator(directory, error);
       !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().lexically_relative(directory).string());
  }
  std::sort(names.begin(), names.end());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::optional<std::string_view> near = Suggest(name, views);
  return near ? fmt::format("did you mean {}?", *near)
              : "a name like Europe/Berlin, UTC or +01:00 is due";
}

absl::StatusOr<std::string> ReadZoneFile(std::string_view name, const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return absl::NotFoundError(
        fmt::format("no time zone database is at {}; install tzdata, or write one like {}",
                    directory, kByHand));
  }
  const std::filesystem::path path = std::filesystem::path(directory) / name;
  std::ifstream file;
  if (IsPlain(name) && std::filesystem::is_regular_file(path, error)) file.open(path);
  std::string text;
  if (file.is_open()) {
    text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (text.starts_with("TZif") && text.size() <= kFileBytesMax) return text;
  return absl::NotFoundError(fmt::format("there is no time zone \"{}\"; {}", EscapeAndCut(name, 60),
                                         NearZone(name, directory)));
}

}  // namespace

absl::StatusOr<TimeZone> WithRule(TimeZone zone, Time now, const std::string& directory) {
  if (!zone.rule.empty()) return zone;
  const absl::StatusOr<std::string> text = ReadZoneFile(zone.name, directory);
  if (!text.ok()) return text.status();
  const std::optional<ZoneFile> file = ParseFile(*text);
  if (!file) {
    return absl::DataLossError(fmt::format(
        "{}/{} cannot be read as a time zone; install tzdata anew", directory, zone.name));
  }
  const absl::StatusOr<ZoneRule> rule = ParseZoneRule(file->rule);
  const std::optional<Time> exception =
      rule.ok() ? FirstException(*file, *rule, now) : std::optional(now);
  if (exception) {
    return absl::FailedPreconditionError(fmt::format(
        "{} has no rule for every year: on {} its clocks go otherwise; write one like {}, with the "
        "rule that is to hold",
        zone.name, FormatDate(*exception), kByHand));
  }
  zone.rule = file->rule;
  return zone;
}

}  // namespace epu
