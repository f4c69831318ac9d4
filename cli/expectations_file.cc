#include "cli/expectations_file.h"

#include <array>

#include <fmt/format.h>

#include "cli/constraint_text.h"
#include "engines/keys.h"

namespace epu {

Expectations ReadExpectations(ConfigReader& reader, const ConfigReader::Item& item) {
  constexpr std::array<std::string_view, 4> kKeys = {"never_above", "queue_under", "within",
                                                     "no_flap"};
  Expectations expected;
  const auto fields = reader.Fields(item, "an expectation", kKeys, {});
  if (const auto field = fields.find("never_above"); field != fields.end()) {
    if (const auto most = reader.Integer(field->second, 0, kPoolSizeMax)) {
      expected.never_above = static_cast<std::uint32_t>(*most);
    }
  }
  if (const auto field = fields.find("queue_under"); field != fields.end()) {
    if (const auto limit = reader.Integer(field->second, 1, static_cast<std::int64_t>(kExactMax))) {
      expected.queue_under = static_cast<double>(*limit);
    }
  }
  if (const auto field = fields.find("within"); field != fields.end()) {
    expected.within = reader.Duration(field->second, Duration::zero(), std::chrono::days(366))
                          .value_or(Duration{});
    if (!fields.contains("queue_under")) {
      reader.Add(field->second.mark, field->second.path, " goes with queue_under; add it");
    }
  }
  if (const auto field = fields.find("no_flap"); field != fields.end()) {
    expected.no_flap = reader.Flag(field->second).value_or(false);
  }
  if (fields.empty())
    reader.Add(item.mark, item.path, ": nothing is expected; never_above, queue_under …");
  return expected;
}

std::string BreachText(const Breach& breach, const Expectations& expected) {
  switch (breach.kind) {
    case Breach::Kind::kAbove:
      return fmt::format("{} workers, never above {} expected", breach.value,
                         *expected.never_above);
    case Breach::Kind::kQueue:
      return fmt::format("queue {} for longer than {}, under {} expected", breach.value,
                         FormatDuration(expected.within), *expected.queue_under);
    case Breach::Kind::kFlap:
      return "a flap: back to the size that it had within 10m";
  }
  return "";
}

std::string DecisionLine(const DecisionMade& decision, std::string_view sensor, Zone zone) {
  std::string text = fmt::format("{} ({} → {})", decision.engine, decision.size, decision.wanted);
  const char* before = ": ";
  for (const Constraint& constraint : decision.constraints) {
    text += before + ConstraintText(constraint, sensor, zone);
    before = "; ";
  }
  return text;
}

}  // namespace epu
