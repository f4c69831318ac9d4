#include "cli/pause_view.h"

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/terminal.h"
#include "projections/pool.h"

namespace epu {
namespace {

PauseFacts FactsOf(const Hold& hold, Names& names) {
  PauseFacts facts;
  facts.event = hold.event;
  facts.since = hold.since;
  facts.until = hold.until;
  facts.decision = hold.decision;
  if (const std::optional<Event> event = names.Read(hold.event)) {
    facts.actor = names.Actor(event->actor);
    facts.note = event->note;
    if (const Sequence index = event->place.index; index > 0 && index < hold.event) {
      const std::optional<Event> first = names.Read(hold.event - index);
      if (first) facts.note = first->note;
    }
  }
  return facts;
}

Json HoldJson(const Hold* hold, Names& names) {
  if (hold == nullptr) return nullptr;
  const PauseFacts facts = FactsOf(*hold, names);
  return {{"sequence", facts.event},          {"since", FormatTime(facts.since)},
          {"until", TimeOrNull(facts.until)}, {"actor", TextOrNull(facts.actor)},
          {"note", TextOrNull(facts.note)},   {"decision", SequenceOrNull(facts.decision)}};
}

}  // namespace

std::vector<PauseFacts> FindPauses(const Epu& epu, Time now, Names& names) {
  std::vector<PauseFacts> pauses;
  if (const Hold* out = HoldOut(epu, now)) {
    pauses.push_back(FactsOf(*out, names));
    pauses.back().out = true;
  }
  const Hold* in = HoldIn(epu, now);
  if (in == nullptr) return pauses;
  if (pauses.empty() || pauses.back().event != in->event) pauses.push_back(FactsOf(*in, names));
  pauses.back().in = true;
  if (pauses.back().decision == 0) pauses.back().decision = in->decision;
  return pauses;
}

std::string_view PauseWord(const Epu& epu, Time now) {
  const bool out = HoldOut(epu, now) != nullptr;
  const bool in = HoldIn(epu, now) != nullptr;
  return out && in ? "paused" : out ? "paused out" : in ? "paused in" : "";
}

std::string PauseSentence(const PauseFacts& pause, Time day, Zone zone) {
  std::string text = fmt::format("{}  {} by {}: holds {}", pause.event,
                                 FormatBeside(pause.since, day, zone, Precision::kSeconds),
                                 Escape(pause.actor.empty() ? "-" : pause.actor),
                                 pause.out && pause.in ? "growing and shrinking"
                                 : pause.out           ? "growing"
                                                       : "shrinking");
  if (pause.until) {
    text += " until " + FormatBeside(*pause.until, day, zone, Precision::kSeconds);
  }
  if (pause.decision != 0) text += fmt::format(", {} first", pause.decision);
  if (!pause.note.empty()) text += fmt::format("  \"{}\"", EscapeAndCut(pause.note, kDetailShown));
  return text;
}

Json PausesJson(const Epu& epu, Time now, Names& names) {
  const Hold* out = HoldOut(epu, now);
  const Hold* in = HoldIn(epu, now);
  if (out == nullptr && in == nullptr) return nullptr;
  return {{"out", HoldJson(out, names)}, {"in", HoldJson(in, names)}};
}

}  // namespace epu
