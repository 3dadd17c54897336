#include "lake/metrics.h"

#include <cctype>
#include <charconv>
#include <cmath>

namespace flare::lake {
namespace {

using Modes = std::map<int, MetricsMode>;
constexpr const char* kDefaultKey = "write.metadata.metrics.default";
constexpr const char* kColumnKey = "write.metadata.metrics.column.";
constexpr const char* kLimitKey = "write.metadata.metrics.max-inferred-column-defaults";

std::string QuotedName(const std::string& name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

/// The code point that starts at `i`, and its length in bytes; the text is UTF-8.
uint32_t CodePointAt(const std::string& text, size_t i, size_t* size) {
  auto first = static_cast<uint8_t>(text[i]);
  *size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (i + *size > text.size()) *size = text.size() - i;
  uint32_t point = *size == 1 ? first : first & (0xFFu >> (*size + 1));
  for (size_t k = 1; k < *size; ++k) point = (point << 6) | (static_cast<uint8_t>(text[i + k]) & 0x3F);
  return point;
}

void AppendCodePoint(uint32_t point, std::string* out) {
  auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6));
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

std::vector<uint32_t> CodePoints(const std::string& text, size_t limit, bool* cut) {
  std::vector<uint32_t> points;
  size_t i = 0;
  while (i < text.size() && points.size() < limit) {
    size_t size = 0;
    points.push_back(CodePointAt(text, i, &size));
    i += size;
  }
  *cut = i < text.size();
  return points;
}

/// Sets the bounds of one leaf, if they can be known for sure.
void PutBounds(const Field& field, const MetricsMode& mode, const ColumnStatistics& stats, ColumnMetrics* metrics) {
  if (!stats.min || !stats.max) return;
  auto low = FromDuckDbText(field.type, *stats.min);
  auto high = FromDuckDbText(field.type, *stats.max);
  if (!low || !high) return;
  if (double* v = std::get_if<double>(&low->data)) {
    double& w = std::get<double>(high->data);
    if (std::isnan(*v) || std::isnan(w)) return;
    if (*v == 0) *v = -0.0;  // -0.0 sorts below +0.0, and both are zero to the writer
    if (w == 0) w = 0.0;
  }
  if (Compare(*low, *high) > 0) return;
  std::string lower = ToSingleValue(field.type, *low);
  std::optional<std::string> upper = ToSingleValue(field.type, *high);
  if (mode.kind == MetricsMode::Kind::kTruncate && (field.type.is(TypeId::kString) || field.type.is(TypeId::kBinary))) {
    lower = TruncateLower(field.type, lower, mode.length);
    upper = TruncateUpper(field.type, *upper, mode.length);
  }
  metrics->lower_bounds[field.id] = std::move(lower);
  if (upper) metrics->upper_bounds[field.id] = *std::move(upper);
}

struct Typing {
  const Modes& modes;
  const std::map<std::string, ColumnStatistics>& by_path;
  ColumnMetrics metrics;

