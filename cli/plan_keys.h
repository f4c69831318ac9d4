#pragma once

#include <string_view>
#include <vector>

// Which keys the sections of a launch plan have, and who may say what for whom.

namespace epu {

// Whether a cloud may say it for its services, and [defaults] for all.
bool IsCloudKey(std::string_view key);

// Whether [defaults] may say it for all services: what a cloud may, and more. Of these "hostname"
// has no effect there.
bool IsDefaultKey(std::string_view key);

// The keys that a section may have; of a service also every one that begins with "deps".
std::vector<std::string_view> CloudKeys();
std::vector<std::string_view> DefaultKeys();
std::vector<std::string_view> ServiceKeys();

// What may name a service: letters, digits, '_' and '-', at most kNameMax (definition_rules.h), and
// not "global". It is a part of names of files and of references, and a word for a remote shell.
bool IsServiceName(std::string_view name);

}  // namespace epu
