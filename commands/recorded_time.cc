#include "commands/recorded_time.h"

#include <algorithm>

namespace epu {

Time RecordedTime::Tell(Duration steady, Time wall) {
  const Duration elapsed = std::max(steady - steady_last, Duration(1));
  const Duration slew = elapsed / 10;
  const Duration correction = std::clamp(wall - (last + elapsed), -slew, slew);
  last += elapsed + correction;
  steady_last = steady;
  difference = wall - last;
  return last;
}

}  // namespace epu
