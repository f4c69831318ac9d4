#include "cli/event_line.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include <nlohmann/json.hpp>

namespace epu {
namespace {

const Time kSaid = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)) +
                   std::chrono::hours(9) + std::chrono::microseconds(45'201'334);

TEST(EventLine, IsWrittenAsTheOriginalWroteIt) {
  EXPECT_EQ(FormatEventLine({"provisioner", "new_node", "k3f9-7", kSaid, R"({"iaas_id":"i-1"})"}),
            R"(CLOUDYVENT_JSON:{"eventname":"new_node","eventsource":"provisioner",)"
            R"("extra":{"iaas_id":"i-1"},"timestamp":{"day":22,"hour":9,"microsecond":201334,)"
            R"("minute":0,"month":11,"second":45,"year":2026},"uniquekey":"k3f9-7"})");
}

TEST(EventLine, ComesOutAsItWentIn) {
  for (const std::string extra : {"", "{}", R"({"deep":{"list":[1,{"x":null}]},"text":"ä\n"})"}) {
    const EventLine line{"a source", "a name", "key", kSaid, extra};
    const auto read = ParseEventLine("2026 WARN said by: " + FormatEventLine(line));
    ASSERT_TRUE(read.ok() && *read) << read.status();
    EXPECT_EQ(**read, line);
  }
}

// Texts of what is special in JSON, in a line, and of the marker, in any order.
std::string DrawText(std::mt19937& random, bool one_line) {
  static const std::vector<std::string> kPieces = {std::string(kEventMarker),
                                                   "CLOUDYVENT_JSON",
                                                   ":",
                                                   "\\",
                                                   "\"",
                                                   "{",
                                                   "]",
                                                   "\\u0",
                                                   "C",
                                                   "ä",
                                                   "→",
                                                   "\U0001F600",
                                                   " ",
                                                   "\x7f",
                                                   "x",
                                                   "\u2028",
                                                   std::string(1, '\0'),
                                                   "\n",
                                                   "\r"};
  std::string text = "t";
  for (std::size_t count = random() % 6; count > 0; --count) {
    text += kPieces[random() % (kPieces.size() - (one_line ? 2 : 0))];
  }
  return text;
}

nlohmann::json DrawJson(std::mt19937& random, std::size_t deep) {
  switch (random() % (deep == 0 ? 5 : 8)) {
    case 0:
      return static_cast<std::int64_t>(random()) - (std::int64_t{1} << 31);
    case 1:
      return random() / 7.0;
    case 2:
      return random() % 2 == 0;
    case 3:
      return nullptr;
    case 4:
      return DrawText(random, false);
    case 5: {
      nlohmann::json list = nlohmann::json::array();
      for (std::size_t count = random() % 4; count > 0; --count) {
        list.push_back(DrawJson(random, deep - 1));
      }
      return list;
    }
    default: {
      nlohmann::json object = nlohmann::json::object();
      for (std::size_t count = random() % 4; count > 0; --count) {
        object[DrawText(random, false)] = DrawJson(random, deep - 1);
      }
      return object;
    }
  }
}

TEST(EventLine, IsReadAgainWhateverIsInIt) {
  std::mt19937 random(7);
  std::size_t markers = 0;
  for (int round = 0; round < 5'000; ++round) {
    const EventLine line{DrawText(random, true), DrawText(random, true), DrawText(random, true),
                         kSaid,
                         nlohmann::json{{DrawText(random, false), DrawJson(random, 6)}}.dump()};
    const std::string text = FormatEventLine(line);
    ASSERT_EQ(text.find_first_of("\r\n"), std::string::npos) << text;
    ASSERT_EQ(text.rfind(kEventMarker), 0u) << text;
    const auto read = ParseEventLine("WARN " + text);
    ASSERT_TRUE(read.ok() && *read) << read.status() << ": " << text;
    ASSERT_EQ(**read, line) << text;
    if (line.extra.find(kEventMarker) != std::string::npos) ++markers;
  }
  EXPECT_GT(markers, 100u);
}

TEST(EventLine, IsWrittenWithoutAnExtraThatNobodyCouldRead) {
  for (const std::string& extra :
       {std::string("{\"half\":"), std::string("[1]"), std::string("\xff"),
        R"({"a":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}",
        R"({"a":")" + std::string(41'000, 'x') + R"("})"}) {
    const auto read = ParseEventLine(FormatEventLine({"s", "n", "k", kSaid, extra}));
    ASSERT_TRUE(read.ok() && *read) << read.status();
    EXPECT_EQ(**read, (EventLine{"s", "n", "k", kSaid, ""}));
  }
}

// `fields` between the braces of an event that is whole but for them.
absl::StatusOr<std::optional<EventLine>> Parse(const std::string& fields) {
  return ParseEventLine("CLOUDYVENT_JSON:{" + fields + "}");
}

// Lists within one another.
std::string Nested(std::size_t deep) { return std::string(deep, '[') + std::string(deep, ']'); }

TEST(EventLine, SaysWhatIsWrongWithOne) {
  const std::string time =
      R"(,"timestamp":{"year":2026,"month":2,"day":3,"hour":4,"minute":5,"second":6})";
  const std::string names = R"("eventsource":"s","eventname":"n","uniquekey":"k")";
  const struct {
    std::string fields;
    std::string told;  // Empty: it is one.
  } cases[] = {
      {names + time, ""},
      {names + time + R"(,"extra":null,"more":1)", ""},
      {names, "no timestamp"},
      {R"("eventname":"n","uniquekey":"k")" + time, "no eventsource"},
      {R"("eventsource":"","eventname":"n","uniquekey":"k")" + time,
       "eventsource is empty, too long or of several lines"},
      {R"("eventsource":"s","eventname":"a\nb","uniquekey":"k")" + time,
       "eventname is empty, too long or of several lines"},
      {R"("eventsource":"s","eventname":"n","uniquekey":7)" + time, "no uniquekey"},
      {names + R"(,"timestamp":{"year":2026,"month":2,"day":30,"hour":4,"minute":5,"second":6})",
       "a timestamp that is no time"},
      {names + R"(,"timestamp":{"year":2026,"month":2,"day":3,"hour":24,"minute":5,"second":6})",
       "a timestamp that is no time"},
      {names + time + R"(,"extra":[1])", "an extra that is no object"},
      {names + time + "} CLOUDYVENT_JSON:{", "the marker twice"},
      {names + time + "} trailing {", "no JSON object behind the marker"},
      {"\"a\xff\":1", "no JSON object behind the marker"},
      {names + time + R"(,"extra":{"a":)" + Nested(62) + "}", ""},
      {names + time + R"(,"extra":{"a":)" + Nested(63) + "}", "JSON nested more than 64 deep"},
      {names + time + R"(,"extra":{"a":)" + Nested(200'000) + "}", "JSON nested more than 64 deep"},
      {names + time + R"(,"extra":{"a":"\"[)" + std::string(99, '[') + R"("})", ""},
      {names + time + R"(,"extra":{"a":)" + std::string(200'000, '['),
       "JSON nested more than 64 deep"},
      {names + time + R"(,"extra":{"a":")" + std::string(41'000, 'x') + R"("})",
       "an event of 41011 bytes; at most 40000"},
  };
  for (const auto& [fields, told] : cases) {
    EXPECT_EQ(Parse(fields).status().message(), told) << fields;
  }
  EXPECT_EQ(ParseEventLine("nothing of the kind")->has_value(), false);
}

}  // namespace
}  // namespace epu
