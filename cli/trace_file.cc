#include "cli/trace_file.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cli/reference.h"
#include "cli/terminal.h"

namespace epu {
namespace {

constexpr std::string_view kHeading = "timestamp,value";
constexpr std::string_view kStart = "UnixStartTime:";
constexpr std::size_t kShown = 40;
constexpr std::int64_t kSecondsMax = 4'000'000'000;  // Beyond a century: a slip.

std::optional<double> NumberIn(std::string_view text) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value - value == 0 ? std::optional(value) : std::nullopt;
}

// A line at a time; what is wrong with one is an error, or noted.
class Reader {
 public:
  Reader(std::istream& in, const TraceOptions& options) : in_(in), options_(options) {}

  absl::StatusOr<Trace> Read() {
    std::string line;
    if (!NextLine(line)) return absl::InvalidArgumentError("it is empty");
    absl::Status read = line == kHeading ? ReadCsv() : ReadSwf(line);
    if (!read.ok()) return read;
    if (trace_.jobs.empty()) return absl::InvalidArgumentError("there is no job in it");
    std::stable_sort(trace_.jobs.begin(), trace_.jobs.end(),
                     [](const Job& one, const Job& other) { return one.arrives < other.arrives; });
    return std::move(trace_);
  }

 private:
  bool NextLine(std::string& line) {
    ++number_;
    if (!std::getline(in_, line)) return false;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return true;
  }

  absl::Status Bad(std::string_view line, std::string_view what) {
    std::string text = fmt::format("line {}: \"{}\" {}", number_, EscapeAndCut(line, kShown), what);
    if (!options_.skip_bad_lines) return absl::InvalidArgumentError(text);
    trace_.bad_lines.push_back(std::move(text));
    return absl::OkStatus();
  }

  absl::Status TooMany() const {
    return absl::InvalidArgumentError(
        fmt::format("line {}: more than {} jobs", number_, kTraceJobsMax));
  }

  absl::Status ReadSwf(std::string line) {
    do {
      absl::Status status = line.empty()          ? absl::OkStatus()
                            : line.front() == ';' ? TakeHeader(line)
                                                  : TakeJob(line);
      if (!status.ok()) return status;
    } while (NextLine(line));
    return absl::OkStatus();
  }

  absl::Status TakeHeader(std::string_view line) {
    const std::size_t at = line.find(kStart);
    if (at == line.npos) return absl::OkStatus();
    std::istringstream rest{std::string(line.substr(at + kStart.size()))};
    std::int64_t seconds = 0;
    if (rest >> seconds && seconds >= 0 && seconds < kSecondsMax) {
      trace_.start = Time(std::chrono::seconds(seconds));
    }
    return absl::OkStatus();
  }

  absl::Status TakeJob(const std::string& line) {
    std::istringstream fields(line);
    std::int64_t id = 0, submitted = 0, waited = 0, runs = 0;
    if (!(fields >> id >> submitted >> waited >> runs) || submitted < 0 ||
        submitted > kSecondsMax || runs > kSecondsMax) {
      return Bad(line, "is no job of the Standard Workload Format");
    }
    if (trace_.jobs.size() == kTraceJobsMax) return TooMany();
    trace_.jobs.push_back({.arrives = trace_.start + std::chrono::seconds(submitted),
                           .runs = std::chrono::seconds(std::max<std::int64_t>(runs, 0))});
    return absl::OkStatus();
  }

  absl::Status ReadCsv() {
    std::vector<std::pair<Time, std::uint64_t>> rows;
    std::uint64_t jobs = 0;
    for (std::string line; NextLine(line);) {
      if (line.empty()) continue;
      const std::size_t comma = line.find(',');
      const absl::StatusOr<Time> time = ParseTime(line.substr(0, comma), Time{}, Zone::kUtc);
      const std::optional<double> value =
          comma == line.npos ? std::nullopt : NumberIn(std::string_view(line).substr(comma + 1));
      const bool sound = time.ok() && value && *value >= 0 && *value < kTraceJobsMax;
      const bool ordered = !sound || rows.empty() || rows.back().first < *time;
      if (!sound || !ordered) {
        const absl::Status status =
            Bad(line, sound ? "is not after the line before it" : "is no timestamp,value");
        if (!status.ok()) return status;
        continue;
      }
      rows.emplace_back(*time, static_cast<std::uint64_t>(*value + 0.5));
      jobs += rows.back().second;
      if (jobs > kTraceJobsMax) return TooMany();
    }
    Spread(rows);
    return absl::OkStatus();
  }

  // The last row is taken to be as long as the one before it.
  void Spread(const std::vector<std::pair<Time, std::uint64_t>>& rows) {
    if (!rows.empty()) trace_.start = rows.front().first;
    Duration length = std::chrono::minutes(5);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + 1 < rows.size()) length = rows[i + 1].first - rows[i].first;
      const auto count = static_cast<std::int64_t>(rows[i].second);
      for (std::int64_t job = 0; job < count; ++job) {
        trace_.jobs.push_back(
            {.arrives = rows[i].first + length * job / count, .runs = options_.service});
      }
    }
  }

  std::istream& in_;
  const TraceOptions options_;
  std::size_t number_ = 0;
  Trace trace_;
};

}  // namespace

absl::StatusOr<Trace> ReadTrace(std::istream& in, const TraceOptions& options) {
  return Reader(in, options).Read();
}

}  // namespace epu
