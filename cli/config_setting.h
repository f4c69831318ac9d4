#pragma once

#include <optional>

#include "cli/config_reader.h"
#include "engines/keys.h"

namespace epu {

// The value of one key of an engine, as it stands in a configuration file; none, with a fault at
// its place, for anything else. Limits are CheckSettings's matter. A time zone gets its rule here.
std::optional<Value> ReadSetting(ConfigReader& reader, const Key& key,
                                 const ConfigReader::Item& item);

}  // namespace epu