  void Visit(const Field& field, const std::string& path, bool repeated) {
    if (!field.type.is_primitive()) {
      bool inside = repeated || !field.type.is(TypeId::kStruct);
      for (const Field& child : field.type.children()) Visit(child, path + "." + QuotedName(child.name), inside);
      return;
    }
    auto found = by_path.find(path);
    auto mode = modes.find(field.id);
    if (found == by_path.end() || mode == modes.end() || mode->second.kind == MetricsMode::Kind::kNone) return;
    const ColumnStatistics& stats = found->second;
    if (stats.column_size) metrics.column_sizes[field.id] = *stats.column_size;
    if (repeated) return;
    if (stats.value_count) metrics.value_counts[field.id] = *stats.value_count;
    if (stats.null_count) metrics.null_value_counts[field.id] = *stats.null_count;
    bool is_float = field.type.is(TypeId::kFloat) || field.type.is(TypeId::kDouble);
    if (is_float && !stats.has_nan) metrics.nan_value_counts[field.id] = 0;
    if (mode->second.kind == MetricsMode::Kind::kCounts) return;
    // Beside NaN DuckDB's own minimum is not to be trusted.
    if (!stats.has_nan) PutBounds(field, mode->second, stats, &metrics);
  }
};

void VisitModes(const std::vector<Field>& fields, const std::string& prefix,
                const std::map<std::string, std::string>& properties, const MetricsMode& usual, int* budget, Modes* modes) {
  for (const Field& field : fields) {
    std::string path = prefix.empty() ? field.name : prefix + "." + field.name;
    if (field.type.is_primitive()) {
      MetricsMode mode = usual;
      if (budget != nullptr && (*budget)-- <= 0) mode.kind = MetricsMode::Kind::kNone;
      if (auto own = properties.find(kColumnKey + path); own != properties.end()) {
        if (auto parsed = MetricsMode::Parse(own->second)) mode = *parsed;
      }
      (*modes)[field.id] = mode;
    }
  }
  for (const Field& field : fields) {
    if (field.type.is_primitive()) continue;
    VisitModes(field.type.children(), prefix.empty() ? field.name : prefix + "." + field.name, properties, usual,
               budget, modes);
  }
}

}  // namespace

std::optional<MetricsMode> MetricsMode::Parse(std::string_view text) {
  std::string lower;
  for (char c : text) {
    if (c != ' ') lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  if (lower == "none") return MetricsMode{Kind::kNone, 0};
  if (lower == "counts") return MetricsMode{Kind::kCounts, 0};
  if (lower == "full") return MetricsMode{Kind::kFull, 0};
  if (!lower.starts_with("truncate(") || !lower.ends_with(")")) return std::nullopt;
  int length = 0;
  const char* last = lower.data() + lower.size() - 1;
  auto [end, error] = std::from_chars(lower.data() + 9, last, length);
  if (error != std::errc() || end != last || length <= 0) return std::nullopt;
  return MetricsMode{Kind::kTruncate, length};
}

Modes MetricsModes(const Schema& schema, const std::map<std::string, std::string>& properties) {
  MetricsMode usual;
  auto given = properties.find(kDefaultKey);
  bool has_default = given != properties.end();
  if (has_default) usual = MetricsMode::Parse(given->second).value_or(MetricsMode{});
  int budget = 100;
  if (auto limit = properties.find(kLimitKey); limit != properties.end()) {
    std::from_chars(limit->second.data(), limit->second.data() + limit->second.size(), budget);
  }
  Modes modes;
  VisitModes(schema.fields, "", properties, usual, has_default ? nullptr : &budget, &modes);
  return modes;
}

ColumnMetrics TypeMetrics(const Schema& schema, const Modes& modes,
                          const std::map<std::string, ColumnStatistics>& by_path) {
  Typing typing{modes, by_path, {}};
  for (const Field& field : schema.fields) typing.Visit(field, QuotedName(field.name), false);
  return std::move(typing.metrics);
}

std::string TruncateLower(const Type& type, const std::string& value, int length) {
  if (!type.is(TypeId::kString)) return value.substr(0, static_cast<size_t>(length));
  bool cut = false;
  std::string out;
  for (uint32_t point : CodePoints(value, static_cast<size_t>(length), &cut)) AppendCodePoint(point, &out);
  return out;
}

std::optional<std::string> TruncateUpper(const Type& type, const std::string& value, int length) {
  if (!type.is(TypeId::kString)) {
    if (value.size() <= static_cast<size_t>(length)) return value;
    std::string bytes = value.substr(0, static_cast<size_t>(length));
    while (!bytes.empty() && static_cast<uint8_t>(bytes.back()) == 0xFF) bytes.pop_back();
    if (bytes.empty()) return std::nullopt;
    bytes.back() = static_cast<char>(static_cast<uint8_t>(bytes.back()) + 1);
    return bytes;
  }
  bool cut = false;
  std::vector<uint32_t> points = CodePoints(value, static_cast<size_t>(length), &cut);
  if (!cut) return value;
  while (!points.empty() && points.back() >= 0x10FFFF) points.pop_back();
  if (points.empty()) return std::nullopt;
  points.back() = points.back() == 0xD7FF ? 0xE000 : points.back() + 1;
  std::string out;
  for (uint32_t point : points) AppendCodePoint(point, &out);
  return out;
}

}  // namespace flare::lake
