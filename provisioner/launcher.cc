#include "provisioner/launcher.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "eventlog/check.h"

namespace epu {
namespace {

constexpr auto kLookAround = std::chrono::milliseconds(100);  // For a stop that is asked for.

bool IsUnderWay(const Launch& launch) {
  return std::any_of(launch.services.begin(), launch.services.end(),
                     [](const auto& entry) { return entry.second.under_way.has_value(); });
}

}  // namespace

Launcher::Launcher(Writer& writer, const StepMaker& maker, LauncherOptions options)
    : writer_(writer), maker_(maker), options_(std::move(options)), made_(kStepsAtOnce) {}

// After an error nobody records what the threads find out.
Launcher::~Launcher() { stops_.request_stop(); }

absl::Status Launcher::Record(std::vector<Order> orders) {
  std::vector<Command> commands;
  commands.reserve(orders.size());
  for (Order& order : orders) commands.push_back({{}, options_.author, "", std::move(order)});
  if (!commands.empty() && std::holds_alternative<epu::BeginWalk>(commands.front().order)) {
    commands.front().note = options_.note;
  }
  for (const Answer& answer : writer_.Process(commands)) {
    if (!answer.status.ok()) return answer.status;
  }
  return absl::OkStatus();
}

// A walk of another kind that was left is at its end with that.
absl::Status Launcher::BeginWalk(WalkKind kind) {
  const struct Walk& before = launch().walk;
  const bool left = before.begun != 0 && !before.end && before.kind != kind;
  std::vector<Order> orders;
  if (left) orders.push_back(EndWalk{WalkEnd::kInterrupted});
  orders.push_back(epu::BeginWalk{kind});
  return Record(std::move(orders));
}

// What an earlier launcher began and did not see the end of.
absl::Status Launcher::TakeUp(WalkKind kind) {
  LeftSteps left = LookBack(launch(), kind);
  waiting_ = std::move(left.again);
  settles_ = left.first;
  std::vector<Order> given_up;
  for (const NextStep& step : left.given_up) {
    StepEnded ended{step.service, step.attempt, step.step, false, "", "", "", {}};
    ended.error = fmt::format("given up for a {}", WalkName(kind));
    given_up.push_back(EndStep{std::move(ended)});
  }
  return given_up.empty() ? absl::OkStatus() : Record(std::move(given_up));
}

absl::StatusOr<WalkEnd> Launcher::Walk(WalkKind kind, std::stop_token stop) {
  const std::stop_callback asked(stop, [this] { stops_.request_stop(); });
  if (absl::Status taken = TakeUp(kind); !taken.ok()) return taken;
  if (absl::Status begun = BeginWalk(kind); !begun.ok()) return begun;
  while (true) {
    WalkAhead ahead = LookAhead(launch());
    settles_ = settles_ && IsUnderWay(launch());
    if (settles_) ahead.steps.clear();
    if (ahead.end && threads_.empty()) {
      const WalkEnd end = *ahead.end;
      absl::Status ended = Record({EndWalk{end}});
      if (!ended.ok()) return ended;
      return end;
    }
    LaunchNews news;
    if (!stop.stop_requested()) {
      if (absl::Status begun = Begin(ahead.steps); !begun.ok()) return begun;
      news.begun = ahead.steps;
    } else if (threads_.empty()) {
      if (absl::Status ended = Record({EndWalk{WalkEnd::kInterrupted}}); !ended.ok()) return ended;
      return WalkEnd::kInterrupted;
    }
    if (options_.observe && !news.begun.empty()) options_.observe(writer_.state(), news);
    news.begun.clear();
    if (absl::Status taken = TakeResults(news); !taken.ok()) return taken;
    if (options_.observe) options_.observe(writer_.state(), news);
  }
}

absl::Status Launcher::Begin(const std::vector<NextStep>& steps) {
  std::vector<Order> orders;
  for (const NextStep& step : steps)
    orders.push_back(BeginStep{step.service, step.attempt, step.step});
  if (!orders.empty()) {
    if (absl::Status recorded = Record(std::move(orders)); !recorded.ok()) return recorded;
  }
  waiting_.insert(waiting_.end(), steps.begin(), steps.end());
  while (!waiting_.empty() && threads_.size() < kStepsAtOnce) {
    Start(waiting_.back());
    waiting_.pop_back();
  }
  return absl::OkStatus();
}

// What a step needs of the state is taken out of it here; the thread has no other sight of it.
void Launcher::Start(const NextStep& step) {
  StepTask task = maker_.Prepare(writer_.state(), step);
  threads_[step.service] =
      std::jthread([this, step, stop = stops_.get_token(), task = std::move(task)] {
        CHECK(made_.TryPush({step, maker_.Make(task, stop)}));
      });
}

absl::Status Launcher::TakeResults(LaunchNews& news) {
  if (threads_.empty()) return absl::OkStatus();
  std::vector<Order> orders;
  for (Made& made : made_.TakeAll(std::chrono::steady_clock::now() + kLookAround)) {
    threads_.erase(made.step.service);  // It has said its last word: joined at once.
    if (!made.ended) continue;
    news.ended.push_back(*made.ended);
    orders.push_back(EndStep{*std::move(made.ended)});
  }
  return orders.empty() ? absl::OkStatus() : Record(std::move(orders));
}

}  // namespace epu
