#pragma once
#include <duckdb.h>

#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/database.h"
#include "engine/duckdb_handles.h"
#include "engine/vector_writer.h"

namespace flare::engine {

/// One chunk's call of a scalar function: flat inputs, one output. Threads: one.
class ScalarCall {
 public:
  ScalarCall(DatabaseState& state, duckdb_data_chunk input, duckdb_vector output)
      : state_(state), input_(input), output_(output), rows_(duckdb_data_chunk_get_size(input)) {}
  uint64_t rows() const { return rows_; }
  uint64_t arguments() const { return duckdb_data_chunk_get_column_count(input_); }
  duckdb_vector input(uint64_t i) const { return duckdb_data_chunk_get_vector(input_, i); }
  duckdb_vector output() const { return output_; }
  DatabaseState& state() const { return state_; }
  /// Fails the statement with `error`; the first one counts.
  void Fail(Error error) {
    if (!error_.has_value()) error_ = std::move(error);
  }
  bool failed() const { return error_.has_value(); }
  std::optional<Error>& error() { return error_; }

 private:
  DatabaseState& state_;
  duckdb_data_chunk input_;
  duckdb_vector output_;
  uint64_t rows_;
  std::optional<Error> error_;
};

/// A scalar function to register. Types are DuckDB's ids; a list of VARCHAR is kStringList.
inline constexpr auto kStringList = DUCKDB_TYPE_LIST;
struct ScalarFunction {
  std::string name;
  std::vector<duckdb_type> parameters;
  duckdb_type result;
  std::function<void(ScalarCall&)> run;
};

/// Registers them in one go; equal names become overloads of one function.
Status RegisterScalarFunctions(Connection& connection, const std::vector<ScalarFunction>& functions);
/// Registers one with types of its own making; fine when the name is there already.
Status RegisterScalarFunction(Connection& connection, const std::string& name,
                              const std::vector<duckdb_logical_type>& parameters, duckdb_logical_type result,
                              std::function<void(ScalarCall&)> run);

namespace internal {
template <class T>
struct ReaderOf {
  using Reader = ValueReader<T>;
  static T Get(const Reader& reader, uint64_t row) { return reader[row]; }
};
template <>
struct ReaderOf<std::string_view> {
  using Reader = StringReader;
  static std::string_view Get(const Reader& reader, uint64_t row) { return reader.View(row); }
};
template <class T>
struct WriterOf {
  using Writer = ValueWriter<T>;
};
template <>
struct WriterOf<std::string_view> {
  using Writer = StringWriter;
};

template <class Out, class... In, class Body, size_t... kIndex>
void ForEachRow(ScalarCall& call, const Body& body, std::index_sequence<kIndex...>) {
  std::tuple<typename ReaderOf<In>::Reader...> readers(
      typename ReaderOf<In>::Reader(call.input(kIndex))...);
  typename WriterOf<Out>::Writer writer(call.output());
  for (uint64_t row = 0; row < call.rows() && !call.failed(); ++row) {
    if ((std::get<kIndex>(readers).IsNull(row) || ...)) {
      writer.SetNull(row);
      continue;
    }
    if (!body(call, writer, row, ReaderOf<In>::Get(std::get<kIndex>(readers), row)...)) {
      writer.SetNull(row);
    }
  }
}
}  // namespace internal

/// Runs `body(call, writer, row, values...)` for each row whose inputs are all present; NULL where one
/// is missing or body returns false. std::string_view stands for VARCHAR and BLOB, int32_t for INTEGER
/// and DATE (days), int64_t for BIGINT and timestamps (microseconds).
template <class Out, class... In, class Body>
void ForEachRow(ScalarCall& call, const Body& body) {
  internal::ForEachRow<Out, In...>(call, body, std::index_sequence_for<In...>());
}

/// A function of one row at a time: `body` returns std::optional<Out>; nullopt is NULL.
template <class Out, class... In, class Body>
std::function<void(ScalarCall&)> RowWise(Body body) {
  return [body](ScalarCall& call) {
    ForEachRow<Out, In...>(call, [&body](ScalarCall&, auto& writer, uint64_t row, In... values) {
      std::optional<Out> value = body(values...);
      if (!value.has_value()) return false;
      writer.Set(row, *value);
      return true;
    });
  };
}

/// The same for text results: `body` returns std::optional<std::string>.
template <class... In, class Body>
std::function<void(ScalarCall&)> RowWiseText(Body body) {
  return [body](ScalarCall& call) {
    ForEachRow<std::string_view, In...>(
        call, [&body](ScalarCall&, StringWriter& writer, uint64_t row, In... values) {
          std::optional<std::string> value = body(values...);
          if (!value.has_value()) return false;
          writer.SetCopy(row, *value);
          return true;
        });
  };
}

/// The same where body returns Result<std::optional<...>>: an Error fails the statement.
template <class Out, class... In, class Body>
std::function<void(ScalarCall&)> Checked(Body body) {
  return [body](ScalarCall& call) {
    ForEachRow<Out, In...>(call, [&body](ScalarCall& c, auto& writer, uint64_t row, In... values) {
      auto value = body(values...);
      if (!value.has_value()) {
        c.Fail(std::move(value).error());
        return false;
      }
      if (!value->has_value()) return false;
      if constexpr (std::is_same_v<Out, std::string_view>) {
        writer.SetCopy(row, **value);
      } else {
        writer.Set(row, **value);
      }
      return true;
    });
  };
}

using TextResultOf = Result<std::optional<std::string>>;

/// Spark's error of a cast that ANSI mode refuses.
Error CastInvalidInput(std::string_view value, std::string_view type);

}  // namespace flare::engine
