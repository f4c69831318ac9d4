#include "cli/config_setting.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/machine_clock.h"
#include "cli/time_zones.h"
#include "engines/schedule.h"
#include "engines/values.h"
#include "engines/zone_rule.h"

namespace epu {
namespace {

using Item = ConfigReader::Item;
using Items = ConfigReader::Items;

// The value of `parsed`, or none with its error as a fault at `item`.
template <typename Type>
std::optional<Type> Checked(ConfigReader& reader, const Item& item, absl::StatusOr<Type> parsed) {
  if (parsed.ok()) return *std::move(parsed);
  reader.Add(item.node->mark, item.path,
             fmt::format(": {}", std::string(parsed.status().message())));
  return std::nullopt;
}

std::optional<Value> ReadUniques(ConfigReader& reader, const Item& item) {
  std::vector<UniqueInstance> uniques;
  for (const auto& [key, entry] : reader.Entries(item)) {
    std::optional<std::vector<Variable>> variables = reader.Variables(entry);
    if (!variables) return std::nullopt;
    uniques.push_back({key, *std::move(variables)});
  }
  if (item.node->kind != YamlNode::Kind::kMap) return std::nullopt;
  return uniques;
}

std::optional<Value> ReadZone(ConfigReader& reader, const Item& item) {
  const std::optional<std::string> text =
      reader.Scalar(item, WhatIsDue(KeyType::kZone), ConfigReader::Form::kText);
  if (!text) return std::nullopt;
  return Checked(reader, item, WithRule(ParseZone(*text), WallClock()));
}

// mon-fri, or [mon, wed, fri].
std::optional<std::uint8_t> ReadDays(ConfigReader& reader, const Item& item) {
  constexpr std::string_view kDue = "a day, a range like mon-fri, or a list of such";
  const bool is_list = item.node->kind == YamlNode::Kind::kSequence;
  if (is_list && item.node->items.empty()) {
    reader.Add(item.mark, item.path, " is empty; leave it out for every day");
    return std::nullopt;
  }
  std::vector<Item> parts;
  if (is_list) {
    for (const YamlNode& node : item.node->items) {
      parts.push_back({fmt::format("{}[{}]", item.path, parts.size()), &node, node.mark});
    }
  } else {
    parts.push_back(item);
  }
  std::uint8_t days = 0;
  for (const Item& part : parts) {
    const auto text = reader.Scalar(part, kDue, ConfigReader::Form::kText);
    const std::optional<std::uint8_t> some =
        text ? Checked(reader, part, ParseDays(*text)) : std::nullopt;
    if (!some) return std::nullopt;
    days = static_cast<std::uint8_t>(days | *some);
  }
  return days;
}

std::optional<ScheduleEntry> ReadEntry(ConfigReader& reader, const Item& item) {
  constexpr std::array<std::string_view, 3> kKeys = {"at", "count", "days"};
  const Items fields =
      reader.Fields(item, "an entry of a schedule", kKeys, std::span(kKeys).first(2));
  const auto at = fields.find("at");
  const auto count = fields.find("count");
  if (at == fields.end() || count == fields.end()) return std::nullopt;
  const auto text =
      reader.Scalar(at->second, "a time of day like \"08:00\"", ConfigReader::Form::kText);
  const std::optional<std::uint16_t> minute =
      text ? Checked(reader, at->second, ParseMinute(*text)) : std::nullopt;
  const std::optional<std::int64_t> workers = reader.Integer(count->second, 0, kPoolSizeMax);
  std::optional<std::uint8_t> days = kEveryDay;
  if (const auto given = fields.find("days"); given != fields.end()) {
    days = ReadDays(reader, given->second);
  }
  if (!minute || !workers || !days) return std::nullopt;
  return ScheduleEntry{*days, *minute, static_cast<std::uint32_t>(*workers)};
}

std::optional<Value> ReadSchedule(ConfigReader& reader, const Item& item) {
  if (item.node->kind != YamlNode::Kind::kSequence) {
    reader.Add(item.mark, item.path,
               " is no list; write entries like - {days: mon-fri, at: \"08:00\", count: 6}");
    return std::nullopt;
  }
  Schedule schedule;
  bool sound = true;
  for (const YamlNode& node : item.node->items) {
    const std::string path = fmt::format("{}[{}]", item.path, &node - item.node->items.data());
    const std::optional<ScheduleEntry> entry = ReadEntry(reader, {path, &node, node.mark});
    if (entry) schedule.push_back(*entry);
    sound = sound && entry.has_value();
  }
  if (!sound) return std::nullopt;
  return schedule;
}

}  // namespace

std::optional<Value> ReadSetting(ConfigReader& reader, const Key& key, const Item& item) {
  if (key.type == KeyType::kUniques) return ReadUniques(reader, item);
  if (key.type == KeyType::kZone) return ReadZone(reader, item);
  if (key.type == KeyType::kSchedule) return ReadSchedule(reader, item);
  if (key.type == KeyType::kText) return reader.Text(item);
  const auto form =
      key.type == KeyType::kDuration ? ConfigReader::Form::kWritten : ConfigReader::Form::kPlain;
  const auto text = reader.Scalar(item, WhatIsDue(key.type), form);
  if (!text) return std::nullopt;
  return Checked(reader, item, ParseValue(key, *text));
}

}  // namespace epu
