#include "engine/typed_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/date_time_text.h"
#include "engine/number_text.h"
#include "engine/variant.h"
#include "engine/vector_writer.h"
#include "sql/interval.h"

namespace flare::engine {

namespace {

using sql::Type;
using sql::TypeId;

template <class T>
T ValueAt(duckdb_vector vector, uint64_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

void AppendReal(double value, const std::string& text, std::string* out) {
  *out += std::isfinite(value) ? text : JsonText(text);
}

/// The digits of an unscaled decimal with its point.
std::string DecimalText(__int128 unscaled, int scale) {
  bool negative = unscaled < 0;
  auto rest = negative ? -static_cast<unsigned __int128>(unscaled)
                       : static_cast<unsigned __int128>(unscaled);
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  while (digits.size() <= static_cast<size_t>(scale)) digits += '0';
  std::ranges::reverse(digits);
  if (scale > 0) digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  return negative ? "-" + digits : digits;
}

__int128 UnscaledAt(const Type& type, duckdb_vector vector, uint64_t row) {
  if (type.precision() <= 4) return ValueAt<int16_t>(vector, row);
  if (type.precision() <= 9) return ValueAt<int32_t>(vector, row);
  if (type.precision() <= 18) return ValueAt<int64_t>(vector, row);
  auto wide = ValueAt<duckdb_hugeint>(vector, row);
  return (static_cast<__int128>(wide.upper) << 64) | wide.lower;
}

class Appender {
 public:
  Appender(const TimeZone& zone, std::string* out) : zone_(zone), out_(out) {}

  void Append(const Type& type, duckdb_vector vector, uint64_t row) {
    if (type.is(TypeId::kVoid) || ValidityReader(vector).IsNull(row)) {
      *out_ += "null";
      return;
    }
    switch (type.id()) {
      case TypeId::kVoid:
        break;
      case TypeId::kBoolean:
        *out_ += ValueAt<bool>(vector, row) ? "true" : "false";
        break;
      case TypeId::kByte:
        *out_ += fmt::format("{}", static_cast<int>(ValueAt<int8_t>(vector, row)));
        break;
      case TypeId::kShort:
        *out_ += fmt::format("{}", ValueAt<int16_t>(vector, row));
        break;
      case TypeId::kInt:
        *out_ += fmt::format("{}", ValueAt<int32_t>(vector, row));
        break;
      case TypeId::kLong:
        *out_ += fmt::format("{}", ValueAt<int64_t>(vector, row));
        break;
      case TypeId::kFloat: {
        auto value = ValueAt<float>(vector, row);
        AppendReal(value, JavaFloatText(value), out_);
        break;
      }
      case TypeId::kDouble: {
        auto value = ValueAt<double>(vector, row);
        AppendReal(value, JavaDoubleText(value), out_);
        break;
      }
      case TypeId::kDecimal:
        Quote(DecimalText(UnscaledAt(type, vector, row), type.scale()));
        break;
      case TypeId::kString:
        *out_ += JsonText(TextAt(vector, row));
        break;
      case TypeId::kBinary:
        AppendHex(TextAt(vector, row));
        break;
      case TypeId::kDate:
        Quote(DateText(ValueAt<int32_t>(vector, row)));
        break;
      case TypeId::kTimestamp:
        Quote(TimestampText(zone_.ToLocalMicros(ValueAt<int64_t>(vector, row))));
        break;
      case TypeId::kTimestampNtz:
        Quote(TimestampText(ValueAt<int64_t>(vector, row)));
        break;
      case TypeId::kVariant: {
        // as CAST(... AS STRING) gives it
        Variant variant(TextAt(vector, row));
        *out_ += variant.is_null() ? "null" : JsonText(variant.ToText(zone_));
        break;
      }
      case TypeId::kIntervalYearMonth:
        Quote(sql::IntervalText(ValueAt<int32_t>(vector, row), type));
        break;
      case TypeId::kIntervalDayTime:
        Quote(sql::IntervalText(ValueAt<int64_t>(vector, row), type));
        break;
      case TypeId::kIntervalCalendar: {
        auto value = ValueAt<duckdb_interval>(vector, row);
        Quote(sql::CalendarIntervalText({value.months, value.days, value.micros}));
        break;
      }
      case TypeId::kArray:
        AppendArray(type, vector, row);
        break;
      case TypeId::kMap:
        AppendMap(type, vector, row);
        break;
      case TypeId::kStruct:
        AppendStruct(type, vector, row);
        break;
    }
  }

 private:
  /// Text that needs no escapes.
  void Quote(const std::string& text) { *out_ += '"' + text + '"'; }

  static std::string_view TextAt(duckdb_vector vector, uint64_t row) {
    return StringView(static_cast<const duckdb_string_t*>(duckdb_vector_get_data(vector))[row]);
  }

  void AppendHex(std::string_view bytes) {
    *out_ += '"';
    for (char byte : bytes) *out_ += fmt::format("{:02X}", static_cast<unsigned char>(byte));
    *out_ += '"';
  }

  void AppendArray(const Type& type, duckdb_vector vector, uint64_t row) {
    auto [offset, length] = ValueAt<duckdb_list_entry>(vector, row);
    duckdb_vector child = duckdb_list_vector_get_child(vector);
    *out_ += '[';
    for (uint64_t i = 0; i < length; ++i) {
      if (i > 0) *out_ += ", ";
      Append(type.element(), child, offset + i);
    }
    *out_ += ']';
  }

  void AppendMap(const Type& type, duckdb_vector vector, uint64_t row) {
    auto [offset, length] = ValueAt<duckdb_list_entry>(vector, row);
    duckdb_vector entries = duckdb_list_vector_get_child(vector);
    duckdb_vector keys = duckdb_struct_vector_get_child(entries, 0);
    duckdb_vector values = duckdb_struct_vector_get_child(entries, 1);
    *out_ += "{\"map\": [";
    for (uint64_t i = 0; i < length; ++i) {
      *out_ += i > 0 ? ", [" : "[";
      Append(type.key(), keys, offset + i);
      *out_ += ", ";
      Append(type.value(), values, offset + i);
      *out_ += ']';
    }
    *out_ += "]}";
  }

  void AppendStruct(const Type& type, duckdb_vector vector, uint64_t row) {
    std::set<std::string> names;
    for (const auto& field : type.fields()) names.insert(field.name);
    bool as_object = names.size() == type.fields().size();
    *out_ += as_object ? "{" : "{\"struct\": [";
    for (size_t i = 0; i < type.fields().size(); ++i) {
      const auto& field = type.fields()[i];
      if (i > 0) *out_ += ", ";
      if (as_object) *out_ += JsonText(field.name) + ": ";
      Append(field.type, duckdb_struct_vector_get_child(vector, i), row);
    }
    *out_ += as_object ? "}" : "]}";
  }

  const TimeZone& zone_;
  std::string* out_;
};

}  // namespace

void AppendTypedJson(const sql::Type& type, duckdb_vector vector, uint64_t row,
                     const TimeZone& zone, std::string* out) {
  Appender(zone, out).Append(type, vector, row);
}

std::string JsonText(std::string_view text) {
  using Json = nlohmann::json;
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace flare::engine
