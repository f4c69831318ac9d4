#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

// References in the values of a launch plan: "${broker.hostname}" is an attribute of another
// service, "${.port}" one of the service itself, "${global.scope}" one of the launch. What a
// reference finds may hold references too. Pure.

namespace epu {

// The attribute `name` of `owner`, which is a service or "global"; none where there is none.
using AttributeSource =
    std::function<std::optional<std::string>(std::string_view owner, std::string_view name)>;

// `text` with every reference filled in, and every reference in what they find; `self` is the
// service whose text it is. What has no dot ("${key}"), no end, or a line end in it is no
// reference, and stays.
//   kInvalidArgument  "${broker.port}: broker has no attribute port, which web.url wants"; a
//                     circle: "web.a -> db.b -> web.a"; what is beyond one of the limits below
// An error names services and attributes, and repeats nothing else of a value: it may be a secret.
absl::StatusOr<std::string> FillReferences(std::string_view text, std::string_view self,
                                           const AttributeSource& attributes);

// A boot configuration: "${key}" and "$key" become the attribute of that name, "$$" a dollar sign;
// as Python's string.Template does it, which the original used.
//   kInvalidArgument  "line 3: no attribute broker_host"; a dollar sign that begins no name
absl::StatusOr<std::string> FillTemplate(
    std::string_view text, const std::vector<std::pair<std::string, std::string>>& attributes);

// What a text may grow to: an argument of a program holds no more.
inline constexpr std::size_t kFilledMax = 128 * 1024;

// How deep one reference may lead to another, and how many are followed for one text: values that
// each refer to the next one twice take a walk that doubles with each of them.
inline constexpr std::size_t kReferenceDepthMax = 100;
inline constexpr std::size_t kReferencesMax = 10'000;

}  // namespace epu
