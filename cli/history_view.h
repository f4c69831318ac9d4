#pragma once

#include <span>
#include <string>

#include "cli/names.h"
#include "cli/zone.h"
#include "eventlog/event.h"

// Events as the lines of history. Pure, but for names.

namespace epu {

// How wide the columns are, and the day that the heading names; widened as events come.
struct HistoryColumns {
  Time day{};
  Zone zone = Zone::kUtc;
  std::size_t sequence = 3;
  std::size_t time = 4;
  std::size_t kind = 4;
};

// Wide enough for all of `events`, under the day of the last one.
HistoryColumns ColumnsFor(std::span<const Event> events, Zone zone);

// "SEQ    TIME (2026-11-22)  KIND      WHAT"
std::string HistoryHeading(const HistoryColumns& columns);

// "18180  09:13:45.201Z      reading   crunch/queue 132", with its line end. Events of another day
// than the heading's have their date before the time. What was true at another time than it was
// recorded has that, too: "crunch/queue 132, 4m old, taken 09:09:45.201Z".
std::string HistoryLine(const Event& event, const HistoryColumns& columns, Names& names);

// Times that differ by less are one: a record is always a little later.
inline constexpr Duration kTakenShown = std::chrono::seconds(1);

// "(5,210 earlier; --all shows them)"; empty where there are none.
std::string EarlierLine(std::uint64_t earlier, bool exact);

// "5,210"
std::string WithThousands(std::uint64_t number);

}  // namespace epu
