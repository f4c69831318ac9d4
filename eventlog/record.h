#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

// A record is what a log stores for one event: a checksum of eight bytes, then one Cap'n Proto
// message of one segment in the standard framing. It is a whole number of words, so that LMDB keeps
// it aligned and it is read in place. Every log, copy, export and proof handles these same bytes.

namespace epu {

using Word = std::uint64_t;
using Record = std::vector<Word>;
using RecordView = std::span<const Word>;

// 64 KiB: larger values waste LMDB's pages, and larger things lie beside the log.
inline constexpr std::size_t kRecordWordsMax = 64 * 1024 / sizeof(Word);

// XXH3-64 of everything behind the first word.
Word ComputeChecksum(RecordView record);

// Whether the first word is the checksum of the rest. False for fewer than two words.
bool IsWhole(RecordView record);

// Sets the first word.
void Seal(Record& record);

}  // namespace epu
