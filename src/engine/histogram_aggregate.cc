// histogram_numeric: at most n bins; the two that are nearest to each other are merged when there is one too many.
#include <algorithm>
#include <limits>

#include "engine/aggregate_function.h"
#include "engine/duckdb_handles.h"

namespace flare::engine {
namespace {

struct Bin {
  double x = 0;
  double y = 0;
};

struct Histogram {
  size_t limit = 0;
  std::vector<Bin> bins;  ///< by x
};

void Shrink(Histogram& histogram) {
  std::vector<Bin>& bins = histogram.bins;
  while (bins.size() > histogram.limit && bins.size() > 1) {
    size_t nearest = 0;
    double smallest = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i + 1 < bins.size(); ++i) {
      double gap = bins[i + 1].x - bins[i].x;
      if (gap < smallest) {
        smallest = gap;
        nearest = i;
      }
    }
    double weight = bins[nearest].y + bins[nearest + 1].y;
    bins[nearest].x *= bins[nearest].y / weight;
    bins[nearest].x += bins[nearest + 1].x / weight * bins[nearest + 1].y;
    bins[nearest].y = weight;
    bins.erase(bins.begin() + static_cast<std::ptrdiff_t>(nearest) + 1);
  }
}

void AddBin(Histogram& histogram, Bin bin) {
  auto at = std::lower_bound(histogram.bins.begin(), histogram.bins.end(), bin.x, [](const Bin& a, double x) { return a.x < x; });
  if (at != histogram.bins.end() && at->x == bin.x) {
    at->y += bin.y;
    return;
  }
  histogram.bins.insert(at, bin);
  Shrink(histogram);
}

struct HistogramAggregate {
  using State = Histogram;
  struct Input {
    explicit Input(duckdb_data_chunk chunk) : values(duckdb_data_chunk_get_vector(chunk, 0)), limits(duckdb_data_chunk_get_vector(chunk, 1)) {}
    ValueReader<double> values;
    ValueReader<int32_t> limits;
  };
  static void Update(State& state, const Input& input, uint64_t row) {
    if (input.values.IsNull(row) || input.limits.IsNull(row)) return;
    state.limit = static_cast<size_t>(std::max(input.limits[row], 2));
    AddBin(state, {input.values[row], 1});
  }
  static void Combine(State& to, const State& from) {
    to.limit = std::max(to.limit, from.limit);
    for (const Bin& bin : from.bins) AddBin(to, bin);
  }
  static void Finalize(const State& state, duckdb_vector result, uint64_t row) {
    ListWriter list(result);
    if (state.bins.empty()) {
      list.SetNull(row);
      list.Begin(row, 0);
      return;
    }
    uint64_t offset = list.Begin(row, state.bins.size());
    ValueWriter<double> x(duckdb_struct_vector_get_child(list.child(), 0));
    ValueWriter<double> y(duckdb_struct_vector_get_child(list.child(), 1));
    for (size_t i = 0; i < state.bins.size(); ++i) {
      x.Set(offset + i, state.bins[i].x);
      y.Set(offset + i, state.bins[i].y);
    }
  }
};

duckdb_logical_type Bins() {
  OwnedLogicalType number(duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE));
  duckdb_logical_type types[] = {number.get(), number.get()};
  const char* names[] = {"f0", "f1"};
  OwnedLogicalType bin(duckdb_create_struct_type(types, names, 2));
  return duckdb_create_list_type(bin.get());
}

}  // namespace

std::vector<AggregateFunction> HistogramAggregates() {
  return {MakeAggregate<HistogramAggregate>("spark_histogram_numeric", {DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_INTEGER}, Bins)};
}

}  // namespace flare::engine
