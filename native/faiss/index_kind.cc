#include "index_kind.h"

#include <faiss/IndexIVFFlat.h>
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

void requireFit(bool fits, const char* what) {
  if (!fits) throw std::runtime_error(std::string("damaged index: ") + what);
}

void checkFlat(const faiss::IndexFlat& index) {
  const std::size_t rowBytes = static_cast<std::size_t>(index.d) * sizeof(float);
  requireFit(index.code_size == rowBytes, "row size");
  requireFit(index.codes.size() == static_cast<std::size_t>(index.ntotal) * rowBytes, "number of values");
}

void checkLists(const faiss::IndexIVFFlat& index) {
  const auto* lists = dynamic_cast<const faiss::ArrayInvertedLists*>(index.invlists);
  requireFit(lists != nullptr, "kind of lists");
  requireFit(index.code_size == static_cast<std::size_t>(index.d) * sizeof(float), "row size");
  requireFit(lists->nlist == index.nlist && lists->code_size == index.code_size, "shape of lists");
  requireFit(lists->codes.size() == index.nlist && lists->ids.size() == index.nlist, "number of lists");
  std::size_t rows = 0;
  for (std::size_t list = 0; list < index.nlist; list++) {
    requireFit(lists->codes[list].size() == lists->ids[list].size() * index.code_size, "length of a list");
    for (const auto row : lists->ids[list]) requireFit(row >= 0 && row < index.ntotal, "row number");
    rows += lists->ids[list].size();
  }
  requireFit(rows == static_cast<std::size_t>(index.ntotal), "number of rows");
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

void checkIndex(const faiss::Index& index) {
  requireFit(index.d >= 1 && index.d <= mostDimensions, "dimension");
  requireFit(index.ntotal >= 0 && index.ntotal <= mostRows, "number of rows");
  requireFit(index.metric_type == faiss::METRIC_L2 || index.metric_type == faiss::METRIC_INNER_PRODUCT, "metric");
  if (const auto* flat = asFlat(index)) return checkFlat(*flat);
  const auto* inverted = dynamic_cast<const faiss::IndexIVFFlat*>(&index);
  requireFit(inverted != nullptr, "kind");
  // A direct map would be trusted by FAISS when rows are added; files of ours and of V4 have none.
  requireFit(inverted->direct_map.type == faiss::DirectMap::NoMap, "direct map");
  requireFit(inverted->quantizer != nullptr && inverted->nprobe >= 1, "quantizer");
  const auto* quantizer = asFlat(*inverted->quantizer);
  requireFit(quantizer != nullptr && quantizer->d == index.d, "quantizer");
  requireFit(quantizer->metric_type == index.metric_type, "quantizer metric");
  requireFit(!index.is_trained || static_cast<std::size_t>(quantizer->ntotal) == inverted->nlist, "number of centroids");
  checkFlat(*quantizer);
  checkLists(*inverted);
}

}  // namespace stygig
