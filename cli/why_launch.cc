#include "cli/why_launch.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "cli/base_runs.h"
#include "cli/describe.h"
#include "cli/launch_view.h"
#include "cli/terminal.h"
#include "cli/why.h"
#include "eventlog/read_events.h"

namespace epu {
namespace {

// ---- Services ----

std::string ServiceSentence(const Launch& launch, const Service& service, Time now) {
  std::string text =
      fmt::format("{} is {}{}", service.definition.name, service.under_way ? "under way: " : "",
                  ServiceWord(launch, service));
  const ServiceMachine* const machine = CurrentMachine(service);
  if (machine != nullptr && !machine->machine.empty()) {
    text += fmt::format(" on {}", EscapeAndCut(machine->machine, kDetailShown));
  }
  if (service.attempt > 1) text += fmt::format(", attempt {}", service.attempt);
  if (service.under_way) {
    text += fmt::format(", for {}", ShortDuration(now - service.under_way->since));
  } else if (service.begun != 0 && service.error.empty()) {
    text += fmt::format(", for {}", ShortDuration(now - service.state_since));
  }
  if (!service.error.empty()) text += ": " + EscapeAndCut(service.error, kDetailShown);
  return text;
}

class ServiceStory {
 public:
  ServiceStory(const WhyFacts& facts, ServiceNumber number) : facts_(facts), number_(number) {}

  void Take(const Event& event) {
    if (std::holds_alternative<WalkBegun>(event.payload)) {
      Close();
      walk_ = PlainNode(facts_, event);
      walk_->text += fmt::format(", by {}", Escape(facts_.names.Actor(event.actor)));
    } else if (const auto* begun = std::get_if<StepBegun>(&event.payload)) {
      if (begun->service == number_) under_way_ = event;
    } else if (const auto* ended = std::get_if<StepEnded>(&event.payload)) {
      if (ended->service == number_) TakeEnd(event);
    } else if (std::holds_alternative<WalkEnded>(event.payload)) {
      if (walk_ && !walk_->children.empty()) walk_->children.push_back(PlainNode(facts_, event));
    }
  }

  // The walks that did something with the service, the last ones.
  std::vector<Node> Finish() {
    Close();
    std::vector<Node> told;
    if (walks_.size() > kWalksExplained) {
      const std::size_t left_out = walks_.size() - kWalksExplained;
      told.push_back(
          {fmt::format("{} earlier walks; history --kind walk shows them", left_out), {}});
      walks_.erase(walks_.begin(), walks_.begin() + static_cast<std::ptrdiff_t>(left_out));
    }
    told.insert(told.end(), walks_.begin(), walks_.end());
    return told;
  }

 private:
  void TakeEnd(const Event& event) {
    Node node = PlainNode(facts_, event);
    if (under_way_) node.text += ", in " + ShortDuration(event.time - under_way_->time);
    under_way_.reset();
    if (!walk_) walk_ = Node{"before the first walk", {}};
    walk_->children.push_back(std::move(node));
  }

  void Close() {
    if (walk_ && under_way_) walk_->children.push_back(PlainNode(facts_, *under_way_));
    if (walk_ && !walk_->children.empty()) walks_.push_back(*std::move(walk_));
    walk_.reset();
    under_way_.reset();
  }

