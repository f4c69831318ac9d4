#include "commands/order_codec.h"

#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "eventlog/definition_codec.h"
#include "eventlog/overloaded.h"
#include "eventlog/service_codec.h"
#include "eventlog/wire_values.h"

namespace epu {
namespace {

// ---- Writing ----

unsigned SizeOf(const auto& values) { return static_cast<unsigned>(values.size()); }

void WriteReference(const WorkerReference& worker, wire::WorkerReference::Builder builder) {
  builder.setEpu(ToText(worker.epu));
  builder.setNumber(worker.number);
}

void WriteApply(const Apply& order, wire::Apply::Builder builder) {
  builder.setHasMaxWorkers(order.max_workers.has_value());
  builder.setMaxWorkers(order.max_workers.value_or(0));
  auto sites = builder.initSites(SizeOf(order.sites));
  for (unsigned i = 0; i < sites.size(); ++i) EncodeDefinition(order.sites[i], sites[i]);
  auto epus = builder.initEpus(SizeOf(order.epus));
  for (unsigned i = 0; i < epus.size(); ++i) EncodeDefinition(order.epus[i], epus[i]);
  builder.setPrune(order.prune);
  builder.setHasBasis(order.basis.has_value());
  builder.setBasis(order.basis.value_or(0));
}

void WriteReading(const PutReading& order, wire::PutReading::Builder builder) {
  builder.setEpu(ToText(order.epu));
  builder.setSensor(ToText(order.sensor));
  builder.setAge(order.age.count());
  builder.setHasInProgress(order.in_progress.has_value());
  builder.setInProgress(order.in_progress.value_or(0));
  builder.setSource(ToText(order.source));
  std::visit(Overloaded{
                 [&](double value) { builder.setValue(value); },
                 [&](const Absent&) { builder.setAbsent(); },
                 [&](const Broken& broken) { builder.setBroken(ToText(broken.error)); },
             },
             order.measure);
}

void WritePause(const PauseScaling& order, wire::PauseScaling::Builder builder) {
  builder.setEpu(ToText(order.epu));
  builder.setOut(order.out);
  builder.setIn(order.in);
  builder.setHasLength(order.length.has_value());
  builder.setLength(order.length.value_or(Duration::zero()).count());
}

void WriteResume(const ResumeScaling& order, wire::ResumeScaling::Builder builder) {
  builder.setEpu(ToText(order.epu));
  builder.setOut(order.out);
  builder.setIn(order.in);
}

void WriteReport(const ReportWorker& order, wire::ReportWorker::Builder builder) {
  EncodeWorker(order.worker, builder.initWorker());
  builder.setTo(static_cast<std::uint16_t>(order.to));
  builder.setReason(static_cast<std::uint16_t>(order.reason));
  builder.setDetail(ToText(order.detail));
  builder.setMachine(ToText(order.machine));
}

void WriteReport(const ReportMachine& order, wire::ReportMachine::Builder builder) {
  EncodeWorker(order.worker, builder.initWorker());
  builder.setTo(static_cast<std::uint16_t>(order.to));
  builder.setMachine(ToText(order.machine));
}

void WriteReport(const ReportHealth& order, wire::ReportHealth::Builder builder) {
  EncodeWorker(order.worker, builder.initWorker());
  builder.setTo(static_cast<std::uint16_t>(order.to));
  builder.setSilence(order.silence.count());
  builder.setDetail(ToText(order.detail));
}

void WriteReport(const ReportSite& order, wire::SiteAnswered::Builder builder) {
  builder.setSite(ToInteger(order.site));
  builder.setAnswering(order.answering);
  builder.setError(ToText(order.error));
}

void WriteReport(const ReportStranger& order, wire::ReportStranger::Builder builder) {
  builder.setSite(ToInteger(order.site));
  builder.setEpoch(order.launch.epoch);
  builder.setRequest(order.launch.request);
  builder.setMachine(ToText(order.machine));
  builder.setListed(order.listed);
}

// ---- Reading ----

Apply ReadApply(wire::Apply::Reader reader) {
  Apply apply;
  if (reader.getHasMaxWorkers()) apply.max_workers = reader.getMaxWorkers();
  for (const auto site : reader.getSites()) apply.sites.push_back(DecodeDefinition(site));
  for (const auto epu : reader.getEpus()) apply.epus.push_back(DecodeDefinition(epu));
  apply.prune = reader.getPrune();
  if (reader.getHasBasis()) apply.basis = reader.getBasis();
  return apply;
}

Kill ReadKill(capnp::List<wire::WorkerReference>::Reader list) {
  Kill kill;
  for (const auto worker : list) {
    kill.workers.push_back({ReadText(worker.getEpu()), worker.getNumber()});
  }
  return kill;
}

Measure ReadMeasure(wire::PutReading::Reader reader) {
  switch (reader.which()) {
    case wire::PutReading::ABSENT:
      return Absent{};
    case wire::PutReading::VALUE:
      // This is the border: behind it a number is a number.
      if (!std::isfinite(reader.getValue())) return Broken{fmt::format("{}", reader.getValue())};
      return reader.getValue();
    case wire::PutReading::BROKEN:
      return Broken{ReadText(reader.getBroken())};
  }
  ThrowUnknown("measure", static_cast<unsigned>(reader.which()));
}

PutReading ReadReading(wire::PutReading::Reader reader) {
  PutReading reading{ReadText(reader.getEpu()), ReadText(reader.getSensor()),
                     ReadMeasure(reader),       std::nullopt,
                     Duration(reader.getAge()), ReadText(reader.getSource())};
  if (reader.getHasInProgress() && std::isfinite(reader.getInProgress())) {
    reading.in_progress = reader.getInProgress();
  }
  return reading;
}

PauseScaling ReadPause(wire::PauseScaling::Reader reader) {
  PauseScaling pause{ReadText(reader.getEpu()), reader.getOut(), reader.getIn(), std::nullopt};
  if (reader.getHasLength()) pause.length = Duration(reader.getLength());
  return pause;
}

ReportWorker ReadReport(wire::ReportWorker::Reader reader) {
  return {DecodeWorker(reader.getWorker()), ReadWorkerState(reader.getTo()),
          ReadCode(reader.getReason(), Reason::kRunEnded, "reason"), ReadText(reader.getDetail()),
          ReadText(reader.getMachine())};
}

ReportMachine ReadReport(wire::ReportMachine::Reader reader) {
  return {DecodeWorker(reader.getWorker()), ReadCode(reader.getTo(), Presence::kGone, "presence"),
          ReadText(reader.getMachine())};
}

ReportStranger ReadReport(wire::ReportStranger::Reader reader) {
  return {SiteNumber{reader.getSite()},
          {reader.getEpoch(), reader.getRequest()},
          ReadText(reader.getMachine()),
          reader.getListed()};
}

ReportHealth ReadReport(wire::ReportHealth::Reader reader) {
  return {DecodeWorker(reader.getWorker()), ReadCode(reader.getTo(), Health::kZombie, "health"),
          Duration(reader.getSilence()), ReadText(reader.getDetail())};
}

}  // namespace

bool EncodeOrder(const Order& order, wire::Command::Builder builder) {
  return std::visit(
      Overloaded{
          [&](const Apply& apply) { return WriteApply(apply, builder.initApply()), true; },
          [&](const Reconfigure& reconfigure) {
            auto part = builder.initReconfigure();
            part.setEpu(ToText(reconfigure.epu));
            EncodeSettings(reconfigure.settings, part.initSettings(SizeOf(reconfigure.settings)));
            return true;
          },
          [&](const Kill& kill) {
            auto list = builder.initKill(SizeOf(kill.workers));
            for (unsigned i = 0; i < list.size(); ++i) WriteReference(kill.workers[i], list[i]);
            return true;
          },
          [&](const KillSome& some) {
            return WriteReference({some.epu, some.count}, builder.initKillSome()), true;
          },
          [&](const Remove& remove) { return builder.setRemove(ToText(remove.epu)), true; },
          [&](const SwitchLaunching& launching) {
            auto part = builder.initSwitchLaunching();
            part.setSite(ToText(launching.site));
            part.setEnabled(launching.enabled);
            return true;
          },
          [&](const EndRun&) { return builder.setEndRun(), true; },
          [&](const PutReading& put) { return WriteReading(put, builder.initPutReading()), true; },
          [&](const ReportWorker& report) {
            return WriteReport(report, builder.initReportWorker()), true;
          },
          [&](const ReportMachine& report) {
            return WriteReport(report, builder.initReportMachine()), true;
          },
          [&](const ReportHealth& report) {
            return WriteReport(report, builder.initReportHealth()), true;
          },
          [&](const ReportSite& report) {
            return WriteReport(report, builder.initReportSite()), true;
          },
          [&](const PauseScaling& pause) { return WritePause(pause, builder.initPause()), true; },
          [&](const ResumeScaling& resume) {
            return WriteResume(resume, builder.initResume()), true;
          },
          [&](const Adopt& adopt) {
            return WriteTexts(adopt.tokens, builder.initAdopt(SizeOf(adopt.tokens))), true;
          },
          [&](const Collect& collect) {
            return WriteTexts(collect.tokens, builder.initCollect(SizeOf(collect.tokens))), true;
          },
          [&](const ReportStranger& report) {
            return WriteReport(report, builder.initReportStranger()), true;
          },
          [&](const NoteLines& note) {
            auto list = builder.initNoteLines(SizeOf(note.lines));
            for (unsigned i = 0; i < list.size(); ++i) EncodeFact(note.lines[i], list[i]);
            return true;
          },
          [](const auto&) { return false; },
      },
      order);
}

Order DecodeOrder(wire::Command::Reader reader) {
  switch (reader.which()) {
    case wire::Command::APPLY:
      return ReadApply(reader.getApply());
    case wire::Command::RECONFIGURE:
      return Reconfigure{ReadText(reader.getReconfigure().getEpu()),
                         DecodeSettings(reader.getReconfigure().getSettings())};
    case wire::Command::KILL:
      return ReadKill(reader.getKill());
    case wire::Command::KILL_SOME:
      return KillSome{ReadText(reader.getKillSome().getEpu()), reader.getKillSome().getNumber()};
    case wire::Command::REMOVE:
      return Remove{ReadText(reader.getRemove())};
    case wire::Command::SWITCH_LAUNCHING:
      return SwitchLaunching{ReadText(reader.getSwitchLaunching().getSite()),
                             reader.getSwitchLaunching().getEnabled()};
    case wire::Command::END_RUN:
      return EndRun{};
    case wire::Command::PUT_READING:
      return ReadReading(reader.getPutReading());
    case wire::Command::REPORT_WORKER:
      return ReadReport(reader.getReportWorker());
    case wire::Command::REPORT_MACHINE:
      return ReadReport(reader.getReportMachine());
    case wire::Command::REPORT_HEALTH:
      return ReadReport(reader.getReportHealth());
    case wire::Command::REPORT_SITE: {
      const auto report = reader.getReportSite();
      return ReportSite{SiteNumber{report.getSite()}, report.getAnswering(),
                        ReadText(report.getError())};
    }
    case wire::Command::PAUSE:
      return ReadPause(reader.getPause());
    case wire::Command::RESUME:
      return ResumeScaling{ReadText(reader.getResume().getEpu()), reader.getResume().getOut(),
                           reader.getResume().getIn()};
    case wire::Command::ADOPT:
      return Adopt{ReadTexts(reader.getAdopt())};
    case wire::Command::COLLECT:
      return Collect{ReadTexts(reader.getCollect())};
    case wire::Command::REPORT_STRANGER:
      return ReadReport(reader.getReportStranger());
    case wire::Command::NOTE_LINES: {
      NoteLines note;
      for (const auto line : reader.getNoteLines()) note.lines.push_back(DecodeFact(line));
      return note;
    }
  }
  ThrowUnknown("order", static_cast<unsigned>(reader.which()));
}

void EncodeHeartbeat(const Heartbeat& heartbeat, wire::Heartbeat::Builder builder) {
  EncodeWorker(heartbeat.worker, builder.initWorker());
  builder.setEpoch(heartbeat.launch.epoch);
  builder.setRequest(heartbeat.launch.request);
  builder.setHealth(static_cast<std::uint16_t>(heartbeat.health));
  builder.setDetail(ToText(heartbeat.detail));
  if (heartbeat.report) EncodeWorkReport(*heartbeat.report, builder.initReport());
}

Heartbeat DecodeHeartbeat(wire::Heartbeat::Reader reader) {
  return {DecodeWorker(reader.getWorker()),
          {reader.getEpoch(), reader.getRequest()},
          ReadCode(reader.getHealth(), Health::kZombie, "health"),
          ReadText(reader.getDetail()),
          reader.hasReport() ? std::optional(DecodeWorkReport(reader.getReport())) : std::nullopt};
}

void EncodeWorker(WorkerId worker, wire::WorkerId::Builder builder) {
  builder.setEpu(ToInteger(worker.epu));
  builder.setNumber(ToInteger(worker.number));
}

WorkerId DecodeWorker(wire::WorkerId::Reader reader) {
  return {EpuNumber{reader.getEpu()}, WorkerNumber{reader.getNumber()}};
}

}  // namespace epu
