#pragma once

#include <cstddef>
#include <string>

// What file systems say about room, beyond what LMDB asks them.

namespace epu {

// Whether an errno means that the disk is full, or this user's part of it: then room on it would
// help.
bool IsDiskFull(int code);

// Why a write to `file` that was to extend it by up to `bytes` came short, as most file systems
// begin to be full; LMDB then reports EIO. Asks for as much behind the end of the file, which
// changes no byte of it: what that meets is the reason. EIO where there is room after all.
int WhyWriteWasShort(int file, std::size_t bytes);

// Allocates the blocks of the first `bytes` of a file, which is made where it is missing and keeps
// its size. Does its best: where this fails, the file is as it was.
void AllocateBlocks(const std::string& path, std::size_t bytes);

}  // namespace epu
