#include "cli/launch_progress.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/describe_launch.h"
#include "cli/frames.h"
#include "cli/launch_view.h"

namespace epu {
namespace {

constexpr Duration kRedraw = std::chrono::milliseconds(100);

}  // namespace

LaunchProgress::LaunchProgress(Context& context)
    : context_(context),
      draws_(context.GetTerminal().interactive && isatty(STDERR_FILENO) == 1 &&
             !context.GetOptions().json) {}

void LaunchProgress::Show(const State& state, const LaunchNews& news) {
  if (context_.GetOptions().quiet) return;
  if (draws_) {
    Draw(state);
  } else {
    Say(state, news);
  }
}

void LaunchProgress::Draw(const State& state) {
  const Time now = std::max(context_.Now(), state.time);
  const bool at_rest = LookAhead(state.launch).end.has_value();
  if (now - drawn_ < kRedraw && !at_rest) return;
  drawn_ = now;
  const Terminal terminal = context_.LookAtTerminal();
  const LaunchFacts facts{context_.GetOptions().run, state, now,
                          context_.GetOptions().local ? Zone::kLocal : Zone::kUtc};
  context_.Err() << FrameText(WithGlyphs(FormatLaunch(facts, terminal), terminal), terminal)
                 << std::flush;
}

void LaunchProgress::Say(const State& state, const LaunchNews& news) {
  std::string text;
  const auto say = [&](std::string_view line) {
    text += fmt::format("{}  {}\n", FormatTimeOfDay(state.time), line);
  };
  for (const NextStep& step : news.begun) {
    const auto service = state.launch.services.find(step.service);
    if (service == state.launch.services.end()) continue;
    begun_[step.service] = state.time;
    if (level_ == service->second.definition.level) continue;
    level_ = service->second.definition.level;
    say(fmt::format("level {}", *level_));
  }
  for (const StepEnded& ended : news.ended) {
    const auto service = state.launch.services.find(ended.service);
    if (service == state.launch.services.end()) continue;
    const Service& known = service->second;
    const bool nothing = ProgramOf(known.definition, ended.step).path.empty() &&
                         ended.step >= ServiceStep::kReach && ended.step <= ServiceStep::kTerminate;
    if (nothing && ended.succeeded && ended.step != ServiceStep::kReady) continue;
    const auto begun = begun_.find(ended.service);  // None: by another launcher, which was ended.
    const std::string took = begun == begun_.end() || !ended.succeeded
                                 ? ""
                                 : " in " + FormatDuration(state.time - begun->second);
    say(fmt::format("{}  {} {}{}{}", known.definition.name, StepText(ended.step),
                    ended.succeeded ? "done" : "failed", took,
                    ended.error.empty() ? "" : ": " + EscapeAndCut(ended.error, kDetailShown)));
  }
  if (!text.empty()) context_.Err() << WithGlyphs(text, context_.GetTerminal()) << std::flush;
}

}  // namespace epu
