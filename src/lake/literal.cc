#include "lake/literal.h"

#include <cmath>
#include <cstring>

namespace flare::lake {
namespace {

template <class T>
std::string LittleEndian(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

template <class T>
T FromLittleEndian(std::string_view bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

int64_t AsLong(const Literal& value) { return std::get<int64_t>(value.data); }

std::string SignExtended(Int128 unscaled, int size) {
  std::string bytes(static_cast<size_t>(size), '\0');
  auto bits = static_cast<unsigned __int128>(unscaled);
  for (int i = size - 1; i >= 0; --i) {
    bytes[static_cast<size_t>(i)] = static_cast<char>(bits & 0xff);
    bits = static_cast<unsigned __int128>(static_cast<Int128>(bits) >> 8);
  }
  return bytes;
}

}  // namespace

std::string DecimalToBytes(Int128 unscaled) {
  int size = 1;
  while (size < 16 && (unscaled >> (8 * size - 1)) != 0 && (unscaled >> (8 * size - 1)) != -1) ++size;
  return SignExtended(unscaled, size);
}

std::optional<Int128> DecimalFromBytes(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > 16) return std::nullopt;
  Int128 value = static_cast<int8_t>(bytes[0]);
  for (char c : bytes.substr(1)) {
    value = static_cast<Int128>((static_cast<unsigned __int128>(value) << 8) | static_cast<uint8_t>(c));
  }
  return value;
}

int DecimalBytes(int precision) {
  static constexpr int kBytes[] = {0, 1,  1,  2,  2,  3,  3,  4,  4,  4,  5,  5,  6,  6,  6,  7,  7,  8,  8, 9,
                                   9, 9,  10, 10, 11, 11, 11, 12, 12, 13, 13, 13, 14, 14, 15, 15, 16, 16, 16};
  return kBytes[precision];
}

std::string ToSingleValue(const Type& type, const Literal& value) {
  switch (type.id()) {
    case TypeId::kBoolean: return std::string(1, std::get<bool>(value.data) ? '\1' : '\0');
    case TypeId::kInt:
    case TypeId::kDate: return LittleEndian(static_cast<int32_t>(AsLong(value)));
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: return LittleEndian(AsLong(value));
    case TypeId::kFloat: return LittleEndian(static_cast<float>(std::get<double>(value.data)));
    case TypeId::kDouble: return LittleEndian(std::get<double>(value.data));
    case TypeId::kDecimal: return DecimalToBytes(std::get<Int128>(value.data));
    case TypeId::kString:
    case TypeId::kUuid:
    case TypeId::kFixed:
    case TypeId::kBinary: return std::get<std::string>(value.data);
    case TypeId::kStruct:
    case TypeId::kList:
    case TypeId::kMap: break;
  }
  return {};
}

std::optional<Literal> FromSingleValue(const Type& type, std::string_view bytes) {
  switch (type.id()) {
    case TypeId::kBoolean:
      if (bytes.size() != 1) return std::nullopt;
      return Literal(bytes[0] != 0);
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      if (bytes.size() == 4) return Literal(static_cast<int64_t>(FromLittleEndian<int32_t>(bytes)));
      if (bytes.size() == 8) return Literal(FromLittleEndian<int64_t>(bytes));
      return std::nullopt;
    case TypeId::kFloat:
    case TypeId::kDouble:
      if (bytes.size() == 4) return Literal(static_cast<double>(FromLittleEndian<float>(bytes)));
      if (bytes.size() == 8) return Literal(FromLittleEndian<double>(bytes));
      return std::nullopt;
    case TypeId::kDecimal: {
      auto unscaled = DecimalFromBytes(bytes);
      if (!unscaled) return std::nullopt;
      return Literal(*unscaled);
    }
    case TypeId::kString:
    case TypeId::kUuid:
    case TypeId::kFixed:
    case TypeId::kBinary: return Literal(std::string(bytes));
    case TypeId::kStruct:
    case TypeId::kList:
    case TypeId::kMap: break;
  }
  return std::nullopt;
}

AvroValue ToAvro(const Type& type, const Literal& value) {
  if (value.is_null()) return {};
  if (const bool* v = std::get_if<bool>(&value.data)) return AvroValue(*v);
  if (const int64_t* v = std::get_if<int64_t>(&value.data)) return AvroValue(*v);
  if (const double* v = std::get_if<double>(&value.data)) return AvroValue(*v);
  if (const Int128* v = std::get_if<Int128>(&value.data)) {
    return AvroValue(SignExtended(*v, DecimalBytes(type.precision())));
  }
  return AvroValue(std::get<std::string>(value.data));
}

Result<Literal> FromAvro(const Type& type, const AvroValue& value) {
  if (value.is_null()) return Literal();
  if (const bool* v = std::get_if<bool>(&value.data); v != nullptr && type.is(TypeId::kBoolean)) return Literal(*v);
  if (const int64_t* v = std::get_if<int64_t>(&value.data)) return Literal(*v);
  if (const double* v = std::get_if<double>(&value.data)) return Literal(*v);
  if (const std::string* v = std::get_if<std::string>(&value.data)) {
    if (!type.is(TypeId::kDecimal)) return Literal(*v);
    if (auto unscaled = DecimalFromBytes(*v)) return Literal(*unscaled);
  }
  return Corruption("a partition value in a manifest is not of type {}", type.ToText());
}

int Compare(const Literal& a, const Literal& b) {
  auto three_way = [](const auto& x, const auto& y) { return x < y ? -1 : (y < x ? 1 : 0); };
  if (a.data.index() != b.data.index()) return three_way(a.data.index(), b.data.index());
  if (const bool* v = std::get_if<bool>(&a.data)) return three_way(*v, std::get<bool>(b.data));
  if (const int64_t* v = std::get_if<int64_t>(&a.data)) return three_way(*v, std::get<int64_t>(b.data));
  if (const double* v = std::get_if<double>(&a.data)) {
    double other = std::get<double>(b.data);
    if (*v == 0 && other == 0) return three_way(std::signbit(other), std::signbit(*v));
    return three_way(*v, other);
  }
  if (const Int128* v = std::get_if<Int128>(&a.data)) return three_way(*v, std::get<Int128>(b.data));
  if (const std::string* v = std::get_if<std::string>(&a.data)) {
    // char_traits<char>::compare orders bytes as unsigned, as Iceberg wants UTF-8 and binary ordered.
    return v->compare(std::get<std::string>(b.data));
  }
  return 0;
}

int64_t DaysFromCivil(int64_t year, int month, int day) {
  // Howard Hinnant's calendar arithmetic: years start in March, eras have 400 of them.
  year -= month <= 2 ? 1 : 0;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate CivilFromDays(int64_t days) {
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int64_t day_of_era = days - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted = (5 * day_of_year + 2) / 153;
  int day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

}  // namespace flare::lake
