#include "cli/why.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/pause_view.h"
#include "cli/status_facts.h"
#include "cli/terminal.h"
#include "engines/suggest.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr std::size_t kWorkersShown = 20;  // Of one decision; history has them all.
constexpr std::size_t kLifeShown = 60;     // Events of one worker.

// One question about one log. Its fold only goes forward: whoever needs an earlier state asks
// first.
class Inquiry {
 public:
  Inquiry(const EventLog& log, const FoldSource& folds, Position position, Names& names, Zone zone)
      : log_(log), folds_(folds), position_(position), facts_{names, zone, position.time} {}

  absl::StatusOr<Node> AboutEpu(const EpuName& name);
  absl::StatusOr<Node> AboutWorker(const WorkerOf& name);
  absl::StatusOr<Node> AboutSensor(const SensorOf& name);
  absl::StatusOr<Node> AboutEvent(const SequenceOf& name);

 private:
  using Picker = std::function<bool(const Head&)>;

  absl::StatusOr<EpuNumber> NumberOf(const std::string& epu) const;
  absl::Status FoldTo(Sequence until);
  // The events from `from` up to the position that `pick` wants.
  absl::StatusOr<std::vector<Event>> Pick(Sequence from, const Picker& pick) const;
  absl::StatusOr<Event> EventAt(Sequence sequence) const;

  absl::StatusOr<Node> AboutWorkerId(WorkerId id, Sequence request);
  absl::StatusOr<Node> AboutDecision(const Event& decision);
  absl::StatusOr<Node> AboutReading(const Event& reading);
  Node AboutOther(const Event& event);

  // The decision with what it was made from. REQUIRES: nothing after it was folded.
  absl::StatusOr<Node> Decided(Sequence decision);
  absl::Status AddEffects(const Event& decision, Node& node);
  // Who ordered an event that no decision led to; empty for the server's own doing.
  std::vector<Node> Ordered(const Event& event) const;

  const EventLog& log_;
  const FoldSource& folds_;
  const Position position_;
  WhyFacts facts_;
  Projection<State> projection_;
};

absl::Status Inquiry::FoldTo(Sequence until) {
  if (until > projection_.position) {
    Projection<State> nearest = folds_(until);
    if (nearest.position > projection_.position) projection_ = std::move(nearest);
  }
  return CatchUp(log_, projection_, until);
}

absl::StatusOr<EpuNumber> Inquiry::NumberOf(const std::string& epu) const {
  const absl::StatusOr<std::map<std::string, EpuNumber>> names = ReadEpuNames(log_);
  if (!names.ok()) return names.status();
  const auto found = names->find(epu);
  if (found != names->end()) return found->second;
  std::vector<std::string_view> candidates;
  for (const auto& [name, number] : *names) candidates.push_back(name);
  const auto near = Suggest(epu, candidates);
  return absl::NotFoundError(
      fmt::format("no EPU \"{}\"{}", epu, near ? fmt::format("; did you mean {}?", *near) : ""));
}

absl::StatusOr<std::vector<Event>> Inquiry::Pick(Sequence from, const Picker& pick) const {
  std::vector<Event> events;
  Sequence after = from - 1;
  while (after < position_.sequence) {
    absl::Status fault;
    const ReadLimit limit{
        .records = std::min<std::size_t>(ReadLimit{}.records, position_.sequence - after)};
    const absl::StatusOr<Sequence> seen =
        log_.Visit(after, limit, [&](Sequence, RecordView record) {
          const absl::StatusOr<Head> head = DecodeHead(record);
          if (head.ok() && !pick(*head)) return true;
          absl::StatusOr<Event> event = Decode(record);
          if (event.ok())
            events.push_back(*std::move(event));
          else
            fault = event.status();
          return fault.ok();
        });
    if (!seen.ok()) return seen.status();
    if (!fault.ok()) return fault;
    if (*seen == after) break;
    after = *seen;
  }
  return events;
}

absl::StatusOr<Event> Inquiry::EventAt(Sequence sequence) const {
  std::optional<Event> event;
  if (sequence <= position_.sequence) event = facts_.names.Read(sequence);
  if (event) return *std::move(event);
  return absl::NotFoundError(
      fmt::format("there is no event {}; the last is {}", sequence, position_.sequence));
}

