#include "manifest/values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <string>

#include "manifest/letter_case.h"

namespace flare::manifest {
namespace {

std::string_view Trimmed(std::string_view text) {
  size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

/// Reads the digits at the front of `text` and takes them off; nullopt when there are none or too
/// many.
std::optional<int64_t> TakeDigits(std::string_view* text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || value < 0 || text->empty() || text->front() == '-')
    return std::nullopt;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return value;
}

struct Unit {
  std::string_view name;
  int64_t factor;
};

const Unit* FindUnit(std::span<const Unit> units, std::string_view name) {
  for (const auto& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

std::optional<int64_t> Times(int64_t value, int64_t factor) {
  int64_t product = 0;
  if (__builtin_mul_overflow(value, factor, &product)) return std::nullopt;
  return product;
}

constexpr Unit kTimeUnits[] = {
    {"ms", 1},           {"msec", 1},          {"millisecond", 1}, {"milliseconds", 1},
    {"s", 1000},         {"sec", 1000},        {"secs", 1000},     {"second", 1000},
    {"seconds", 1000},   {"m", 60'000},        {"min", 60'000},    {"mins", 60'000},
    {"minute", 60'000},  {"minutes", 60'000},  {"h", 3'600'000},   {"hr", 3'600'000},
    {"hour", 3'600'000}, {"hours", 3'600'000},
};

}  // namespace

Result<bool> ParseBool(std::string_view text) {
  std::string lower = Lower(Trimmed(text));
  if (lower == "true") return true;
  if (lower == "false") return false;
  return InvalidArgument("\"{}\" is neither true nor false", text);
}

Result<int64_t> ParseInt(std::string_view text) {
  std::string_view trimmed = Trimmed(text);
  if (!trimmed.empty() && trimmed.front() == '+') trimmed.remove_prefix(1);
  int64_t value = 0;
  auto [end, error] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), value);
  if (trimmed.empty() || error != std::errc() || end != trimmed.data() + trimmed.size()) {
    return InvalidArgument("\"{}\" is not a whole number", text);
  }
  return value;
}

Result<Millis> ParseDuration(std::string_view text) {
  auto fail = [&](std::string_view why) {
    return InvalidArgument(
        "\"{}\" is not a duration: {}; write a whole number and a unit (ms, s, m, h), such as "
        "`10 seconds` or `5m`",
        text, why);
  };
  std::string_view rest = Trimmed(text);
  if (!rest.empty() && rest.front() == '-') return fail("it is negative");
  auto value = TakeDigits(&rest);
  if (!value) return fail("it does not start with a whole number");
  std::string unit_name = Lower(Trimmed(rest));
  if (unit_name.empty()) {
    if (*value == 0) return Millis{0};
    return fail("it has no unit");
  }
  const Unit* unit = FindUnit(kTimeUnits, unit_name);
  if (unit == nullptr)
    return fail(fmt::format("\"{}\" is not a unit of time that it may use", Trimmed(rest)));
  auto millis = Times(*value, unit->factor);
  if (!millis) return fail("it is too long");
  return Millis{*millis};
}

std::string DurationText(Millis duration) {
  static constexpr Unit kUnits[] = {{"hour", 3'600'000}, {"minute", 60'000}, {"second", 1000}};
  for (const auto& unit : kUnits) {
    if (duration.count() == 0 || duration.count() % unit.factor != 0) continue;
    int64_t count = duration.count() / unit.factor;
    return fmt::format("{} {}{}", count, unit.name, count == 1 ? "" : "s");
  }
  return fmt::format("{} ms", duration.count());
}

Result<int64_t> ParseMemory(std::string_view text) {
  constexpr int64_t kKi = 1024, kMi = kKi * 1024, kGi = kMi * 1024, kTi = kGi * 1024;
  static constexpr Unit kUnits[] = {
      {"", kMi},   {"b", 1},     {"k", kKi},  {"kb", kKi},  {"ki", kKi}, {"kib", kKi},
      {"m", kMi},  {"mb", kMi},  {"mi", kMi}, {"mib", kMi}, {"g", kGi},  {"gb", kGi},
      {"gi", kGi}, {"gib", kGi}, {"t", kTi},  {"tb", kTi},  {"ti", kTi}, {"tib", kTi}};
  std::string_view rest = Trimmed(text);
  auto value = TakeDigits(&rest);
  std::string_view name = Trimmed(rest);
  const Unit* unit = FindUnit(kUnits, Lower(name));
  auto bytes = value && unit != nullptr ? Times(*value, unit->factor) : std::nullopt;
  if (!bytes || *bytes == 0) {
    return InvalidArgument(
        "\"{}\" is not a memory size; write a whole number and a unit, such as 1024m, 2g or 1Gi",
        text);
  }
  return *bytes;
}

Result<int64_t> ParseCpu(std::string_view text) {
  std::string_view rest = Trimmed(text);
  auto fail = [&] {
    return InvalidArgument("\"{}\" is not a number of cores; write 2, 0.5 or 500m (thousandths)",
                           text);
  };
  double value = 0;
  auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (rest.empty() || error != std::errc() || !(value > 0) || value > 1e6) return fail();
  rest.remove_prefix(static_cast<size_t>(end - rest.data()));
  if (rest == "m") return static_cast<int64_t>(std::llround(std::ceil(value)));
  if (!rest.empty()) return fail();
  return static_cast<int64_t>(std::llround(value * 1000));
}

Result<std::string> DecodeBase64(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  size_t padding = 0;
  for (char c : text) {
    unsigned digit = 0;
    if (c == '\n' || c == ' ') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    if (padding > 0) return InvalidArgument("the text is not base64: it goes on after its padding");
    if (c >= 'A' && c <= 'Z')
      digit = static_cast<unsigned>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      digit = static_cast<unsigned>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      digit = static_cast<unsigned>(c - '0') + 52;
    else if (c == '+')
      digit = 62;
    else if (c == '/')
      digit = 63;
    else
      return InvalidArgument(
          "the text is not base64: it holds a character outside A-Z a-z 0-9 + / =");
    bits = (bits << 6 | digit) & 0xFFFFFFu;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xFFu);
    }
  }
  if (count >= 6 || padding > 2)
    return InvalidArgument("the text is not base64: its length is wrong");
  return bytes;
}

}  // namespace flare::manifest
