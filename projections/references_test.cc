#include "projections/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include <fmt/format.h>

namespace epu {
namespace {

// What there is to be found.
std::optional<std::string> Attribute(std::string_view owner, std::string_view name) {
  static const std::map<std::string, std::string> known = {
      {"global.scope", "run7"},
      {"db.hostname", "10.0.0.5"},
      {"db.port", "${global.port}"},
      {"global.port", "5432"},
      {"web.url", "http://${.host}/"},
      {"web.host", "${db.hostname}:${db.port}"},
      {"a.x", "${b.y}"},
      {"b.y", "${.z}"},
      {"b.z", "${a.x}"},
      {"self.x", "${self.x}"},
      {"a.k", "v"},
      {"longer.key", "s"},
      {"web.lost", "${db.nothing}"},
      {"web.open", "${db.hostname"},
  };
  const auto found = known.find(std::string(owner) + "." + std::string(name));
  if (found == known.end()) return std::nullopt;
  return found->second;
}

std::string Filled(std::string_view text) {
  const absl::StatusOr<std::string> filled = FillReferences(text, "web", &Attribute);
  return filled.ok() ? *filled : "! " + std::string(filled.status().message());
}

TEST(References, AreFilledInWhereverTheyStand) {
  const struct {
    std::string_view text;
    std::string_view filled;
  } cases[] = {
      {"", ""},
      {"nothing to fill", "nothing to fill"},
      {"${global.scope}", "run7"},
      {"${a.k}${a.k}", "vv"},
      {"${longer.key}-${db.hostname}", "s-10.0.0.5"},
      {"at ${.host}!", "at 10.0.0.5:5432!"},
      {"${web.url}", "http://10.0.0.5:5432/"},
      {"${key}", "${key}"},
      {"$5 {x} }", "$5 {x} }"},
      {"${key} ${.host}", "${key} 10.0.0.5:5432"},
      {"${", "${"},
      {"${db.hostname", "${db.hostname"},
      {"${.open}", "${db.hostname"},
      {"${db.\nhostname} ${\n${a.k}", "${db.\nhostname} ${\nv"},
      // Bad ones.
      {"${db.nothing}", "! ${db.nothing}: db has no attribute nothing"},
      {"${nobody.x}", "! ${nobody.x}: nobody has no attribute x"},
      {"${.nothing}", "! ${.nothing}: web has no attribute nothing"},
      {"${.lost}", "! ${db.nothing}: db has no attribute nothing, which web.lost wants"},
      {"${a.${a.k}}", "! ${a.${a.k}: a has no attribute ${a.k"},
      {"${a.b.c}", "! ${a.b.c}: a has no attribute b.c"},
      {"${a.x}", "! ${a.x}: a circle: a.x -> b.y -> b.z -> a.x"},
      {"${self.x}", "! ${self.x}: a circle: self.x -> self.x"},
      {"${.}", "! ${.}: web has no attribute "},
  };
  for (const auto& [text, filled] : cases) EXPECT_EQ(Filled(text), filled) << text;
}

TEST(References, DoNotGrowWithoutEnd) {
  const AttributeSource doubling = [](std::string_view, std::string_view name) {
    const int left = name == "x" ? 40 : std::stoi(std::string(name));
    const std::string next = std::to_string(left - 1);
    return std::optional(left == 0 ? std::string(1000, 'w') : "${a." + next + "}${a." + next + "}");
  };
  const absl::StatusOr<std::string> filled = FillReferences("${a.x}", "a", doubling);
  EXPECT_EQ(filled.status().message(), "it grows beyond 131072 bytes");
}

TEST(References, AreNotFollowedWithoutEnd) {
  // Twice each, and nothing at the end of any way.
  const AttributeSource doubling = [](std::string_view, std::string_view name) {
    const int left = std::stoi(std::string(name));
    const std::string next = std::to_string(left - 1);
    return std::optional(left == 0 ? "" : "${a." + next + "}${a." + next + "}");
  };
  EXPECT_EQ(FillReferences("${a.5}", "a", doubling).value_or("!"), "");
  EXPECT_THAT(std::string(FillReferences("${a.60}", "a", doubling).status().message()),
              testing::EndsWith("}: it leads to too many references"));
  const AttributeSource longer = [](std::string_view, std::string_view name) {
    return std::optional(fmt::format("${{a.{}x}}", name));
  };
  EXPECT_THAT(std::string(FillReferences("${a.x}", "a", longer).status().message()),
              testing::EndsWith("x}: it leads to too many references"));
}

TEST(Template, IsFilledWithAttributesOfItsOwn) {
  const struct {
    std::string_view text;
    std::string_view filled;
  } cases[] = {
      {R"({"host": "${host}"})", R"({"host": "h1"})"},
      {"$host,${host}x", "h1,h1x"},
      {"$host_2 $$5", "two $5"},
      // Bad ones.
      {"\n\n${nothing}", "! line 3: no attribute nothing"},
      {"costs 5$", "! line 1: a $ that begins no name; $$ is a dollar sign"},
      {"${host", "! line 1: a $ that begins no name; $$ is a dollar sign"},
      {"${a.b}", "! line 1: a $ that begins no name; $$ is a dollar sign"},
      {"$9", "! line 1: a $ that begins no name; $$ is a dollar sign"},
  };
  for (const auto& [text, filled] : cases) {
    const auto result = FillTemplate(text, {{"host", "h1"}, {"host_2", "two"}});
    EXPECT_EQ(result.ok() ? *result : "! " + std::string(result.status().message()), filled);
  }
}

}  // namespace
}  // namespace epu
