#include "cli/apply_review.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cli/look.h"
#include "cli/what_if_view.h"
#include "engines/catalog.h"

namespace epu {
namespace {

// The definition in `apply` of an EPU that is there and changes; null for everything else.
const EpuDefinition* Changed(const Apply& apply, const PlanItem& item) {
  if (item.kind != "epu" || item.mark != PlanMark::kChange) return nullptr;
  const auto found = std::find_if(apply.epus.begin(), apply.epus.end(),
                                  [&](const EpuDefinition& epu) { return epu.name == item.name; });
  return found == apply.epus.end() ? nullptr : &*found;
}

}  // namespace

absl::StatusOr<std::vector<PoolReview>> ReviewApply(Context& context, const Apply& apply,
                                                    const ApplyPlan& plan, Duration length) {
  const absl::StatusOr<View> view = Look(context, "");
  if (!view.ok()) return view.status();
  const absl::StatusOr<Sequence> first = FirstAt(*view->log, view->position.time - length);
  if (!first.ok()) return first.status();
  const EngineCatalog catalog = BuiltInEngines();
  std::vector<PoolReview> reviews;
  for (const PlanItem& item : plan.items) {
    const EpuDefinition* const definition = Changed(apply, item);
    if (definition == nullptr) continue;
    const EngineEntry* const engine = FindEngine(catalog, definition->engine);
    if (engine == nullptr) continue;
    const absl::StatusOr<EpuNumber> number = RequireEpuOfLog(*view->log, item.name);
    if (!number.ok()) return number.status();
    SequenceRange range{*first, view->position.sequence};
    absl::StatusOr<Projection<State>> known = BeginRange(context, *view, *number, range);
    if (!known.ok()) continue;  // It was defined just now.
    const Epu& pool = known->state.epus.at(*number);
    const CandidatePolicy candidate{definition->engine,
                                    Complete(engine->keys, definition->settings)};
    if (!UnderCandidate(pool.definition, candidate, catalog).ok()) continue;
    PoolReview review{item.name, known->state.time, {}};
    WhatIfRequest request{*number, {{"this file", candidate}}, HighWaterOf(pool.definition), false};
    absl::StatusOr<WhatIfAnswer> answer =
        RunCandidates(context, *view, range, *std::move(known), std::move(request));
    if (!answer.ok()) return answer.status();
    review.answer = *std::move(answer);
    reviews.push_back(std::move(review));
  }
  return reviews;
}

std::string FormatReviews(const std::vector<PoolReview>& reviews, const Terminal& terminal,
                          Zone zone) {
  std::string text;
  for (const PoolReview& review : reviews) {
    text += fmt::format("{} from {} to {}, as it went and under this file:\n{}", review.epu,
                        FormatSeconds(review.from, zone), FormatSeconds(review.answer.end, zone),
                        WhatIfText(review.answer.outcomes, nullptr, terminal, zone));
  }
  return reviews.empty() ? "there is no record of a pool that this changes\n" : text;
}

Json ReviewsJson(const std::vector<PoolReview>& reviews) {
  Json json = Json::array();
  for (const PoolReview& review : reviews) {
    Json entry = {{"epu", review.epu}, {"from", FormatTime(review.from)}};
    entry.update(WhatIfJson(review.answer.outcomes, review.answer.work));
    json.push_back(std::move(entry));
  }
  return json;
}

}  // namespace epu
