// Spark's casts where DuckDB's differ.
#include <cmath>

#include "engine/date_time_text.h"
#include "engine/decimal_text.h"
#include "engine/function_lists.h"
#include "engine/number_text.h"
#include "engine/utf8.h"

namespace flare::engine {
namespace {

void DecodeUtf8(ScalarCall& call) {
  uint64_t replaced = 0;
  StringReader reader(call.input(0));
  StringWriter writer(call.output());
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (reader.IsNull(row)) {
      writer.SetNull(row);
      continue;
    }
    std::string_view bytes = reader.View(row);
    if (ValidUtf8Prefix(bytes) == bytes.size()) {
      writer.SetString(row, reader[row]);
    } else {
      writer.SetCopy(row, ReplaceInvalidUtf8(bytes));
      ++replaced;
    }
  }
  if (replaced > 0) call.state().replaced_utf8_values += replaced;
}

/// Adds `name` (NULL for bad input) and `name`_ansi (an error that says `type`).
template <class Out, class Plain, class Ansi>
void AddCast(std::vector<ScalarFunction>* list, const std::string& name, duckdb_type result,
             std::string type, Plain plain, Ansi ansi) {
  list->push_back({name, {DUCKDB_TYPE_VARCHAR}, result, RowWise<Out, std::string_view>(plain)});
  auto strict = [ansi, type](std::string_view text) -> Result<std::optional<Out>> {
    std::optional<Out> value = ansi(text);
    if (!value.has_value()) return CastInvalidInput(text, type);
    return value;
  };
  list->push_back(
      {name + "_ansi", {DUCKDB_TYPE_VARCHAR}, result, Checked<Out, std::string_view>(strict)});
}

template <class T>
auto IntegerParser(bool cut_fraction) {
  return [cut_fraction](std::string_view text) -> std::optional<T> {
    auto value = ParseLong(text, cut_fraction);
    if (!value.has_value() || *value < std::numeric_limits<T>::min() ||
        *value > std::numeric_limits<T>::max()) {
      return std::nullopt;
    }
    return static_cast<T>(*value);
  };
}

template <class T>
void AddIntegerCast(std::vector<ScalarFunction>* list, const std::string& name, duckdb_type result,
                    std::string type) {
  AddCast<T>(list, name, result, std::move(type), IntegerParser<T>(true), IntegerParser<T>(false));
}

template <class T>
std::optional<T> Saturated(double value) {
  if (std::isnan(value)) return T{0};
  // The largest double below 2^63 is smaller than the largest long: compare with the power of two.
  if (value >= -static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::max();
  if (value <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
  return static_cast<T>(value);
}

void AddDecimalCast(std::vector<ScalarFunction>* list) {
  list->push_back({"spark_string_to_decimal", {DUCKDB_TYPE_VARCHAR}, DUCKDB_TYPE_VARCHAR,
                   RowWiseText<std::string_view>(ParseDecimal)});
  auto strict = [](std::string_view text) -> TextResultOf {
    auto value = ParseDecimal(text);
    if (!value.has_value()) return CastInvalidInput(text, "DECIMAL");
    return value;
  };
  list->push_back({"spark_string_to_decimal_ansi", {DUCKDB_TYPE_VARCHAR}, DUCKDB_TYPE_VARCHAR,
                   Checked<std::string_view, std::string_view>(strict)});
}

auto TimestampCast(bool ansi) {
  return [ansi](std::string_view text, std::string_view zone_name) -> Result<std::optional<int64_t>> {
    ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
    auto value = CastToTimestamp(text, *zone);
    if (!value.has_value() && ansi) return CastInvalidInput(text, "TIMESTAMP");
    return value;
  };
}

void AddTextCasts(std::vector<ScalarFunction>* list) {
  list->push_back({"spark_double_to_string", {DUCKDB_TYPE_DOUBLE}, DUCKDB_TYPE_VARCHAR,
                   RowWiseText<double>([](double v) { return std::optional(JavaDoubleText(v)); })});
  list->push_back({"spark_float_to_string", {DUCKDB_TYPE_FLOAT}, DUCKDB_TYPE_VARCHAR,
                   RowWiseText<float>([](float v) { return std::optional(JavaFloatText(v)); })});
  list->push_back({"spark_decimal_to_string", {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BOOLEAN}, DUCKDB_TYPE_VARCHAR,
                   RowWiseText<std::string_view, bool>([](std::string_view plain, bool scientific) {
                     return std::optional(JavaDecimalText(plain, scientific));
                   })});
  list->push_back({"spark_date_to_string", {DUCKDB_TYPE_DATE}, DUCKDB_TYPE_VARCHAR,
                   RowWiseText<int32_t>([](int32_t days) { return std::optional(DateText(days)); })});
  list->push_back({"spark_double_to_int", {DUCKDB_TYPE_DOUBLE}, DUCKDB_TYPE_INTEGER,
                   RowWise<int32_t, double>(Saturated<int32_t>)});
  list->push_back({"spark_double_to_bigint", {DUCKDB_TYPE_DOUBLE}, DUCKDB_TYPE_BIGINT,
                   RowWise<int64_t, double>(Saturated<int64_t>)});
}

}  // namespace

std::vector<ScalarFunction> CastFunctions() {
  std::vector<ScalarFunction> list;
  list.push_back({"spark_decode_utf8", {DUCKDB_TYPE_BLOB}, DUCKDB_TYPE_VARCHAR, DecodeUtf8});
  AddCast<bool>(&list, "spark_string_to_boolean", DUCKDB_TYPE_BOOLEAN, "BOOLEAN", ParseBoolean,
                ParseBoolean);
  AddIntegerCast<int8_t>(&list, "spark_string_to_tinyint", DUCKDB_TYPE_TINYINT, "TINYINT");
  AddIntegerCast<int16_t>(&list, "spark_string_to_smallint", DUCKDB_TYPE_SMALLINT, "SMALLINT");
  AddIntegerCast<int32_t>(&list, "spark_string_to_int", DUCKDB_TYPE_INTEGER, "INT");
  AddIntegerCast<int64_t>(&list, "spark_string_to_bigint", DUCKDB_TYPE_BIGINT, "BIGINT");
  AddCast<float>(&list, "spark_string_to_float", DUCKDB_TYPE_FLOAT, "FLOAT", ParseFloat, ParseFloat);
  AddCast<double>(&list, "spark_string_to_double", DUCKDB_TYPE_DOUBLE, "DOUBLE", ParseDouble,
                  ParseDouble);
  AddDecimalCast(&list);
  AddCast<int32_t>(&list, "spark_string_to_date", DUCKDB_TYPE_DATE, "DATE", CastToDate, CastToDate);
  for (bool ansi : {false, true}) {
    list.push_back({ansi ? "spark_string_to_timestamp_ansi" : "spark_string_to_timestamp",
                    {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_VARCHAR}, DUCKDB_TYPE_TIMESTAMP_TZ,
                    Checked<int64_t, std::string_view, std::string_view>(TimestampCast(ansi))});
  }
  AddCast<int64_t>(&list, "spark_string_to_timestamp_ntz", DUCKDB_TYPE_TIMESTAMP, "TIMESTAMP_NTZ",
                   CastToTimestampNtz, CastToTimestampNtz);
  AddTextCasts(&list);
  return list;
}

}  // namespace flare::engine
