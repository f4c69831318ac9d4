#include "cli/history_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/terminal.h"

namespace epu {
namespace {

std::string TimeCell(Time time, const HistoryColumns& columns) {
  const std::string time_of_day = FormatTimeOfDay(time, columns.zone);
  const std::string date = FormatDate(time, columns.zone);
  return date == FormatDate(columns.day, columns.zone) ? time_of_day : date + " " + time_of_day;
}

std::string TimeHeading(const HistoryColumns& columns) {
  return fmt::format("TIME ({})", FormatDate(columns.day, columns.zone));
}

std::string Row(std::string_view sequence, std::string_view time, std::string_view kind,
                std::string_view what, const HistoryColumns& columns) {
  return fmt::format("{:<{}}  {:<{}}  {:<{}}  {}\n", sequence, columns.sequence, time, columns.time,
                     kind, columns.kind, what);
}

}  // namespace

HistoryColumns ColumnsFor(std::span<const Event> events, Zone zone) {
  HistoryColumns columns;
  columns.zone = zone;
  if (!events.empty()) columns.day = events.back().time;
  columns.time = TimeHeading(columns).size();
  for (const Event& event : events) {
    columns.sequence = std::max(columns.sequence, std::to_string(event.sequence).size());
    columns.time = std::max(columns.time, TimeCell(event.time, columns).size());
    columns.kind = std::max(columns.kind, KindName(event.payload).size());
  }
  return columns;
}

std::string HistoryHeading(const HistoryColumns& columns) {
  return Row("SEQ", TimeHeading(columns), "KIND", "WHAT", columns);
}

std::string HistoryLine(const Event& event, const HistoryColumns& columns, Names& names) {
  std::string what = Describe(event, names, columns.zone);
  const std::optional<Time> taken = TakenAt(event);
  if (taken && event.time - *taken >= kTakenShown) {
    what += fmt::format(", taken {}", TimeCell(*taken, columns));
  }
  return Row(std::to_string(event.sequence), TimeCell(event.time, columns), KindName(event.payload),
             what, columns);
}

std::string EarlierLine(std::uint64_t earlier, bool exact) {
  if (earlier == 0) return exact ? "" : "(there may be earlier ones; --all shows them)\n";
  return fmt::format("({}{} earlier; --all shows them)\n", exact ? "" : "more than ",
                     WithThousands(earlier));
}

std::string WithThousands(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

}  // namespace epu
