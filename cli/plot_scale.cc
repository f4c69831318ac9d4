#include "cli/plot_scale.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/history_view.h"

namespace epu {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kSteps[] = {seconds(1),  seconds(2),  seconds(5), seconds(10), seconds(15),
                               seconds(30), minutes(1),  minutes(2), minutes(5),  minutes(10),
                               minutes(15), minutes(30), hours(1),   hours(2),    hours(3),
                               hours(6),    hours(12),   days(1),    days(2),     days(7),
                               days(14),    days(28),    days(91),   days(364)};

double RoundStep(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string TimeTickText(Time time, Duration step, Zone zone) {
  if (step >= days(1)) return FormatDate(time, zone).substr(5);
  const std::string whole = FormatSeconds(time, zone);
  return whole.substr(11, step >= minutes(1) ? 5 : 8);
}

}  // namespace

std::vector<double> ValueTicks(double low, double high, int count_max) {
  low = std::min(low, 0.0);
  high = std::max(high, 0.0);
  if (high - low <= 0) high = low + 1;
  const double step = RoundStep((high - low) / std::max(1, count_max - 1));
  const auto first = static_cast<long>(std::floor(low / step + 1e-9));
  const auto last = static_cast<long>(std::ceil(high / step - 1e-9));
  std::vector<double> ticks;
  for (long tick = first; tick <= last; ++tick) ticks.push_back(static_cast<double>(tick) * step);
  return ticks;
}

std::string ValueTickText(double value) {
  if (value >= 0 && value < 1e15 && value == std::floor(value)) {
    return WithThousands(static_cast<std::uint64_t>(value));
  }
  return fmt::format("{:.6g}", value);
}

std::vector<TimeTick> TimeTicks(Time from, Time to, int count_max, Zone zone) {
  std::vector<TimeTick> ticks;
  if (to <= from) return ticks;
  Duration step = kSteps[std::size(kSteps) - 1];
  for (const Duration candidate : kSteps) {
    if ((to - from) / candidate < count_max) {
      step = candidate;
      break;
    }
  }
  const Duration offset = OffsetOf(zone, from);
  const Duration local = from.time_since_epoch() + offset;
  Duration at = local / step * step;
  if (at < local) at += step;
  for (; at - offset <= to.time_since_epoch(); at += step) {
    const Time time(at - offset);
    ticks.push_back({time, TimeTickText(time, step, zone)});
  }
  return ticks;
}

}  // namespace epu
