#include "cli/progress_bar.h"

#include <algorithm>
#include <ostream>
#include <string>

#include <fmt/format.h>

#include "cli/history_view.h"

namespace epu {
namespace {

constexpr auto kPatience = std::chrono::seconds(1);
constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr std::size_t kCells = 30;

}  // namespace

void ProgressBar::Show(std::uint64_t done, std::uint64_t all) {
  if (!context_.AsksQuestions() || context_.GetOptions().quiet) return;
  const auto now = Steady::now();
  if (now - begun_ < kPatience || now - drawn_ < kRedraw) return;
  drawn_ = now;
  shown_ = true;
  const double part =
      all == 0 ? 1 : static_cast<double>(std::min(done, all)) / static_cast<double>(all);
  const auto filled = static_cast<std::size_t>(part * kCells);
  const std::chrono::duration<double> so_far = now - begun_;
  const std::string left =
      part > 0 ? fmt::format(", {:.0f}s left", so_far.count() * (1 - part) / part) : "";
  context_.Err() << fmt::format("\r\x1b[K[{}{}] {} of {}{}", std::string(filled, '#'),
                                std::string(kCells - filled, ' '), WithThousands(done),
                                WithThousands(all), left)
                 << std::flush;
}

void ProgressBar::Clear() {
  if (shown_) context_.Err() << "\r\x1b[K" << std::flush;
  shown_ = false;
}

}  // namespace epu
