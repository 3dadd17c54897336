// bitmap_construct_agg and bitmap_or_agg: bitmaps of 4096 bytes.
#include <array>

#include "engine/aggregate_function.h"

namespace flare::engine {
namespace {

constexpr size_t kBytes = 4096;
using Bitmap = std::array<uint8_t, kBytes>;

struct BitmapState {
  Bitmap bits{};
};

void WriteBitmap(const BitmapState& state, duckdb_vector result, uint64_t row) {
  StringWriter(result).SetCopy(row, {reinterpret_cast<const char*>(state.bits.data()), kBytes});
}

void Or(BitmapState& to, const BitmapState& from) {
  for (size_t i = 0; i < kBytes; ++i) to.bits[i] |= from.bits[i];
}

struct ConstructAggregate {
  using State = BitmapState;
  struct Input {
    explicit Input(duckdb_data_chunk chunk) : values(duckdb_data_chunk_get_vector(chunk, 0)) {}
    ValueReader<int64_t> values;
  };
  static void Update(State& state, const Input& input, uint64_t row) {
    if (input.values.IsNull(row)) return;
    int64_t position = input.values[row];
    // a position out of range is left out: SQL refuses it before it comes here
    if (position < 0 || position >= static_cast<int64_t>(kBytes * 8)) return;
    state.bits[static_cast<size_t>(position) / 8] |= static_cast<uint8_t>(1U << (position % 8));
  }
  static void Combine(State& to, const State& from) { Or(to, from); }
  static void Finalize(const State& state, duckdb_vector result, uint64_t row) { WriteBitmap(state, result, row); }
};

struct OrAggregate {
  using State = BitmapState;
  struct Input {
    explicit Input(duckdb_data_chunk chunk) : values(duckdb_data_chunk_get_vector(chunk, 0)) {}
    StringReader values;
  };
  static void Update(State& state, const Input& input, uint64_t row) {
    if (input.values.IsNull(row)) return;
    std::string_view bytes = input.values.View(row);
    for (size_t i = 0; i < bytes.size() && i < kBytes; ++i) state.bits[i] |= static_cast<uint8_t>(bytes[i]);
  }
  static void Combine(State& to, const State& from) { Or(to, from); }
  static void Finalize(const State& state, duckdb_vector result, uint64_t row) { WriteBitmap(state, result, row); }
};

duckdb_logical_type Blob() { return duckdb_create_logical_type(DUCKDB_TYPE_BLOB); }

}  // namespace

std::vector<AggregateFunction> BitmapAggregates() {
  return {MakeAggregate<ConstructAggregate>("spark_bitmap_construct_agg", {DUCKDB_TYPE_BIGINT}, Blob),
          MakeAggregate<OrAggregate>("spark_bitmap_or_agg", {DUCKDB_TYPE_BLOB}, Blob)};
}

}  // namespace flare::engine
