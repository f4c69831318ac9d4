#include "cli/event_line.h"

#include <gtest/gtest.h>

#include <chrono>

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

// `fields` between the braces of an event that is whole but for them.
absl::StatusOr<std::optional<EventLine>> Parse(const std::string& fields) {
  return ParseEventLine("CLOUDYVENT_JSON:{" + fields + "}");
}

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
  };
  for (const auto& [fields, told] : cases) {
    EXPECT_EQ(Parse(fields).status().message(), told) << fields;
  }
  EXPECT_EQ(ParseEventLine("nothing of the kind")->has_value(), false);
}

}  // namespace
}  // namespace epu
