#include "eventlog/codec.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>
#include <utility>

#include "eventlog/check.h"
#include "eventlog/decision_codec.h"
#include "eventlog/definition_codec.h"
#include "eventlog/event.capnp.h"
#include "eventlog/overloaded.h"
#include "eventlog/service_codec.h"
#include "eventlog/wire_values.h"

namespace epu {
namespace {

// ---- Writing ----

void WriteReading(const ReadingTaken& reading, wire::ReadingTaken::Builder builder) {
  builder.setSensor(ToInteger(reading.sensor));
  builder.setAge(reading.age.count());
  builder.setHasInProgress(reading.in_progress.has_value());
  builder.setInProgress(reading.in_progress.value_or(0));
  SetText(reading.source, [&](auto text) { builder.setSource(text); });
  std::visit(Overloaded{
                 [&](double value) { builder.setValue(value); },
                 [&](const Absent&) { builder.setAbsent(); },
                 [&](const Broken& broken) { builder.setBroken(ToText(broken.error)); },
             },
             reading.measure);
}

void WritePayload(const Payload& payload, wire::Event::Builder event) {
  std::visit(
      Overloaded{
          [&](const ServerStarted& fact) {
            auto builder = event.initServerStarted();
            builder.setLogId(ToText(fact.log_id));
            builder.setEpoch(fact.epoch);
            builder.setHost(ToText(fact.host));
            builder.setPid(fact.pid);
            builder.setPath(ToText(fact.path));
          },
          [&](const ClockDiffered& fact) { event.setClockDiffered(fact.difference.count()); },
          [&](const ActorIntroduced& fact) {
            auto builder = event.initActorIntroduced();
            builder.setUserId(fact.user_id);
            builder.setName(ToText(fact.name));
          },
          [&](const RunLimited& fact) { event.setRunLimited(fact.max_workers); },
          [&](const SiteDefined& fact) {
            auto builder = event.initSiteDefined();
            builder.setSite(ToInteger(fact.site));
            EncodeDefinition(fact.definition, builder.initDefinition());
          },
          [&](const SiteAnswered& fact) {
            auto builder = event.initSiteAnswered();
            builder.setSite(ToInteger(fact.site));
            builder.setAnswering(fact.answering);
            SetText(fact.error, [&](auto text) { builder.setError(text); });
          },
          [&](const LaunchingSwitched& fact) {
            auto builder = event.initLaunchingSwitched();
            builder.setSite(ToInteger(fact.site));
            builder.setEnabled(fact.enabled);
          },
          [&](const EpuDefined& fact) {
            EncodeDefinition(fact.definition, event.initEpuDefined());
          },
          [&](const EpuReconfigured& fact) {
            const auto size = static_cast<unsigned>(fact.settings.size());
            EncodeSettings(fact.settings, event.initEpuReconfigured(size));
          },
          [&](const RemovalBegun&) { event.setRemovalBegun(); },
          [&](const EpuRemoved&) { event.setEpuRemoved(); },
          [&](const ReadingTaken& fact) { WriteReading(fact, event.initReadingTaken()); },
          [&](const DecisionMade& fact) { EncodeDecision(fact, event.initDecisionMade()); },
          [&](const EngineErrorChanged& fact) { event.setEngineErrorChanged(ToText(fact.error)); },
          [&](const DevModeFailed&) { event.setDevModeFailed(); },
          [&](const WorkerRequested& fact) {
            auto builder = event.initWorkerRequested();
            builder.setSite(ToInteger(fact.site));
            builder.setEpoch(fact.launch.epoch);
            builder.setRequest(fact.launch.request);
            SetText(fact.unique_key, [&](auto text) { builder.setUniqueKey(text); });
            builder.setPolicy(fact.policy);
          },
          [&](const WorkerChanged& fact) {
            auto builder = event.initWorkerChanged();
            builder.setFrom(static_cast<std::uint16_t>(fact.from));
            builder.setTo(static_cast<std::uint16_t>(fact.to));
            builder.setReason(static_cast<std::uint16_t>(fact.reason));
            SetText(fact.detail, [&](auto text) { builder.setDetail(text); });
            SetText(fact.machine, [&](auto text) { builder.setMachine(text); });
          },
          [&](const MachineChanged& fact) {
            auto builder = event.initMachineChanged();
            builder.setTo(static_cast<std::uint16_t>(fact.to));
            SetText(fact.machine, [&](auto text) { builder.setMachine(text); });
          },
          [&](const HealthChanged& fact) {
            auto builder = event.initHealthChanged();
            builder.setTo(static_cast<std::uint16_t>(fact.to));
            builder.setSilence(fact.silence.count());
            SetText(fact.detail, [&](auto text) { builder.setDetail(text); });
          },
          [&](const CommandDenied& fact) { event.setCommandDenied(ToText(fact.what)); },
          [&](const ScalingPaused& fact) {
            auto builder = event.initScalingPaused();
            builder.setOut(fact.out);
            builder.setIn(fact.in);
            builder.setHasUntil(fact.until.has_value());
            if (fact.until) builder.setUntil(fact.until->time_since_epoch().count());
          },
          [&](const ScalingResumed& fact) {
            auto builder = event.initScalingResumed();
            builder.setOut(fact.out);
            builder.setIn(fact.in);
          },
          [&](const WorkReported& fact) {
            EncodeWorkReport(fact.report, event.initWorkReported());
          },
          [&](const DrainBegun& fact) {
            auto builder = event.initDrainBegun();
            builder.setReason(static_cast<std::uint16_t>(fact.reason));
            builder.setUntil(fact.until.time_since_epoch().count());
          },
          [&](const StrangerChanged& fact) {
            auto builder = event.initStrangerChanged();
            builder.setSite(ToInteger(fact.site));
            builder.setEpoch(fact.launch.epoch);
            builder.setRequest(fact.launch.request);
            SetText(fact.machine, [&](auto text) { builder.setMachine(text); });
            builder.setTo(static_cast<std::uint16_t>(fact.to));
          },
          [&](const DiskFilled& fact) { event.setDiskFilled(fact.full); },
          [&](const ShadowDecided& fact) { EncodeDecision(fact, event.initShadowDecided()); },
          [&](const PlanRead& fact) { EncodeFact(fact, event.initPlanRead()); },
          [&](const ServicePlanned& fact) { EncodeFact(fact, event.initServicePlanned()); },
          [&](const ServiceDropped& fact) { event.setServiceDropped(ToInteger(fact.service)); },
          [&](const WalkBegun& fact) { event.setWalkBegun(static_cast<std::uint16_t>(fact.kind)); },
          [&](const WalkEnded& fact) {
            auto builder = event.initWalkEnded();
            builder.setKind(static_cast<std::uint16_t>(fact.kind));
            builder.setEnd(static_cast<std::uint16_t>(fact.end));
          },
          [&](const StepBegun& fact) { EncodeFact(fact, event.initStepBegun()); },
          [&](const StepEnded& fact) { EncodeFact(fact, event.initStepEnded()); },
          [&](const LineHarvested& fact) { EncodeFact(fact, event.initLineHarvested()); },
      },
      payload);
}

// The sealed record of a message of one segment, in the standard framing: a word that holds the
// number of further segments (0) in its low half and the size of this one in its high half.
Record ToRecord(capnp::MessageBuilder& message) {
  const auto segments = message.getSegmentsForOutput();
  CHECK(segments.size() == 1);
  const auto segment = segments[0];
  Record record(2 + segment.size());
  CHECK(record.size() <= kRecordWordsMax);
  record[1] = static_cast<Word>(segment.size()) << 32;
  std::memcpy(record.data() + 2, segment.begin(), segment.size() * sizeof(Word));
  Seal(record);
  return record;
}

// ---- Reading ----

ReadingTaken ReadReading(EpuNumber epu, wire::ReadingTaken::Reader reader) {
  ReadingTaken reading;
  reading.epu = epu;
  reading.sensor = SensorNumber{reader.getSensor()};
  reading.age = Duration(reader.getAge());
  if (reader.getHasInProgress()) reading.in_progress = reader.getInProgress();
  if (reader.hasSource()) reading.source = ReadText(reader.getSource());
  switch (reader.which()) {
    case wire::ReadingTaken::ABSENT:
      return reading;
    case wire::ReadingTaken::VALUE:
      reading.measure = reader.getValue();
      return reading;
    case wire::ReadingTaken::BROKEN:
      reading.measure = Broken{ReadText(reader.getBroken())};
      return reading;
  }
  ThrowUnknown("measure", static_cast<unsigned>(reader.which()));
}

Payload ReadPayload(wire::Event::Reader event) {
  const EpuNumber epu{event.getEpu()};
  const WorkerNumber worker{event.getWorker()};
  switch (event.which()) {
    case wire::Event::SERVER_STARTED: {
      const auto reader = event.getServerStarted();
      return ServerStarted{ReadText(reader.getLogId()), reader.getEpoch(),
                           ReadText(reader.getHost()), reader.getPid(), ReadText(reader.getPath())};
    }
    case wire::Event::CLOCK_DIFFERED:
      return ClockDiffered{Duration(event.getClockDiffered())};
    case wire::Event::ACTOR_INTRODUCED: {
      const auto reader = event.getActorIntroduced();
      return ActorIntroduced{reader.getUserId(), ReadText(reader.getName())};
    }
    case wire::Event::RUN_LIMITED:
      return RunLimited{event.getRunLimited()};
    case wire::Event::SITE_DEFINED: {
      const auto reader = event.getSiteDefined();
      return SiteDefined{SiteNumber{reader.getSite()}, DecodeDefinition(reader.getDefinition())};
    }
    case wire::Event::SITE_ANSWERED: {
      const auto reader = event.getSiteAnswered();
      return SiteAnswered{SiteNumber{reader.getSite()}, reader.getAnswering(),
                          ReadText(reader.getError())};
    }
    case wire::Event::LAUNCHING_SWITCHED: {
      const auto reader = event.getLaunchingSwitched();
      return LaunchingSwitched{SiteNumber{reader.getSite()}, reader.getEnabled()};
    }
    case wire::Event::EPU_DEFINED:
      return EpuDefined{epu, DecodeDefinition(event.getEpuDefined())};
    case wire::Event::EPU_RECONFIGURED:
      return EpuReconfigured{epu, DecodeSettings(event.getEpuReconfigured())};
    case wire::Event::REMOVAL_BEGUN:
      return RemovalBegun{epu};
    case wire::Event::EPU_REMOVED:
      return EpuRemoved{epu};
    case wire::Event::READING_TAKEN:
      return ReadReading(epu, event.getReadingTaken());
    case wire::Event::DECISION_MADE:
      return DecodeDecision(epu, event.getDecisionMade());
    case wire::Event::ENGINE_ERROR_CHANGED:
      return EngineErrorChanged{epu, ReadText(event.getEngineErrorChanged())};
    case wire::Event::DEV_MODE_FAILED:
      return DevModeFailed{epu, worker};
    case wire::Event::WORKER_REQUESTED: {
      const auto reader = event.getWorkerRequested();
      return WorkerRequested{epu,
                             worker,
                             SiteNumber{reader.getSite()},
                             {reader.getEpoch(), reader.getRequest()},
                             ReadText(reader.getUniqueKey()),
                             reader.getPolicy()};
    }
    case wire::Event::WORKER_CHANGED: {
      const auto reader = event.getWorkerChanged();
      return WorkerChanged{epu,
                           worker,
                           ReadWorkerState(reader.getFrom()),
                           ReadWorkerState(reader.getTo()),
                           ReadCode(reader.getReason(), Reason::kRunEnded, "reason"),
                           ReadText(reader.getDetail()),
                           ReadText(reader.getMachine())};
    }
    case wire::Event::MACHINE_CHANGED: {
      const auto reader = event.getMachineChanged();
      return MachineChanged{epu, worker, ReadCode(reader.getTo(), Presence::kGone, "presence"),
                            ReadText(reader.getMachine())};
    }
    case wire::Event::HEALTH_CHANGED: {
      const auto reader = event.getHealthChanged();
      return HealthChanged{epu, worker, ReadCode(reader.getTo(), Health::kZombie, "health"),
                           Duration(reader.getSilence()), ReadText(reader.getDetail())};
    }
    case wire::Event::COMMAND_DENIED:
      return CommandDenied{ReadText(event.getCommandDenied())};
    case wire::Event::SCALING_PAUSED: {
      const auto reader = event.getScalingPaused();
      return ScalingPaused{epu, reader.getOut(), reader.getIn(),
                           ReadOptionalTime(reader.getHasUntil(), reader.getUntil())};
    }
    case wire::Event::SCALING_RESUMED: {
      const auto reader = event.getScalingResumed();
      return ScalingResumed{epu, reader.getOut(), reader.getIn()};
    }
    case wire::Event::WORK_REPORTED:
      return WorkReported{epu, worker, DecodeWorkReport(event.getWorkReported())};
    case wire::Event::DRAIN_BEGUN: {
      const auto reader = event.getDrainBegun();
      return DrainBegun{epu, worker, ReadCode(reader.getReason(), Reason::kRunEnded, "reason"),
                        Time(Duration(reader.getUntil()))};
    }
    case wire::Event::STRANGER_CHANGED: {
      const auto reader = event.getStrangerChanged();
      return StrangerChanged{SiteNumber{reader.getSite()},
                             {reader.getEpoch(), reader.getRequest()},
                             ReadText(reader.getMachine()),
                             ReadCode(reader.getTo(), StrangerFate::kGone, "stranger's fate")};
    }
    case wire::Event::DISK_FILLED:
      return DiskFilled{event.getDiskFilled()};
    case wire::Event::SHADOW_DECIDED:
      return DecodeDecision(epu, event.getShadowDecided());
    case wire::Event::PLAN_READ:
      return DecodeFact(event.getPlanRead());
    case wire::Event::SERVICE_PLANNED:
      return DecodeFact(event.getServicePlanned());
    case wire::Event::SERVICE_DROPPED:
      return ServiceDropped{ServiceNumber{event.getServiceDropped()}};
    case wire::Event::WALK_BEGUN:
      return WalkBegun{ReadWalkKind(event.getWalkBegun())};
    case wire::Event::WALK_ENDED:
      return WalkEnded{ReadWalkKind(event.getWalkEnded().getKind()),
                       ReadWalkEnd(event.getWalkEnded().getEnd())};
    case wire::Event::STEP_BEGUN:
      return DecodeFact(event.getStepBegun());
    case wire::Event::STEP_ENDED:
      return DecodeFact(event.getStepEnded());
    case wire::Event::LINE_HARVESTED:
      return DecodeFact(event.getLineHarvested());
  }
  ThrowUnknown("kind of event", static_cast<unsigned>(event.which()));
}

// Calls `read` with the event in `record`; whatever capnp or a reader throws becomes kDataLoss.
template <typename Result, typename Read>
absl::StatusOr<Result> ReadRecord(RecordView record, Read read) {
  if (record.size() < 3) return absl::DataLossError("a record of fewer than three words");
  try {
    static_assert(sizeof(capnp::word) == sizeof(Word));
    const kj::ArrayPtr<const capnp::word> words(
        reinterpret_cast<const capnp::word*>(record.data()) + 1, record.size() - 1);
    capnp::FlatArrayMessageReader message(words);
    return read(message.getRoot<wire::Event>());
  } catch (const kj::Exception& exception) {
    return absl::DataLossError(exception.getDescription().cStr());
  }
}

}  // namespace

Record Encode(const Event& event) {
  capnp::word scratch[256] = {};
  capnp::MallocMessageBuilder message(kj::arrayPtr(scratch, 256));
  auto builder = message.initRoot<wire::Event>();
  const WorkerId subject = SubjectOf(event.payload);
  builder.setSequence(event.sequence);
  builder.setTime(event.time.time_since_epoch().count());
  builder.setEpu(ToInteger(subject.epu));
  builder.setWorker(ToInteger(subject.number));
  builder.setActor(ToInteger(event.actor));
  builder.setClient(event.command.client);
  builder.setNumber(event.command.number);
  builder.setIndex(event.place.index);
  builder.setCount(event.place.count);
  SetText(event.note, [&](auto text) { builder.setNote(text); });
  WritePayload(event.payload, builder);

  if (message.getSegmentsForOutput().size() == 1) return ToRecord(message);
  // Too large for the scratch space: once more, in one piece.
  capnp::MallocMessageBuilder whole(static_cast<unsigned>(message.sizeInWords() + 1));
  whole.setRoot(builder.asReader());
  return ToRecord(whole);
}

absl::StatusOr<Event> Decode(RecordView record) {
  return ReadRecord<Event>(record, [](wire::Event::Reader reader) {
    Event event;
    event.sequence = reader.getSequence();
    event.time = Time(Duration(reader.getTime()));
    event.actor = ActorNumber{reader.getActor()};
    event.command = {reader.getClient(), reader.getNumber()};
    event.place = {reader.getIndex(), reader.getCount()};
    if (reader.hasNote()) event.note = ReadText(reader.getNote());
    event.payload = ReadPayload(reader);
    return event;
  });
}

absl::StatusOr<Head> DecodeHead(RecordView record) {
  return ReadRecord<Head>(record, [](wire::Event::Reader reader) {
    const auto kind = static_cast<std::size_t>(reader.which());
    if (kind >= std::variant_size_v<Payload>)
      ThrowUnknown("kind of event", static_cast<unsigned>(kind));
    return Head{reader.getSequence(),
                Time(Duration(reader.getTime())),
                ActorNumber{reader.getActor()},
                {reader.getClient(), reader.getNumber()},
                {reader.getIndex(), reader.getCount()},
                {EpuNumber{reader.getEpu()}, WorkerNumber{reader.getWorker()}},
                kind};
  });
}

}  // namespace epu
