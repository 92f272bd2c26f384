#include "index_file.h"

#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <sys/stat.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "index_kind.h"

namespace stygig {

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// A flat file: kind (4 bytes), dimension (4), rows (8), two unused (16), trained (1), metric (4), values (8), then those.
constexpr std::size_t headerLength = 45;

[[noreturn]] void failWithErrno(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

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

template <typename Number>
Number numberAt(const char* header, std::size_t at) {
  Number number;
  std::memcpy(&number, header + at, sizeof number);
  return number;
}

// Looks before FAISS does: it allocates whatever a count in the file says, up to a terabyte, which the kernel answers by
// ending the process, and leaks what it has allocated when it then finds the file too short.
void requireFlatFile(std::FILE* file, std::uint64_t length) {
  char header[headerLength] = {};
  if (std::fread(header, 1, headerLength, file) != headerLength) throw std::runtime_error("the file ends too early");
  std::rewind(file);
  if (std::memcmp(header, "IxFI", 4) != 0 && std::memcmp(header, "IxF2", 4) != 0) {
    throw std::runtime_error("not a flat FAISS index");
  }
  const auto dimension = numberAt<std::int32_t>(header, 4);
  const auto rows = numberAt<std::int64_t>(header, 8);
  const auto metric = numberAt<std::int32_t>(header, 33);
  const auto values = numberAt<std::uint64_t>(header, 37);
  const bool fits = dimension >= 1 && dimension <= mostDimensions && rows >= 0 && rows <= mostRows &&
                    (metric == faiss::METRIC_INNER_PRODUCT || metric == faiss::METRIC_L2) &&
                    values == static_cast<std::uint64_t>(rows) * static_cast<std::uint64_t>(dimension);
  if (!fits) throw std::runtime_error("the header of the file is damaged");
  const std::uint64_t end = headerLength + values * sizeof(float);
  if (length != end) throw std::runtime_error(length < end ? "the file ends too early" : "the file goes on after the index");
}

std::unique_ptr<faiss::Index> readIndexStream(std::FILE* file, std::uint64_t length) {
  requireFlatFile(file, length);
  faiss::FileIOReader reader(file);
  std::unique_ptr<faiss::Index> index(faiss::read_index(&reader));
  const auto* flat = asFlat(*index);
  if (flat == nullptr) throw std::runtime_error("not a flat FAISS index");
  const float* values = flat->get_xb();
  const std::size_t count = static_cast<std::size_t>(flat->ntotal) * static_cast<std::size_t>(flat->d);
  for (std::size_t i = 0; i < count; i++) {
    if (!std::isfinite(values[i])) throw std::runtime_error("value " + std::to_string(i) + " is not finite");
  }
  // A flat index never needs training, whatever that byte of the file says.
  index->is_trained = true;
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
