// Transforms as DuckDB SQL, by way of a text that also names the folder.
#include <charconv>

#include "lake/partition.h"

namespace flare::lake {
namespace {

using Kind = Transform::Kind;

bool IsTimestamp(const Type& type) { return type.is(TypeId::kTimestamp) || type.is(TypeId::kTimestampTz); }

std::string MicrosOf(const std::string& column) { return fmt::format("epoch_us({})", column); }

/// The column as a zone-less UTC timestamp or a date, whatever the session's time zone is.
std::string UtcOf(const Type& source, const std::string& column) {
  return source.is(TypeId::kDate) ? column : fmt::format("make_timestamp({})", MicrosOf(column));
}

std::string TwoDigits(const std::string& expression) {
  return fmt::format("lpad(CAST({} AS VARCHAR), 2, '0')", expression);
}

std::string CalendarSql(Kind kind, const Type& source, const std::string& column) {
  std::string utc = UtcOf(source, column);
  std::string text = fmt::format("CAST(year({}) AS VARCHAR)", utc);
  if (kind != Kind::kYear) text += fmt::format(" || '-' || {}", TwoDigits("month(" + utc + ")"));
  if (kind == Kind::kDay || kind == Kind::kHour) text += fmt::format(" || '-' || {}", TwoDigits("day(" + utc + ")"));
  if (kind == Kind::kHour) text += fmt::format(" || '-' || {}", TwoDigits("hour(" + utc + ")"));
  return text;
}

std::string IdentitySql(const Type& source, const std::string& column) {
  if (IsTimestamp(source)) return fmt::format("CAST({} AS VARCHAR)", UtcOf(source, column));
  if (source.is(TypeId::kBinary) || source.is(TypeId::kFixed)) return fmt::format("hex({})", column);
  return fmt::format("CAST({} AS VARCHAR)", column);
}

std::string TruncateSql(const Type& source, const std::string& column, int width) {
  if (source.is(TypeId::kString)) return fmt::format("left({}, {})", column, width);
  if (source.is(TypeId::kBinary)) return fmt::format("hex({}[1:{}])", column, width);
  std::string value = fmt::format("CAST({} AS HUGEINT)", column), step = fmt::format("{}::HUGEINT", width);
  if (source.is(TypeId::kDecimal)) {
    std::string type = fmt::format("DECIMAL(38, {})", source.scale());
    std::string unscaled = fmt::format("{}", width);
    auto scale = static_cast<size_t>(source.scale());
    if (unscaled.size() <= scale) unscaled.insert(0, scale + 1 - unscaled.size(), '0');
    unscaled.insert(unscaled.size() - scale, ".");
    value = fmt::format("CAST({} AS {})", column, type);
    step = fmt::format("CAST('{}' AS {})", unscaled, type);
  }
  return fmt::format("CAST({0} - ((({0} % {1}) + {1}) % {1}) AS VARCHAR)", value, step);
}

std::string BucketSql(const Type& source, const std::string& column, int buckets) {
  std::string hashed = column;
  if (source.is(TypeId::kInt)) hashed = fmt::format("CAST({} AS BIGINT)", column);
  if (source.is(TypeId::kDate)) hashed = fmt::format("CAST({} - DATE '1970-01-01' AS BIGINT)", column);
  if (IsTimestamp(source)) hashed = MicrosOf(column);
  if (source.is(TypeId::kDecimal)) {
    return fmt::format("CAST({}_decimal(CAST({} AS VARCHAR), {}) AS VARCHAR)", kBucketFunction, column, buckets);
  }
  return fmt::format("CAST({}({}, {}) AS VARCHAR)", kBucketFunction, hashed, buckets);
}

/// Numbers parted by '-', the first of which may be negative: "2024-02-29-05", "-43-03".
std::optional<std::vector<int64_t>> Numbers(std::string_view text, size_t count) {
  std::vector<int64_t> numbers;
  while (numbers.size() + 1 < count) {
    auto dash = text.rfind('-');
    if (dash == std::string_view::npos || dash == 0) return std::nullopt;
    std::string_view part = text.substr(dash + 1);
    int64_t number = 0;
    auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
    numbers.insert(numbers.begin(), number);
    text = text.substr(0, dash);
  }
  int64_t first = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), first);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  numbers.insert(numbers.begin(), first);
  return numbers;
}

std::optional<Literal> CalendarFromText(Kind kind, std::string_view text) {
  size_t count = kind == Kind::kYear ? 1 : kind == Kind::kMonth ? 2 : kind == Kind::kDay ? 3 : 4;
  auto parts = Numbers(text, count);
  if (!parts) return std::nullopt;
  const auto& p = *parts;
  if (kind == Kind::kYear) return Literal(p[0] - 1970);
  if (kind == Kind::kMonth) return Literal((p[0] - 1970) * 12 + p[1] - 1);
  int64_t days = DaysFromCivil(p[0], static_cast<int>(p[1]), static_cast<int>(p[2]));
  return Literal(kind == Kind::kDay ? days : days * 24 + p[3]);
}

}  // namespace

std::string Transform::FolderSql(const Type& source, const std::string& column) const {
  switch (kind) {
    case Kind::kIdentity: return IdentitySql(source, column);
    case Kind::kBucket: return BucketSql(source, column, parameter);
    case Kind::kTruncate: return TruncateSql(source, column, parameter);
    case Kind::kYear:
    case Kind::kMonth:
    case Kind::kDay:
    case Kind::kHour: return CalendarSql(kind, source, column);
    case Kind::kVoid: break;
  }
  return "CAST(NULL AS VARCHAR)";
}

std::optional<Literal> Transform::FromFolderText(const Type& source, std::string_view text) const {
  switch (kind) {
    case Kind::kIdentity:
      if (source.is(TypeId::kTimestampTz)) return FromDuckDbText(Type(TypeId::kTimestamp), text);
      return FromDuckDbText(source, text);
    case Kind::kBucket: return FromDuckDbText(Type(TypeId::kInt), text);
    case Kind::kTruncate: {
      if (!source.is(TypeId::kInt) && !source.is(TypeId::kLong)) return FromDuckDbText(source, text);
      // Below the smallest number the result wraps around, as it does in Java.
      auto wide = FromDuckDbText(Type::Decimal(38, 0), text);
      if (!wide) return std::nullopt;
      Int128 value = std::get<Int128>(wide->data);
      if (source.is(TypeId::kInt)) return Literal(static_cast<int64_t>(static_cast<int32_t>(value)));
      return Literal(static_cast<int64_t>(value));
    }
    case Kind::kYear:
    case Kind::kMonth:
    case Kind::kDay:
    case Kind::kHour: return CalendarFromText(kind, text);
    case Kind::kVoid: break;
  }
  return std::nullopt;
}

}  // namespace flare::lake
