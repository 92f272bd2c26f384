#include "index_file.h"

#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "index_kind.h"

namespace stygig {

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Where the kind of an IVF file's own quantizer stands: after kind, header, list count and probe count.
constexpr std::size_t quantizerKindAt = 53;
constexpr std::size_t kindLength = 4;
// FAISS writes this much of unused numbers and small counts whatever the file's size.
constexpr std::uint64_t harmlessCount = std::uint64_t{1} << 21;
constexpr std::uint64_t mostFaissCounts = std::uint64_t{1} << 40;

[[noreturn]] void failWithErrno(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

// FAISS allocates what a count in the file says before it reads on, up to a terabyte, which the kernel answers by
// ending the process. A count is eight bytes read alone; no list is longer than the bytes that are left.
class BoundedReader final : public faiss::IOReader {
 public:
  BoundedReader(std::FILE* file, std::uint64_t length) : file(file), remaining(length) {}

  std::size_t operator()(void* target, std::size_t size, std::size_t items) override {
    if (size == 0 || items > remaining / size) throw std::runtime_error("the file ends too early");
    const std::size_t got = std::fread(target, size, items, file);
    remaining -= got * size;
    if (size == sizeof(std::uint64_t) && items == 1 && got == 1) checkCount(target);
    return got;
  }

  std::uint64_t left() const { return remaining; }

 private:
  void checkCount(const void* target) const {
    std::uint64_t count = 0;
    std::memcpy(&count, target, sizeof count);
    if (count > std::max(remaining, harmlessCount) && count < mostFaissCounts) {
      throw std::runtime_error("damaged index: a list longer than the file");
    }
  }

  std::FILE* file;
  std::uint64_t remaining;
};

class CheckedWriter final : public faiss::IOWriter {
 public:
  explicit CheckedWriter(std::FILE* file) : file(file) {}
  std::size_t operator()(const void* source, std::size_t size, std::size_t items) override {
    const std::size_t written = std::fwrite(source, size, items, file);
    if (written != items) failWithErrno("cannot write");
    return written;
  }

 private:
  std::FILE* file;
};

bool isFlatKind(const char* kind) {
  return std::memcmp(kind, "IxFI", kindLength) == 0 || std::memcmp(kind, "IxF2", kindLength) == 0;
}

void requireKnownKind(std::FILE* file) {
  char start[quantizerKindAt + kindLength] = {};
  const std::size_t length = std::fread(start, 1, sizeof start, file);
  std::rewind(file);
  if (length >= kindLength && isFlatKind(start)) return;
  const bool inverted = length == sizeof start && std::memcmp(start, "IwFl", kindLength) == 0;
  if (!inverted || !isFlatKind(start + quantizerKindAt)) {
    throw std::runtime_error("not a FAISS index of kind Flat or IVF<lists>,Flat");
  }
}

std::unique_ptr<faiss::Index> readIndexStream(std::FILE* file, std::uint64_t length) {
  requireKnownKind(file);
  BoundedReader reader(file, length);
  std::unique_ptr<faiss::Index> index(faiss::read_index(&reader));
  if (reader.left() != 0) throw std::runtime_error("the file goes on after the index");
  checkIndex(*index);
  return index;
}

}  // namespace

std::unique_ptr<faiss::Index> readIndexFile(const std::string& path) {
  struct stat facts = {};
  if (stat(path.c_str(), &facts) != 0) failWithErrno("cannot open");
  // Opening a pipe would hold a thread until somebody writes to it.
  if (!S_ISREG(facts.st_mode)) throw std::runtime_error("not a file");
  File file(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!file) failWithErrno("cannot open");
  return readIndexStream(file.get(), static_cast<std::uint64_t>(facts.st_size));
}

std::unique_ptr<faiss::Index> readIndexBytes(const std::uint8_t* bytes, std::size_t length) {
  if (length == 0) throw std::runtime_error("the file ends too early");
  File file(fmemopen(const_cast<std::uint8_t*>(bytes), length, "rb"), std::fclose);
  if (!file) failWithErrno("cannot open");
  return readIndexStream(file.get(), length);
}

void writeIndexFile(const faiss::Index& index, const std::string& path) {
  File file(std::fopen(path.c_str(), "wbe"), std::fclose);
  if (!file) failWithErrno("cannot open");
  CheckedWriter writer(file.get());
  faiss::write_index(&index, &writer);
  // The last bytes leave on close, and a full disk is only told then.
  if (std::fclose(file.release()) != 0) failWithErrno("cannot write");
}

std::vector<std::uint8_t> writeIndexBytes(const faiss::Index& index) {
  faiss::VectorIOWriter writer;
  faiss::write_index(&index, &writer);
  return std::move(writer.data);
}

}  // namespace stygig
