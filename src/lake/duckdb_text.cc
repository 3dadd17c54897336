// Reads the texts that DuckDB prints for values.
#include <cmath>
#include <cstdlib>

#include "lake/literal.h"

namespace flare::lake {
namespace {

/// Takes what it is asked for from the front of a text; any miss makes the whole reading fail.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }
  bool Peek(std::string_view word) const { return rest_.starts_with(word); }
  bool Take(std::string_view word) {
    if (!Peek(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void Expect(std::string_view word) { ok_ = Take(word) && ok_; }
  int64_t Digits(size_t* count = nullptr) {
    int64_t value = 0;
    size_t taken = 0;
    while (taken < rest_.size() && rest_[taken] >= '0' && rest_[taken] <= '9' && taken < 12) {
      value = value * 10 + (rest_[taken++] - '0');
    }
    if (taken == 0) ok_ = false;
    rest_.remove_prefix(taken);
    if (count != nullptr) *count = taken;
    return value;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<int64_t> Days(Scanner* in) {
  int64_t year = in->Digits();
  in->Expect("-");
  int64_t month = in->Digits();
  in->Expect("-");
  int64_t day = in->Digits();
  if (!in->ok() || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  if (in->Take(" (BC)")) year = 1 - year;
  return DaysFromCivil(year, static_cast<int>(month), static_cast<int>(day));
}

std::optional<int64_t> MicrosOfDay(Scanner* in) {
  int64_t hours = in->Digits();
  in->Expect(":");
  int64_t minutes = in->Digits();
  in->Expect(":");
  int64_t seconds = in->Digits();
  int64_t micros = 0;
  if (in->Take(".")) {
    size_t count = 0;
    micros = in->Digits(&count);
    if (count > 6) return std::nullopt;
    for (; count < 6; ++count) micros *= 10;
  }
  if (!in->ok()) return std::nullopt;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000000 + micros;
}

std::optional<Literal> Timestamp(std::string_view text, bool zoned) {
  Scanner in(text);
  auto days = Days(&in);
  if (!days) return std::nullopt;
  in.Expect(" ");
  auto micros = MicrosOfDay(&in);
  if (!micros) return std::nullopt;
  if (in.Take(" (BC)")) return std::nullopt;
  if (zoned) in.Expect("+00");  // other offsets are not read: better no bound than a shifted one
  if (!in.done()) return std::nullopt;
  return Literal(*days * 86400000000 + *micros);
}

std::optional<Literal> Decimal(const Type& type, std::string_view text) {
  bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  Int128 value = 0;
  int fraction = -1, digits = 0;
  for (char c : text) {
    if (c == '.' && fraction < 0) {
      fraction = 0;
      continue;
    }
    if (c < '0' || c > '9' || ++digits > 39) return std::nullopt;
    value = value * 10 + (c - '0');
    if (fraction >= 0) ++fraction;
  }
  if (digits == 0) return std::nullopt;
  for (int have = std::max(fraction, 0); have < type.scale(); ++have) value *= 10;
  if (fraction > type.scale()) return std::nullopt;
  return Literal(negative ? -value : value);
}

std::optional<Literal> Integer(std::string_view text) {
  std::string copy(text);
  char* end = nullptr;
  errno = 0;
  long long value = std::strtoll(copy.c_str(), &end, 10);
  if (copy.empty() || errno != 0 || *end != '\0') return std::nullopt;
  return Literal(static_cast<int64_t>(value));
}

std::optional<Literal> Real(std::string_view text, bool single) {
  std::string copy(text);
  char* end = nullptr;
  double value = single ? static_cast<double>(std::strtof(copy.c_str(), &end)) : std::strtod(copy.c_str(), &end);
  if (copy.empty() || *end != '\0') return std::nullopt;
  return Literal(value);
}

std::optional<Literal> Hex(std::string_view text) {
  auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return Literal(std::move(bytes));
}

std::optional<Literal> Uuid(std::string_view text) {
  std::string digits;
  for (char c : text) {
    if (c != '-') digits.push_back(c);
  }
  if (digits.size() != 32) return std::nullopt;
  return Hex(digits);
}

}  // namespace

std::optional<Literal> FromDuckDbText(const Type& type, std::string_view text) {
  switch (type.id()) {
    case TypeId::kBoolean:
      if (text == "true" || text == "1") return Literal(true);
      if (text == "false" || text == "0") return Literal(false);
      return std::nullopt;
    case TypeId::kInt:
    case TypeId::kLong: return Integer(text);
    case TypeId::kFloat: return Real(text, true);
    case TypeId::kDouble: return Real(text, false);
    case TypeId::kDecimal: return Decimal(type, text);
    case TypeId::kDate: {
      Scanner in(text);
      auto days = Days(&in);
      if (!days || !in.done()) return std::nullopt;
      return Literal(*days);
    }
    case TypeId::kTime: {
      Scanner in(text);
      auto micros = MicrosOfDay(&in);
      if (!micros || !in.done()) return std::nullopt;
      return Literal(*micros);
    }
    case TypeId::kTimestamp: return Timestamp(text, false);
    case TypeId::kTimestampTz: return Timestamp(text, true);
    case TypeId::kString: return Literal(std::string(text));
    case TypeId::kUuid: return Uuid(text);
    case TypeId::kFixed:
    case TypeId::kBinary: return Hex(text);
    case TypeId::kStruct:
    case TypeId::kList:
    case TypeId::kMap: break;
  }
  return std::nullopt;
}

}  // namespace flare::lake
