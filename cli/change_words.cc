#include "cli/change_words.h"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "cli/machine_clock.h"
#include "cli/reference.h"
#include "cli/terminal.h"
#include "cli/time_zones.h"
#include "engines/keys.h"
#include "engines/suggest.h"
#include "engines/zone_rule.h"

namespace epu {
namespace {

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

absl::Status Typed(std::string message) { return absl::InvalidArgumentError(std::move(message)); }

std::string Shown(std::string_view text) { return "\"" + EscapeAndCut(text, 60) + "\""; }

absl::StatusOr<std::int64_t> ParseCount(std::string_view what, std::string_view text,
                                        std::int64_t least) {
  const absl::StatusOr<Value> value = ParseValue(KeyType::kInteger, text);
  if (!value.ok()) {
    return Typed(fmt::format("{}: {}", what, std::string(value.status().message())));
  }
  const std::int64_t count = std::get<std::int64_t>(*value);
  if (count >= least && count <= kPoolSizeMax) return count;
  return Typed(fmt::format("{} is {}; {} to {} is due", what, count, least, kPoolSizeMax));
}

// A time zone gets its rule here.
absl::StatusOr<Value> ReadValue(const Key& key, const std::string& text) {
  if (key.type != KeyType::kZone) return ParseValue(key, text);
  absl::StatusOr<TimeZone> zone = WithRule(ParseZone(text), WallClock());
  if (!zone.ok()) return zone.status();
  return Value(*std::move(zone));
}

}  // namespace

absl::StatusOr<Order> ParseKill(const std::vector<std::string>& words) {
  if (words.size() == 2 && IsDigits(words[0])) {
    const auto count = ParseCount("the number of workers", words[0], 1);
    if (!count.ok()) return count.status();
    if (absl::Status status = CheckName("EPU", words[1]); !status.ok()) return status;
    return Order(KillSome{words[1], static_cast<std::uint32_t>(*count)});
  }
  Kill kill;
  for (const std::string& word : words) {
    const absl::StatusOr<Reference> reference = ParseReference(word);
    const auto* worker = reference.ok() ? std::get_if<WorkerOf>(&*reference) : nullptr;
    if (worker == nullptr) {
      return Typed(
          fmt::format("{} is no worker; write crunch/12 for one worker, or 2 crunch for "
                      "two of crunch",
                      Shown(word)));
    }
    kill.workers.push_back({worker->epu, worker->worker});
  }
  return Order(std::move(kill));
}

absl::StatusOr<std::vector<PoolSize>> ParseSizes(std::string_view text) {
  std::vector<PoolSize> sizes;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    const std::size_t colon = part.find(':');
    if (colon == part.npos) {
      return Typed(fmt::format("{} is no EPU:N; write reconfigure-n web:3,crunch:5", Shown(part)));
    }
    const std::string epu(part.substr(0, colon));
    if (absl::Status status = CheckName("EPU", epu); !status.ok()) return status;
    const auto size = ParseCount("the size of " + epu, part.substr(colon + 1), 0);
    if (!size.ok()) return size.status();
    const bool is_twice = std::any_of(sizes.begin(), sizes.end(),
                                      [&](const PoolSize& other) { return other.epu == epu; });
    if (is_twice) return Typed(fmt::format("{} is given twice; leave one", epu));
    sizes.push_back({epu, *size});
    begin = end + 1;
  }
  return sizes;
}

std::string NoSuchEpu(const State& state, std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& [number, epu] : state.epus) {
    if (!epu.removed) names.push_back(epu.definition.name);
  }
  const auto near = Suggest(name, names);
  return fmt::format("no EPU {}{}", Shown(name),
                     near ? fmt::format("; did you mean {}?", *near) : "");
}

absl::StatusOr<std::vector<Setting>> ParseSettings(const EngineEntry& engine,
                                                   const std::string& path,
                                                   const std::vector<std::string>& words) {
  std::vector<Setting> settings;
  std::vector<std::string> faults;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == word.npos) {
      return Typed(fmt::format("{} is no key=value; the keys are those of: epumgmt engines {}",
                               Shown(word), engine.name));
    }
    const std::string name = word.substr(0, equals);
    const std::string shown = path + Escape(name);
    const auto key = std::find_if(engine.keys.begin(), engine.keys.end(),
                                  [&](const Key& known) { return known.name == name; });
    if (key == engine.keys.end()) {
      faults.push_back(shown + UnknownKey(engine.name, engine.keys, name));
      continue;
    }
    absl::StatusOr<Value> value = ReadValue(*key, word.substr(equals + 1));
    if (!value.ok()) {
      faults.push_back(fmt::format("{}: {}", shown, std::string(value.status().message())));
      continue;
    }
    const bool is_twice = std::any_of(settings.begin(), settings.end(),
                                      [&](const Setting& setting) { return setting.key == name; });
    if (is_twice) {
      faults.push_back(shown + " is given twice; leave one");
    } else {
      settings.push_back({name, *std::move(value)});
    }
  }
  if (!faults.empty()) return Typed(fmt::format("{}", fmt::join(faults, "\n")));
  return settings;
}

absl::StatusOr<Reconfigure> ParseReconfigure(const State& state, const std::string& epu_name,
                                             const std::vector<std::string>& words,
                                             const EngineCatalog& catalog) {
  const Epu* epu = FindEpu(state, epu_name);
  if (epu == nullptr) return absl::NotFoundError(NoSuchEpu(state, epu_name));
  const EngineEntry* engine = FindEngine(catalog, epu->definition.engine);
  if (engine == nullptr) {
    return absl::FailedPreconditionError(
        fmt::format("{} has engine {}, which this build lacks", epu_name, epu->definition.engine));
  }
  absl::StatusOr<std::vector<Setting>> settings =
      ParseSettings(*engine, epu_name + ".config.", words);
  if (!settings.ok()) return settings.status();
  return Reconfigure{epu_name, *std::move(settings)};
}

absl::StatusOr<SensorWords> ParseSensor(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) {
    return Typed(fmt::format("{} is no sensor; write EPU/SENSOR: crunch/queue", Shown(text)));
  }
  SensorWords words{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
  if (absl::Status status = CheckName("EPU", words.epu); !status.ok()) return status;
  if (absl::Status status = CheckName("sensor", words.sensor); !status.ok()) return status;
  return words;
}

absl::StatusOr<double> ParseReadingValue(std::string_view text) {
  const absl::StatusOr<Value> value = ParseValue(KeyType::kNumber, text);
  if (value.ok()) return std::get<double>(*value);
  return Typed(fmt::format("{}; --absent and --broken say that there is none",
                           std::string(value.status().message())));
}

}  // namespace epu
