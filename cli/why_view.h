#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/names.h"
#include "cli/zone.h"
#include "eventlog/event.h"
#include "projections/state.h"

// `why` as text: trees whose parts are made one by one from events and states. Pure, but for names.

namespace epu {

// A line, and what stands behind it.
struct Node {
  std::string text;
  std::vector<Node> children;
  bool operator==(const Node&) const = default;
};

// The root as it is, its children with "├─", "│" and "└─" before them. Each line has its end.
std::string FormatTree(const Node& root);

// The same for dot(1): boxes, and arrows from each to what stands behind it.
std::string FormatDot(const Node& root);

// What the parts of one tree have in common.
struct WhyFacts {
  Names& names;
  Zone zone = Zone::kUtc;
  Time day{};  // Times of another day have their date.
};

// "18181  09:13:45.201  decided by queuelen 1: launch 1 (4 → 5)", and behind it what drove it, what
// it was made from, the limits that were free in `before`, and the policy with its author and note.
// `before` is the state folded up to the decision, without it.
Node DecisionNode(const WhyFacts& facts, const Event& decision, const State& before);

// "max_instances 8 left 4; site local 16 left 9; none pending; no back-off; enabled", and "paused
// out" where it is.
std::string LimitsText(const State& state, const Epu& epu, Time now);

// "18182  09:13:45.201  requested: one worker of crunch on local, token k3f9-5d1e-208"; the
// decision stands behind it.
Node RequestNode(const WhyFacts& facts, const Event& request);

// Where a worker came from.
struct Origin {
  std::string site;
  Time decided{};  // For the time to its first heartbeat.
};

// What became of a worker: "18190  09:13:45.312  500-STARTED  pid 40177".
Node LifeNode(const WhyFacts& facts, const Event& event, const Origin& origin);

// Any event in the words of history.
Node PlainNode(const WhyFacts& facts, const Event& event);

// "crunch/12 is 600-RUNNING on local (pid 40177), OK, for 22s"
std::string WorkerSentence(const State& state, const Epu& epu, const Worker& worker, Time now);

// The same for one that has left the state: "crunch/12 was 800-TERMINATED, and its machine gone, 3m
// ago". `life` is all its events, oldest first and not empty.
std::string EndedSentence(const WhyFacts& facts, std::span<const Event> life, Time now);

// "crunch is PENDING: 4 running, 1 starting, 5 wanted"
std::string PoolSentence(const Epu& epu);

}  // namespace epu
