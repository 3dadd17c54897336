#pragma once
#include <duckdb.h>

#include <functional>
#include <new>
#include <string>
#include <vector>

#include "engine/database.h"
#include "engine/vector_writer.h"

namespace flare::engine {

/// The callbacks of one aggregate function, over a state that is a C++ value.
struct AggregateFunction {
  std::string name;
  std::vector<duckdb_type> parameters;
  std::function<duckdb_logical_type()> result;  ///< the caller destroys what it makes
  duckdb_aggregate_state_size size;
  duckdb_aggregate_init_t init;
  duckdb_aggregate_update_t update;
  duckdb_aggregate_combine_t combine;
  duckdb_aggregate_finalize_t finalize;
  duckdb_aggregate_destroy_t destroy;
};

/// Registers them; equal names do not occur.
Status RegisterAggregateFunctions(Connection& connection, const std::vector<AggregateFunction>& functions);

namespace internal {
/// DuckDB's state holds a pointer, so that states may own memory and be of any alignment.
template <class State>
State*& StateOf(duckdb_aggregate_state state) {
  return *reinterpret_cast<State**>(state);
}

/// Aggregate must have: State (default-constructible, movable), Update(State&, chunk, row), Combine(State& to, const State& from),
/// Finalize(const State&, duckdb_vector result, uint64_t row). Rows with NULLs reach Update.
template <class Aggregate>
struct Callbacks {
  using State = typename Aggregate::State;
  static idx_t Size(duckdb_function_info) { return sizeof(State*); }
  static void Init(duckdb_function_info, duckdb_aggregate_state state) { StateOf<State>(state) = nullptr; }
  static void Update(duckdb_function_info, duckdb_data_chunk input, duckdb_aggregate_state* states) {
    typename Aggregate::Input reader(input);
    uint64_t rows = duckdb_data_chunk_get_size(input);
    for (uint64_t row = 0; row < rows; ++row) {
      State*& state = StateOf<State>(states[row]);
      if (state == nullptr) state = new State();
      Aggregate::Update(*state, reader, row);
    }
  }
  static void Combine(duckdb_function_info, duckdb_aggregate_state* sources, duckdb_aggregate_state* targets, idx_t count) {
    for (idx_t i = 0; i < count; ++i) {
      State* source = StateOf<State>(sources[i]);
      State*& target = StateOf<State>(targets[i]);
      if (source == nullptr) continue;
      if (target == nullptr) target = new State();
      Aggregate::Combine(*target, *source);
    }
  }
  static void Finalize(duckdb_function_info, duckdb_aggregate_state* states, duckdb_vector result, idx_t count, idx_t offset) {
    static const State kEmpty{};
    for (idx_t i = 0; i < count; ++i) {
      const State* state = StateOf<State>(states[i]);
      Aggregate::Finalize(state == nullptr ? kEmpty : *state, result, offset + i);
    }
  }
  static void Destroy(duckdb_aggregate_state* states, idx_t count) {
    for (idx_t i = 0; i < count; ++i) {
      delete StateOf<State>(states[i]);
      StateOf<State>(states[i]) = nullptr;
    }
  }
};
}  // namespace internal

template <class Aggregate>
AggregateFunction MakeAggregate(std::string name, std::vector<duckdb_type> parameters, std::function<duckdb_logical_type()> result) {
  using Callbacks = internal::Callbacks<Aggregate>;
  return {std::move(name),    std::move(parameters), std::move(result),   Callbacks::Size,    Callbacks::Init,
          Callbacks::Update, Callbacks::Combine,    Callbacks::Finalize, Callbacks::Destroy};
}

std::vector<AggregateFunction> MomentAggregates();
std::vector<AggregateFunction> BitmapAggregates();
std::vector<AggregateFunction> HistogramAggregates();

}  // namespace flare::engine
