#include "cli/bisect_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/history_view.h"

namespace epu {
namespace {

constexpr std::size_t kShown = 20;  // Of a list; --json has it whole.

std::string Inputs(std::size_t count) {
  return fmt::format("{} input{}", WithThousands(count), count == 1 ? "" : "s");
}

// A word before each line, and the lines in the columns of history.
class Lines {
 public:
  Lines(const BisectionFacts& facts, Names& names, Zone zone) : names_(names) {
    std::vector<Event> all = {facts.decision};
    for (const std::vector<Sequence>* sequences : {&facts.found.inputs, &facts.found.alone}) {
      for (const Sequence sequence : *sequences) {
        if (std::optional<Event> event = names.Read(sequence)) all.push_back(*std::move(event));
      }
    }
    std::rotate(all.begin(), all.begin() + 1, all.end());  // The decision's day is the one named.
    columns_ = ColumnsFor(all, zone);
  }

  void Add(std::string_view word, const Event& event) {
    text += fmt::format("{:<9}  {}", word, HistoryLine(event, columns_, names_));
  }

  // The newest first: they are nearest to the decision.
  void Add(std::string_view word, const std::vector<Sequence>& sequences) {
    for (std::size_t i = 0; i < std::min(sequences.size(), kShown); ++i) {
      const Sequence sequence = sequences[sequences.size() - 1 - i];
      if (const std::optional<Event> event = names_.Read(sequence)) Add(word, *event);
    }
    if (sequences.size() > kShown) {
      text += fmt::format("           … {} earlier ones: --json has them all\n",
                          sequences.size() - kShown);
    }
  }

  std::string text;

 private:
  Names& names_;
  HistoryColumns columns_;
};

Json DeedJson(const DecisionMade& decision, Names& names) {
  Json json = {{"wanted", decision.wanted}, {"launches", decision.launches}};
  json["retirements"] = Json::array();
  for (const WorkerNumber worker : decision.retirements) {
    json["retirements"].push_back(names.Worker({decision.epu, worker}));
  }
  json["constraints"] = Json::array();
  for (const Constraint& constraint : decision.constraints) {
    json["constraints"].push_back(ConstraintJson(constraint));
  }
  return json;
}

Json EventsJson(const std::vector<Sequence>& sequences, Names& names) {
  Json json = Json::array();
  for (const Sequence sequence : sequences) {
    if (const std::optional<Event> event = names.Read(sequence)) {
      json.push_back(EventJson(*event, names));
    }
  }
  return json;
}

}  // namespace

std::string BisectionText(const BisectionFacts& facts, Names& names, Zone zone) {
  const Bisection& found = facts.found;
  const std::string seen =
      fmt::format("looked at  {} from {} on; decided again {} times\n", Inputs(found.inputs_seen),
                  facts.from, WithThousands(found.asked));
  Lines lines(facts, names, zone);
  lines.Add("decision", facts.decision);
  if (found.inputs.empty()) {
    lines.text += "hangs on   none of the inputs before it: without them it is made all the same\n";
    return lines.text + seen;
  }
  lines.Add("hangs on", found.inputs);
  const bool one = found.inputs.size() == 1;
  lines.text +=
      fmt::format("without    {}\n", found.otherwise ? DecisionText(*found.otherwise, names, zone)
                                                     : "nothing is decided");
  lines.text += fmt::format("checked    {}: with {} put back the decision is as recorded\n",
                            Inputs(found.inputs.size()), one ? "it" : "any one of them");
  std::vector<Sequence> others = found.alone;
  if (!others.empty()) others.pop_back();
  lines.Add("so alone", others);
  return lines.text + seen;
}

Json BisectionJson(const BisectionFacts& facts, Names& names) {
  const Bisection& found = facts.found;
  Json json = {{"decision", EventJson(facts.decision, names)},
               {"inputs", EventsJson(found.inputs, names)},
               {"otherwise", nullptr},
               {"put_back", found.inputs.size()},
               {"alone", EventsJson(found.alone, names)},
               {"from", facts.from},
               {"inputs_seen", found.inputs_seen},
               {"decided_again", found.asked}};
  if (found.otherwise) json["otherwise"] = DeedJson(*found.otherwise, names);
  return json;
}

}  // namespace epu