absl::StatusOr<Node> Inquiry::Decided(Sequence decision) {
  absl::StatusOr<Event> event = EventAt(decision);
  if (!event.ok()) return event.status();
  if (absl::Status status = FoldTo(decision - 1); !status.ok()) return status;
  return DecisionNode(facts_, *event, projection_.state);
}

std::vector<Node> Inquiry::Ordered(const Event& event) const {
  if (event.actor == kServer) return {};
  std::string note = event.note;
  if (event.place.index > 0) {
    const std::optional<Event> first = facts_.names.Read(event.sequence - event.place.index);
    if (first) note = first->note;
  }
  std::string text = "ordered by " + Escape(facts_.names.Actor(event.actor));
  if (!note.empty()) text += fmt::format(" \"{}\"", EscapeAndCut(note, kDetailShown));
  return {{std::move(text), {}}};
}

// Leaves out what another event of the life says already: a machine is opened when it is asked for,
// and listed when it is STARTED; the first heartbeat makes a worker RUNNING and OK.
void LeaveOutTheObvious(std::vector<Event>& life) {
  bool running = false;
  std::erase_if(life, [&](const Event& event) {
    if (const auto* change = std::get_if<MachineChanged>(&event.payload)) {
      return change->to == Presence::kOpened || change->to == Presence::kListed;
    }
    if (const auto* change = std::get_if<WorkerChanged>(&event.payload)) {
      running = change->to == WorkerState::kRunning;
      return false;
    }
    const auto* health = std::get_if<HealthChanged>(&event.payload);
    if (health == nullptr) return false;
    return std::exchange(running, false) && health->to == Health::kOk;
  });
  // Of what a worker says of itself the last counts, before whatever happened to it.
  for (std::size_t i = life.size(); i-- > 0;) {
    const auto says = [&](std::size_t at) {
      return at < life.size() && std::holds_alternative<WorkReported>(life[at].payload);
    };
    if (says(i) && says(i + 1)) life.erase(life.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

absl::StatusOr<Node> Inquiry::AboutWorkerId(WorkerId id, Sequence request) {
  absl::StatusOr<std::vector<Event>> life =
      Pick(request, [&](const Head& head) { return head.subject == id; });
  if (!life.ok()) return life.status();
  LeaveOutTheObvious(*life);
  if (life->empty() || !std::holds_alternative<WorkerRequested>(life->front().payload)) {
    return absl::NotFoundError(fmt::format("no worker {}", facts_.names.Worker(id)));
  }
  const Event& first = life->front();
  const auto& fact = std::get<WorkerRequested>(first.payload);
  Origin origin{facts_.names.Site(fact.site), first.time};
  Node root;
  root.children.push_back(RequestNode(facts_, first));
  if (const Sequence decision = FindDecision(first.sequence, facts_.names); decision != 0) {
    absl::StatusOr<Node> node = Decided(decision);
    if (!node.ok()) return node.status();
    root.children.back().children.push_back(*std::move(node));
  }
  for (std::size_t i = 1; i < life->size(); ++i) {
    const Event& event = (*life)[i];
    if (i == kLifeShown / 2 && life->size() > kLifeShown) {
      root.children.push_back({fmt::format("… {} more: epumgmt history {} --all",
                                           life->size() - kLifeShown, facts_.names.Worker(id)),
                               {}});
      i = life->size() - kLifeShown / 2;
    }
    root.children.push_back(LifeNode(facts_, event, origin));
    const auto* change = std::get_if<WorkerChanged>(&event.payload);
    if (change == nullptr || change->to != WorkerState::kTerminating) continue;
    root.children.back().children = Ordered(event);
    if (const Sequence decision = FindDecision(event.sequence, facts_.names); decision != 0) {
      absl::StatusOr<Node> node = Decided(decision);
      if (!node.ok()) return node.status();
      root.children.back().children.push_back(*std::move(node));
    }
  }
  if (absl::Status status = FoldTo(position_.sequence); !status.ok()) return status;
  const Worker* worker = FindWorker(projection_.state, id);
  root.text = worker == nullptr
                  ? EndedSentence(facts_, *life, position_.time)
                  : WorkerSentence(projection_.state, *FindEpu(projection_.state, id.epu), *worker,
                                   position_.time);
  return root;
}

absl::StatusOr<Node> Inquiry::AboutWorker(const WorkerOf& name) {
  const absl::StatusOr<EpuNumber> epu = NumberOf(name.epu);
  if (!epu.ok()) return epu.status();
  const WorkerId id{*epu, WorkerNumber{name.worker}};
  const auto request_kind = Payload(WorkerRequested{}).index();
  const absl::StatusOr<std::vector<Event>> requests = Pick(ToInteger(*epu), [&](const Head& head) {
    return head.subject == id && head.kind == request_kind;
  });
  if (!requests.ok()) return requests.status();
  if (requests->empty()) {
    return absl::NotFoundError(fmt::format("no worker {}/{}", name.epu, name.worker));
  }
  return AboutWorkerId(id, requests->front().sequence);
}

absl::Status Inquiry::AddEffects(const Event& decision, Node& node) {
  // The decision's own requests and retirements follow it in its command, up to the next decision.
  std::set<WorkerId> workers;
  const Sequence end = decision.sequence - decision.place.index + decision.place.count;
  for (Sequence sequence = decision.sequence + 1; sequence < end; ++sequence) {
    const std::optional<Event> event = facts_.names.Read(sequence);
    if (!event || std::holds_alternative<DecisionMade>(event->payload)) break;
    const WorkerId subject = SubjectOf(event->payload);
    if (subject.number != WorkerNumber{}) workers.insert(subject);
  }
  const absl::StatusOr<std::vector<Event>> lives =
      Pick(decision.sequence + 1, [&](const Head& head) { return workers.contains(head.subject); });
  if (!lives.ok()) return lives.status();
  std::size_t shown = 0;
  for (const WorkerId& id : workers) {
    if (shown++ == kWorkersShown) {
      node.children.push_back(
          {fmt::format("… {} more workers", workers.size() - kWorkersShown), {}});
      break;
    }
    Node worker{facts_.names.Worker(id), {}};
    Origin origin{"its site", decision.time};
    std::vector<Event> life;
    std::copy_if(lives->begin(), lives->end(), std::back_inserter(life),
                 [&](const Event& event) { return SubjectOf(event.payload) == id; });
    LeaveOutTheObvious(life);
    for (const Event& event : life) {
      if (worker.children.size() == kLifeShown) break;
      if (const auto* request = std::get_if<WorkerRequested>(&event.payload)) {
        origin.site = facts_.names.Site(request->site);
        worker.children.push_back(RequestNode(facts_, event));
      } else {
        worker.children.push_back(LifeNode(facts_, event, origin));
      }
    }
    node.children.push_back(std::move(worker));
  }
  return absl::OkStatus();
}

absl::StatusOr<Node> Inquiry::AboutDecision(const Event& decision) {
  absl::StatusOr<Node> node = Decided(decision.sequence);
  if (!node.ok()) return node.status();
  if (absl::Status status = AddEffects(decision, *node); !status.ok()) return status;
  return node;
}

absl::StatusOr<Node> Inquiry::AboutReading(const Event& reading) {
  constexpr std::size_t kShown = 10;
  Node root = PlainNode(facts_, reading);
  const EpuNumber epu = SubjectOf(reading.payload).epu;
  const auto decision_kind = Payload(DecisionMade{}).index();
  const absl::StatusOr<std::vector<Event>> decisions =
      Pick(reading.sequence + 1,
           [&](const Head& head) { return head.subject.epu == epu && head.kind == decision_kind; });
  if (!decisions.ok()) return decisions.status();
  for (const Event& event : *decisions) {
    const std::vector<Sequence>& inputs = std::get<DecisionMade>(event.payload).inputs;
    if (std::find(inputs.begin(), inputs.end(), reading.sequence) == inputs.end()) continue;
    if (root.children.size() == kShown) break;
    absl::StatusOr<Node> node = Decided(event.sequence);
    if (!node.ok()) return node.status();
    root.children.push_back(*std::move(node));
  }
  if (root.children.empty()) root.children.push_back({"no decision was made from it", {}});
  return root;
}

Node Inquiry::AboutOther(const Event& event) {
  constexpr std::size_t kShown = 40;
  Node root = PlainNode(facts_, event);
  root.children = Ordered(event);
  const Sequence first = event.sequence - event.place.index;
  for (Sequence sequence = first; sequence < first + event.place.count; ++sequence) {
    if (sequence == event.sequence || root.children.size() >= kShown) continue;
    const std::optional<Event> other = facts_.names.Read(sequence);
    if (other) root.children.push_back(PlainNode(facts_, *other));
  }
  return root;
}

absl::StatusOr<Node> Inquiry::AboutEvent(const SequenceOf& name) {
  const absl::StatusOr<Event> event = EventAt(name.sequence);
  if (!event.ok()) return event.status();
  if (std::holds_alternative<DecisionMade>(event->payload)) return AboutDecision(*event);
  if (std::holds_alternative<ReadingTaken>(event->payload)) return AboutReading(*event);
  const WorkerId subject = SubjectOf(event->payload);
  if (subject.number == WorkerNumber{}) return AboutOther(*event);
  return AboutWorker({facts_.names.Epu(subject.epu), ToInteger(subject.number)});
}

absl::StatusOr<Node> Inquiry::AboutEpu(const EpuName& name) {
  const absl::StatusOr<EpuNumber> number = NumberOf(name.epu);
  if (!number.ok()) return number.status();
  const auto decision_kind = Payload(DecisionMade{}).index();
  absl::StatusOr<LastEvents> last = ReadLast(log_, EventFilter{name, {decision_kind}, ""},
                                             {1, position_.sequence}, 1, facts_.names);
  if (!last.ok()) return last.status();
  Node root;
  if (!last->events.empty()) {
    absl::StatusOr<Node> node = AboutDecision(last->events.front());
    if (!node.ok()) return node.status();
    root.children.push_back(*std::move(node));
  } else {
    root.children.push_back({"nothing was decided for it yet", {}});
  }
  if (absl::Status status = FoldTo(position_.sequence); !status.ok()) return status;
  const Epu* epu = FindEpu(projection_.state, *number);
  if (epu == nullptr || epu->removed) {
    root.text =
        fmt::format("{} {}", name.epu, epu == nullptr ? "was not defined yet" : "was removed");
    return root;
  }
  root.text = PoolSentence(*epu);
  for (const PauseFacts& pause : FindPauses(*epu, position_.time, facts_.names)) {
    root.children.push_back({"paused   " + PauseSentence(pause, facts_.day, facts_.zone), {}});
  }
  if (!epu->engine_error.empty()) {
    root.children.push_back(
        {"engine   cannot decide: " + EscapeAndCut(epu->engine_error, kDetailShown), {}});
  }
  return root;
}

absl::StatusOr<Node> Inquiry::AboutSensor(const SensorOf& name) {
  const auto reading_kind = Payload(ReadingTaken{}).index();
  absl::StatusOr<LastEvents> last = ReadLast(log_, EventFilter{name, {reading_kind}, ""},
                                             {1, position_.sequence}, 1, facts_.names);
  if (!last.ok()) return last.status();
  if (last->events.empty()) {
    return absl::NotFoundError(fmt::format("no reading of {}/{}", name.epu, name.sensor));
  }
  return AboutReading(last->events.front());
}

}  // namespace

absl::StatusOr<Node> ExplainWhy(const EventLog& log, const FoldSource& folds,
                                const Reference& reference, Position position, Names& names,
                                Zone zone) {
  Inquiry inquiry(log, folds, position, names, zone);
  if (const auto* epu = std::get_if<EpuName>(&reference)) return inquiry.AboutEpu(*epu);
  if (const auto* worker = std::get_if<WorkerOf>(&reference)) return inquiry.AboutWorker(*worker);
  if (const auto* sensor = std::get_if<SensorOf>(&reference)) return inquiry.AboutSensor(*sensor);
  return inquiry.AboutEvent(std::get<SequenceOf>(reference));
}

}  // namespace epu
