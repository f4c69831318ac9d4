#pragma once

#include <string_view>

#include "cli/yaml_tree.h"

namespace epu {

// JSON (RFC 8259) as the same tree that a YAML file becomes, every value with its place: strings
// are scalars in quotes, numbers, true and false scalars without, each as it was written. What no
// reader of such a tree could see is complained of here: a member given twice, text that is no
// UTF-8, more levels than any command has. After a complaint about the syntax the root is empty.
YamlTree ParseJson(std::string_view text);

}  // namespace epu
