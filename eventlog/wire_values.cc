#include "eventlog/wire_values.h"

#include <kj/exception.h>
#include <kj/string.h>

namespace epu {

void WriteTexts(const std::vector<std::string>& texts, capnp::List<capnp::Text>::Builder list) {
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, ToText(texts[i]));
}

std::vector<std::string> ReadTexts(capnp::List<capnp::Text>::Reader list) {
  std::vector<std::string> texts;
  texts.reserve(list.size());
  for (const auto text : list) texts.push_back(ReadText(text));
  return texts;
}

void ThrowUnknown(const char* what, unsigned value) {
  kj::throwFatalException(kj::Exception(kj::Exception::Type::FAILED, __FILE__, __LINE__,
                                        kj::str("unknown ", what, " ", value)));
}

WorkerState ReadWorkerState(std::uint16_t value) {
  switch (const auto state = static_cast<WorkerState>(value)) {
    case WorkerState::kRequesting:
    case WorkerState::kRequested:
    case WorkerState::kErrorRetrying:
    case WorkerState::kPending:
    case WorkerState::kStarted:
    case WorkerState::kRunning:
    case WorkerState::kRunningFailed:
    case WorkerState::kTerminating:
    case WorkerState::kTerminated:
    case WorkerState::kFailed:
    case WorkerState::kRejected:
      return state;
  }
  ThrowUnknown("worker state", value);
}

void EncodeWorkReport(const WorkReport& report, wire::WorkReport::Builder builder) {
  builder.setActivity(static_cast<std::uint16_t>(report.activity));
  SetText(report.doing, [&](auto text) { builder.setDoing(text); });
  SetText(report.error, [&](auto text) { builder.setError(text); });
  builder.setAge(report.age.count());
  if (report.metrics.empty()) return;
  auto metrics = builder.initMetrics(static_cast<unsigned>(report.metrics.size()));
  for (unsigned i = 0; i < metrics.size(); ++i) {
    metrics[i].setName(ToText(report.metrics[i].name));
    metrics[i].setValue(report.metrics[i].value);
  }
}

WorkReport DecodeWorkReport(wire::WorkReport::Reader reader) {
  WorkReport report;
  report.activity = ReadCode(reader.getActivity(), Activity::kBusy, "activity");
  report.doing = ReadText(reader.getDoing());
  report.error = ReadText(reader.getError());
  report.age = Duration(reader.getAge());
  for (const auto metric : reader.getMetrics()) {
    report.metrics.push_back({ReadText(metric.getName()), metric.getValue()});
  }
  return report;
}

}  // namespace epu
