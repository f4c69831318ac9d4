#include "eventlog/record.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "eventlog/check.h"

namespace epu {

Word ComputeChecksum(RecordView record) {
  CHECK(!record.empty());
  return XXH3_64bits(record.data() + 1, (record.size() - 1) * sizeof(Word));
}

bool IsWhole(RecordView record) {
  return record.size() >= 2 && record[0] == ComputeChecksum(record);
}

void Seal(Record& record) { record[0] = ComputeChecksum(record); }

}  // namespace epu
