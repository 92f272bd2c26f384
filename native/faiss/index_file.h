#pragma once
#include <faiss/Index.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace stygig {

/// Reads a file of a flat index; of another kind, short, long or damaged it is refused. @throws std::exception
std::unique_ptr<faiss::Index> readIndexFile(const std::string& path);

/// The same from bytes in memory.
std::unique_ptr<faiss::Index> readIndexBytes(const std::uint8_t* bytes, std::size_t length);

/// Writes the file in place and reports what the disk reports; what a failed write leaves behind is refused by reading.
void writeIndexFile(const faiss::Index& index, const std::string& path);

std::vector<std::uint8_t> writeIndexBytes(const faiss::Index& index);

}  // namespace stygig
