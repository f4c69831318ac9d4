#include "cli/reference.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "commands/definition_rules.h"
#include "engines/words.h"

namespace epu {
namespace {

bool IsAlphanumeric(char letter) {
  return IsDigit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

bool IsOnlyDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

// A whole number from 1, without leading zeros; none where `text` is none, or too large.
template <typename Number>
std::optional<Number> ParseCount(std::string_view text) {
  if (!IsOnlyDigits(text) || text.front() == '0') return std::nullopt;
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Reads a time from left to right; each call takes what it reads away, or leaves all as it was.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool IsAtEnd() const { return rest_.empty(); }

  bool Take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `digits` digits.
  std::optional<int> TakeNumber(std::size_t digits) {
    if (rest_.size() < digits || !IsOnlyDigits(rest_.substr(0, digits))) return std::nullopt;
    int number = 0;
    std::from_chars(rest_.data(), rest_.data() + digits, number);
    rest_.remove_prefix(digits);
    return number;
  }

  // A fraction of a second: 1 to 9 digits, of which microseconds are kept.
  std::optional<Duration> TakeFraction() {
    const auto digits = static_cast<std::size_t>(
        std::find_if_not(rest_.begin(), rest_.end(), IsDigit) - rest_.begin());
    if (digits == 0 || digits > 9) return std::nullopt;
    std::int64_t microseconds = 0;
    for (std::size_t i = 0; i < 6; ++i) {
      microseconds = microseconds * 10 + (i < digits ? rest_[i] - '0' : 0);
    }
    rest_.remove_prefix(digits);
    return Duration(microseconds);
  }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::sys_days> TakeDate(Scanner& scanner) {
  const std::optional<int> year = scanner.TakeNumber(4);
  if (!year || !scanner.Take("-")) return std::nullopt;
  const std::optional<int> month = scanner.TakeNumber(2);
  if (!month || !scanner.Take("-")) return std::nullopt;
  const std::optional<int> day = scanner.TakeNumber(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (*year < 1970 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// "09:12", "09:12:30", "09:12:30.5" since midnight.
std::optional<Duration> TakeTimeOfDay(Scanner& scanner) {
  const std::optional<int> hours = scanner.TakeNumber(2);
  if (!hours || *hours > 23 || !scanner.Take(":")) return std::nullopt;
  const std::optional<int> minutes = scanner.TakeNumber(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  Duration time = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  if (!scanner.Take(":")) return time;
  const std::optional<int> seconds = scanner.TakeNumber(2);
  if (!seconds || *seconds > 59) return std::nullopt;
  time += std::chrono::seconds(*seconds);
  if (!scanner.Take(".")) return time;
  const std::optional<Duration> fraction = scanner.TakeFraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

// `local` is what the clocks of `zone` show.
Time FromZone(Time local, Zone zone) {
  // The offset at a time near the one wanted, and once more with that: exact but within the hour in
  // which clocks are changed.
  const Time guess = local - OffsetOf(zone, local);
  return local - OffsetOf(zone, guess);
}

// What follows a time of day: nothing, "Z" or an offset.
std::optional<Time> TakeZone(Scanner& scanner, Time written, Zone zone) {
  if (scanner.IsAtEnd()) return FromZone(written, zone);
  if (scanner.Take("Zz")) return written;
  const bool ahead = scanner.Take("+");
  if (!ahead && !scanner.Take("-")) return std::nullopt;
  const std::optional<int> hours = scanner.TakeNumber(2);
  if (!hours || *hours > 23 || !scanner.Take(":")) return std::nullopt;
  const std::optional<int> minutes = scanner.TakeNumber(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const Duration offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return ahead ? written - offset : written + offset;
}

std::optional<Time> ParseDated(std::string_view text, Zone zone) {
  Scanner scanner(text);
  const std::optional<std::chrono::sys_days> date = TakeDate(scanner);
  if (!date) return std::nullopt;
  if (scanner.IsAtEnd()) return FromZone(*date, zone);
  if (!scanner.Take(" Tt")) return std::nullopt;
  const std::optional<Duration> time_of_day = TakeTimeOfDay(scanner);
  if (!time_of_day) return std::nullopt;
  const std::optional<Time> time = TakeZone(scanner, *date + *time_of_day, zone);
  return scanner.IsAtEnd() ? time : std::nullopt;
}

// The last time the clocks of `zone` (or of UTC, with a "Z") showed this.
std::optional<Time> ParseLastTime(std::string_view text, Time now, Zone zone) {
  Scanner scanner(text);
  const std::optional<Duration> time_of_day = TakeTimeOfDay(scanner);
  if (!time_of_day) return std::nullopt;
  if (scanner.Take("Zz")) zone = Zone::kUtc;
  if (!scanner.IsAtEnd()) return std::nullopt;
  const auto today = std::chrono::floor<std::chrono::days>(now + OffsetOf(zone, now));
  const Time time = FromZone(today + *time_of_day, zone);
  return time <= now ? time : FromZone(today - std::chrono::days(1) + *time_of_day, zone);
}

}  // namespace

absl::Status CheckName(std::string_view what, std::string_view name) {
  const auto refuse = [&](std::string_view rule) {
    return absl::InvalidArgumentError(
        fmt::format("{} name \"{}\" {}", what, EscapeAndCut(name, kNameMax + 10), rule));
  };
  if (name.empty()) return refuse("is empty");
  if (name.size() > kNameMax) {
    return refuse(fmt::format("has {} characters; at most {} are allowed", name.size(), kNameMax));
  }
  if (!IsAlphanumeric(name.front())) return refuse("does not begin with a letter or a digit");
  const auto wrong = std::find_if(name.begin(), name.end(), [](char letter) {
    return !IsAlphanumeric(letter) && letter != '.' && letter != '_' && letter != '-';
  });
  if (wrong != name.end()) {
    return refuse("may have letters, digits, \".\", \"_\" and \"-\" alone");
  }
  if (IsOnlyDigits(name)) return refuse("is only digits, which would be a sequence");
  return absl::OkStatus();
}

absl::StatusOr<Sequence> ParseSequence(std::string_view text) {
  if (const auto sequence = ParseCount<Sequence>(text)) return *sequence;
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is no sequence; one is a whole number from 1, as history prints it",
                  EscapeAndCut(text, 40)));
}

absl::StatusOr<Reference> ParseReference(std::string_view text) {
  if (IsOnlyDigits(text)) {
    const absl::StatusOr<Sequence> sequence = ParseSequence(text);
    if (!sequence.ok()) return sequence.status();
    return SequenceOf{*sequence};
  }
  const std::size_t slash = text.find('/');
  const std::string_view epu = text.substr(0, slash);
  if (absl::Status status = CheckName("EPU", epu); !status.ok()) return status;
  if (slash == std::string_view::npos) return EpuName{std::string(epu)};
  const std::string_view part = text.substr(slash + 1);
  if (IsOnlyDigits(part)) {
    const auto worker = ParseCount<std::uint32_t>(part);
    if (worker) return WorkerOf{std::string(epu), *worker};
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is no worker; workers are numbered from 1, as in {}/12",
                    EscapeAndCut(text, kNameMax + 20), epu));
  }
  if (absl::Status status = CheckName("sensor", part); !status.ok()) return status;
  return SensorOf{std::string(epu), std::string(part)};
}

std::string FormatReference(const Reference& reference) {
  struct Formatter {
    std::string operator()(const EpuName& name) const { return name.epu; }
    std::string operator()(const WorkerOf& name) const {
      return fmt::format("{}/{}", name.epu, name.worker);
    }
    std::string operator()(const SensorOf& name) const {
      return fmt::format("{}/{}", name.epu, name.sensor);
    }
    std::string operator()(const SequenceOf& name) const { return std::to_string(name.sequence); }
  };
  return std::visit(Formatter{}, reference);
}

absl::StatusOr<Duration> ParseDuration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t microseconds;
  };
  // Largest first: "2h11m" is one, "11m2h" is none. "ms" stands before "m".
  static constexpr std::array<Unit, 5> kUnits = {{{"d", 86'400'000'000},
                                                  {"h", 3'600'000'000},
                                                  {"ms", 1'000},
                                                  {"m", 60'000'000},
                                                  {"s", 1'000'000}}};
  const absl::Status refusal = absl::InvalidArgumentError(fmt::format(
      "\"{}\" is no duration; write a whole number with its unit: 500ms, 10s, 5m, 2h, 3d",
      EscapeAndCut(text, 40)));
  std::int64_t total = 0;
  std::int64_t unit_before = std::numeric_limits<std::int64_t>::max();
  std::string_view rest = text;
  do {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (rest.empty() || !IsDigit(rest.front()) || error != std::errc{}) return refusal;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto* unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& candidate) {
      return rest.substr(0, candidate.name.size()) == candidate.name;
    });
    if (unit == kUnits.end() || unit->microseconds >= unit_before) return refusal;
    if (number > (kDurationMax.count() - total) / unit->microseconds) {
      return absl::InvalidArgumentError(
          fmt::format("duration \"{}\" is over a hundred years", EscapeAndCut(text, 40)));
    }
    total += number * unit->microseconds;
    unit_before = unit->microseconds;
    rest.remove_prefix(unit->name.size());
  } while (!rest.empty());
  return Duration(total);
}

absl::StatusOr<Time> ParseTime(std::string_view text, Time now, Zone zone) {
  if (text == "now") return now;
  if (const absl::StatusOr<Duration> ago = ParseDuration(text); ago.ok()) return now - *ago;
  if (const std::optional<Time> time = ParseDated(text, zone)) return *time;
  if (const std::optional<Time> time = ParseLastTime(text, now, zone)) return *time;
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is no time; write 09:12, \"2026-11-22 09:12\", 2026-11-22T09:12:00Z, 15m "
                  "(ago) or now",
                  EscapeAndCut(text, 40)));
}

absl::StatusOr<Moment> ParseMoment(std::string_view text, Time now, Zone zone) {
  if (IsOnlyDigits(text)) {
    const absl::StatusOr<Sequence> sequence = ParseSequence(text);
    if (!sequence.ok()) return sequence.status();
    return Moment{*sequence};
  }
  const absl::StatusOr<Time> time = ParseTime(text, now, zone);
  if (!time.ok()) return time.status();
  return Moment{*time};
}

}  // namespace epu