  const WhyFacts& facts_;
  const ServiceNumber number_;
  std::vector<Node> walks_;
  std::optional<Node> walk_;
  std::optional<Event> under_way_;
};

absl::StatusOr<Node> ExplainService(const View& view, const State& state, const Service& service,
                                    Zone zone) {
  const WhyFacts facts{*view.names, zone, view.position.time};
  Node root{ServiceSentence(state.launch, service, view.position.time), {}};
  if (const std::optional<Event> planned = view.names->Read(service.planned)) {
    root.children.push_back(PlainNode(facts, *planned));
  }
  ServiceStory story(facts, service.number);
  const absl::StatusOr<Sequence> read = ReadEvents(
      *view.log, 0, view.position.sequence,
      [](const Head& head) {
        return IsKindOf<WalkBegun, WalkEnded, StepBegun, StepEnded>(head.kind);
      },
      [&](const Event& event, RecordView) {
        story.Take(event);
        return true;
      });
  if (!read.ok()) return read.status();
  for (Node& walk : story.Finish()) root.children.push_back(std::move(walk));
  return root;
}

// ---- Event lines ----

// Whether a line is about a pool or a worker: by what it says of the node, or by what it was found
// on.
bool IsAbout(const LineHarvested& line, const Reference& reference) {
  const Json extra = line.extra.empty() ? Json() : Json::parse(line.extra, nullptr, false);
  const auto said = [&](const char* key) -> std::string {
    if (!extra.is_object()) return "";
    const auto found = extra.find(key);
    return found != extra.end() && found->is_string() ? found->get<std::string>() : "";
  };
  if (const auto* worker = std::get_if<WorkerOf>(&reference)) {
    return said("node_id") == fmt::format("{}/{}", worker->epu, worker->worker) ||
           line.origin == fmt::format("{}-{}", worker->epu, worker->worker);
  }
  const auto* epu = std::get_if<EpuName>(&reference);
  if (epu == nullptr) return false;
  return line.source == epu->epu || line.origin == epu->epu || said("controller") == epu->epu ||
         said("node_id").starts_with(epu->epu + "/");
}

// "12 event lines of log files", and behind it the last of them, by the time that they state.
absl::StatusOr<std::optional<Node>> LinesAbout(
    const View& view, const std::function<bool(const LineHarvested&)>& is_about, Zone zone) {
  std::vector<Event> lines;
  const absl::StatusOr<Sequence> read = ReadEvents(
      *view.log, 0, view.position.sequence,
      [](const Head& head) { return IsKindOf<LineHarvested>(head.kind); },
      [&](const Event& event, RecordView) {
        if (is_about(std::get<LineHarvested>(event.payload))) lines.push_back(event);
        return true;
      });
  if (!read.ok()) return read.status();
  if (lines.empty()) return std::nullopt;
  const auto said = [](const Event& event) { return std::get<LineHarvested>(event.payload).said; };
  std::stable_sort(lines.begin(), lines.end(),
                   [&](const Event& left, const Event& right) { return said(left) < said(right); });
  const std::size_t shown = std::min(lines.size(), kLinesExplained);
  Node node{
      fmt::format("{} event line{} of log files{}", lines.size(), lines.size() == 1 ? "" : "s",
                  shown < lines.size() ? fmt::format(", the last {}", shown) : ""),
      {}};
  for (auto event = lines.end() - static_cast<std::ptrdiff_t>(shown); event != lines.end();
       ++event) {
    node.children.push_back(
        {fmt::format("{}  {}  {}", event->sequence,
                     FormatBeside(said(*event), view.position.time, zone, Precision::kMilliseconds),
                     Describe(*event, *view.names, zone)),
         {}});
  }
  return node;
}

// ---- Servers ----

// As one of the launch's servers explains it, at the moment of `view`.
absl::StatusOr<Node> ExplainByServers(Context& context, const View& view, const Launch& launch,
                                      const Reference& reference, Zone zone) {
  const std::string at = view.past ? FormatTime(view.position.time) : "";
  absl::Status last = absl::NotFoundError(
      fmt::format("launch {} has no service \"{}\", and no server of it knows it",
                  context.GetOptions().run, FormatReference(reference)));
  for (const BaseRun& base : BaseRuns(launch, context.GetOptions().run)) {
    const std::unique_ptr<Context> other = ContextOf(context, base);
    const absl::StatusOr<View> of_server = Look(*other, at);
    if (!of_server.ok()) {
      if (!NeverBegan(*other, base)) last = of_server.status();
      continue;
    }
    const auto folds = [&](Sequence until) { return NearestFold(*other, *of_server->log, until); };
    absl::StatusOr<Node> node =
        ExplainWhy(*of_server->log, folds, reference, of_server->position, *of_server->names, zone);
    if (!node.ok()) {
      if (!absl::IsNotFound(node.status())) last = node.status();
      continue;
    }
    node->text += fmt::format(", in run {} of {}", base.run, base.service);
    return node;
  }
  return last;
}

}  // namespace

absl::StatusOr<Node> ExplainInLaunch(Context& context, const View& view, const Reference& reference,
                                     Zone zone) {
  Projection<State> known = NearestFold(context, *view.log, view.position.sequence);
  absl::Status status = CatchUp(*view.log, known, view.position.sequence);
  if (!status.ok()) return status;
  const Launch& launch = known.state.launch;
  if (launch.read == 0) return absl::NotFoundError("no launch");
  const auto* name = std::get_if<EpuName>(&reference);
  const Service* const service = name == nullptr ? nullptr : FindService(launch, name->epu);
  absl::StatusOr<Node> node = service != nullptr
                                  ? ExplainService(view, known.state, *service, zone)
                                  : ExplainByServers(context, view, launch, reference, zone);
  if (!node.ok() && !absl::IsNotFound(node.status())) return node.status();
  const auto is_about = [&](const LineHarvested& line) {
    return service != nullptr ? line.origin == service->definition.name : IsAbout(line, reference);
  };
  absl::StatusOr<std::optional<Node>> lines = LinesAbout(view, is_about, zone);
  if (!lines.ok()) return lines.status();
  if (!*lines) return node;
  if (!node.ok()) node = Node{FormatReference(reference) + ", as event lines tell", {}};
  node->children.push_back(**std::move(lines));
  return node;
}

}  // namespace epu
