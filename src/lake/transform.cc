#include <charconv>
#include <cstring>

#include "lake/partition.h"

namespace flare::lake {
namespace {

using Kind = Transform::Kind;
constexpr int64_t kMicrosPerHour = 3600000000;
constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0); }

bool IsTimestamp(const Type& type) { return type.is(TypeId::kTimestamp) || type.is(TypeId::kTimestampTz); }

int64_t DaysOf(const Type& source, int64_t value) {
  return source.is(TypeId::kDate) ? value : FloorDiv(value, kMicrosPerDay);
}

std::string LongBytes(int64_t value) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &value, 8);
  return bytes;
}

int32_t HashOf(const Literal& value) {
  if (const int64_t* v = std::get_if<int64_t>(&value.data)) return Murmur3(LongBytes(*v));
  if (const Int128* v = std::get_if<Int128>(&value.data)) return Murmur3(DecimalToBytes(*v));
  if (const std::string* v = std::get_if<std::string>(&value.data)) return Murmur3(*v);
  return 0;
}

template <class T>
T TruncateNumber(T value, int width) {
  return value - (((value % width) + width) % width);
}

/// The first `count` code points.
std::string FirstCodePoints(const std::string& text, int count) {
  size_t i = 0;
  while (i < text.size() && count > 0) {
    ++i;
    while (i < text.size() && (static_cast<uint8_t>(text[i]) & 0xC0) == 0x80) ++i;
    --count;
  }
  return text.substr(0, i);
}

Literal Truncated(const Type& source, const Literal& value, int width) {
  if (const int64_t* v = std::get_if<int64_t>(&value.data)) return Literal(TruncateNumber(*v, width));
  if (const Int128* v = std::get_if<Int128>(&value.data)) return Literal(TruncateNumber(*v, width));
  const auto& text = std::get<std::string>(value.data);
  if (source.is(TypeId::kString)) return Literal(FirstCodePoints(text, width));
  return Literal(text.substr(0, static_cast<size_t>(width)));
}

bool Accepts(Kind kind, const Type& type) {
  switch (kind) {
    case Kind::kIdentity: return type.is_primitive();
    case Kind::kVoid: return true;
    case Kind::kYear:
    case Kind::kMonth:
    case Kind::kDay: return type.is(TypeId::kDate) || IsTimestamp(type);
    case Kind::kHour: return IsTimestamp(type);
    case Kind::kTruncate:
      return type.is(TypeId::kInt) || type.is(TypeId::kLong) || type.is(TypeId::kDecimal) ||
             type.is(TypeId::kString) || type.is(TypeId::kBinary);
    case Kind::kBucket:
      return type.is_primitive() && !type.is(TypeId::kBoolean) && !type.is(TypeId::kFloat) && !type.is(TypeId::kDouble);
  }
  return false;
}

const char* NameOf(Kind kind) {
  switch (kind) {
    case Kind::kIdentity: return "identity";
    case Kind::kBucket: return "bucket";
    case Kind::kTruncate: return "truncate";
    case Kind::kYear: return "year";
    case Kind::kMonth: return "month";
    case Kind::kDay: return "day";
    case Kind::kHour: return "hour";
    case Kind::kVoid: return "void";
  }
  return "";
}

}  // namespace

int32_t Murmur3(std::string_view bytes) {
  constexpr uint32_t c1 = 0xcc9e2d51, c2 = 0x1b873593;
  auto rotl = [](uint32_t x, int r) { return (x << r) | (x >> (32 - r)); };
  uint32_t hash = 0;
  size_t blocks = bytes.size() / 4;
  for (size_t i = 0; i < blocks; ++i) {
    uint32_t k = 0;
    std::memcpy(&k, bytes.data() + i * 4, 4);
    hash ^= rotl(k * c1, 15) * c2;
    hash = rotl(hash, 13) * 5 + 0xe6546b64;
  }
  uint32_t tail = 0;
  for (size_t i = bytes.size(); i > blocks * 4; --i) tail = (tail << 8) | static_cast<uint8_t>(bytes[i - 1]);
  if (bytes.size() % 4 != 0) hash ^= rotl(tail * c1, 15) * c2;
  hash ^= static_cast<uint32_t>(bytes.size());
  hash ^= hash >> 16;
  hash *= 0x85ebca6b;
  hash ^= hash >> 13;
  hash *= 0xc2b2ae35;
  hash ^= hash >> 16;
  return static_cast<int32_t>(hash);
}

Result<Transform> Transform::Parse(std::string_view text) {
  for (Kind kind : {Kind::kIdentity, Kind::kYear, Kind::kMonth, Kind::kDay, Kind::kHour, Kind::kVoid}) {
    if (text == NameOf(kind)) return Transform{kind, 0};
  }
  for (Kind kind : {Kind::kBucket, Kind::kTruncate}) {
    std::string start = fmt::format("{}[", NameOf(kind));
    if (!text.starts_with(start) || !text.ends_with("]")) continue;
    int parameter = 0;
    const char* first = text.data() + start.size();
    const char* last = text.data() + text.size() - 1;
    auto [end, error] = std::from_chars(first, last, parameter);
    if (error == std::errc() && end == last && parameter > 0) return Transform{kind, parameter};
  }
  return Unsupported("the partition transform '{}' is not known", text);
}

std::string Transform::ToText() const {
  if (kind == Kind::kBucket || kind == Kind::kTruncate) return fmt::format("{}[{}]", NameOf(kind), parameter);
  return NameOf(kind);
}

Result<Type> Transform::ResultType(const Type& source, std::string_view column) const {
  if (!Accepts(kind, source)) {
    return InvalidArgument("the column '{}' of type {} cannot be partitioned by {}", column, source.ToText(), ToText());
  }
  switch (kind) {
    case Kind::kIdentity:
    case Kind::kTruncate:
    case Kind::kVoid: return source;
    case Kind::kDay: return Type(TypeId::kDate);
    case Kind::kBucket:
    case Kind::kYear:
    case Kind::kMonth:
    case Kind::kHour: break;
  }
  return Type(TypeId::kInt);
}

Literal Transform::Apply(const Type& source, const Literal& value) const {
  if (value.is_null() || kind == Kind::kVoid) return Literal();
  switch (kind) {
    case Kind::kBucket: return Literal(static_cast<int64_t>((HashOf(value) & 0x7fffffff) % parameter));
    case Kind::kTruncate: return Truncated(source, value, parameter);
    case Kind::kDay: return Literal(DaysOf(source, std::get<int64_t>(value.data)));
    case Kind::kHour: return Literal(FloorDiv(std::get<int64_t>(value.data), kMicrosPerHour));
    case Kind::kYear:
    case Kind::kMonth: {
      CivilDate date = CivilFromDays(DaysOf(source, std::get<int64_t>(value.data)));
      int64_t years = date.year - 1970;
      return Literal(kind == Kind::kYear ? years : years * 12 + date.month - 1);
    }
    case Kind::kIdentity:
    case Kind::kVoid: break;
  }
  return value;
}

}  // namespace flare::lake
