#include "index_kind.h"

#include <faiss/IndexIVF.h>
#include <faiss/index_factory.h>

#include <stdexcept>

namespace stygig {

namespace {

bool isKnownDescription(const std::string& description) {
  if (description == "Flat") return true;
  if (description.compare(0, 3, "IVF") != 0 || description[3] == '0') return false;
  const std::size_t end = description.find_first_not_of("0123456789", 3);
  return end >= 4 && end <= 9 && description.compare(end, std::string::npos, ",Flat") == 0;
}

}  // namespace

std::unique_ptr<faiss::Index> makeIndex(
    std::int64_t dimension, const std::string& description, const std::string& metric) {
  if (dimension < 1 || dimension > mostDimensions) {
    throw std::invalid_argument("dimension is a whole number from 1 to " + std::to_string(mostDimensions));
  }
  if (metric != "inner_product" && metric != "l2") throw std::invalid_argument("metric is inner_product or l2");
  if (!isKnownDescription(description)) {
    throw std::invalid_argument("description is Flat or IVF<lists>,Flat");
  }
  const auto type = metric == "l2" ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
  return std::unique_ptr<faiss::Index>(faiss::index_factory(static_cast<int>(dimension), description.c_str(), type));
}

const faiss::IndexFlat* asFlat(const faiss::Index& index) { return dynamic_cast<const faiss::IndexFlat*>(&index); }

std::string descriptionOf(const faiss::Index& index) {
  const auto* lists = dynamic_cast<const faiss::IndexIVF*>(&index);
  return lists == nullptr ? "Flat" : "IVF" + std::to_string(lists->nlist) + ",Flat";
}

const char* metricOf(const faiss::Index& index) {
  return index.metric_type == faiss::METRIC_L2 ? "l2" : "inner_product";
}

}  // namespace stygig
