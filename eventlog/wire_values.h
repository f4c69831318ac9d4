#pragma once

#include <capnp/list.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventlog/event.capnp.h"
#include "eventlog/event.h"

// Texts and codes between C++ and Cap'n Proto messages; shared by the codecs of events,
// definitions and orders. What this build does not know raises kj::Exception, as capnp's own
// readers do; each codec catches it at its edge.

namespace epu {

inline capnp::Text::Reader ToText(const std::string& text) { return {text.c_str(), text.size()}; }

inline std::string ReadText(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

// An empty text is the schema's default and takes no room.
template <typename Set>
void SetText(const std::string& text, Set set) {
  if (!text.empty()) set(ToText(text));
}

void WriteTexts(const std::vector<std::string>& texts, capnp::List<capnp::Text>::Builder list);
std::vector<std::string> ReadTexts(capnp::List<capnp::Text>::Reader list);

inline std::optional<Time> ReadOptionalTime(bool is_there, std::int64_t microseconds) {
  return is_there ? std::optional(Time(Duration(microseconds))) : std::nullopt;
}

// "unknown reason 99"
[[noreturn]] void ThrowUnknown(const char* what, unsigned value);

// The code of an enumeration that counts from 0 to `last`.
template <typename Code>
Code ReadCode(std::uint16_t value, Code last, const char* what) {
  if (value > static_cast<std::uint16_t>(last)) ThrowUnknown(what, value);
  return static_cast<Code>(value);
}

WorkerState ReadWorkerState(std::uint16_t value);

// A part of events and of heartbeats.
void EncodeWorkReport(const WorkReport& report, wire::WorkReport::Builder builder);
WorkReport DecodeWorkReport(wire::WorkReport::Reader reader);

}  // namespace epu
