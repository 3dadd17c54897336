#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/csv_format.h"
#include "engine/csv_functions.h"
#include "engine/date_time_text.h"
#include "engine/number_text.h"
#include "engine/record_text.h"
#include "engine/typed_output.h"

namespace flare::engine {

using sql::Type;
using sql::TypeId;

namespace {

/// What the texts of values mean.
struct CsvValues {
  std::string nan = "NaN";
  std::string positive_infinity = "Inf";
  std::string negative_infinity = "-Inf";
  const TimeZone* zone = nullptr;
  std::optional<DateTimePattern> timestamp_pattern;
  std::optional<DateTimePattern> timestamp_ntz_pattern;
  std::optional<DateTimePattern> date_pattern;
  bool fallback = false;

  Status Read(const JsonOptions& options) {
    nan = options.Text("nanvalue").value_or(nan);
    positive_infinity = options.Text("positiveinf").value_or(positive_infinity);
    negative_infinity = options.Text("negativeinf").value_or(negative_infinity);
    RETURN_IF_ERROR(options.Pattern("timestampformat", PatternUse::kParse, &timestamp_pattern));
    RETURN_IF_ERROR(options.Pattern("timestampntzformat", PatternUse::kParse, &timestamp_ntz_pattern));
    RETURN_IF_ERROR(options.Pattern("dateformat", PatternUse::kParse, &date_pattern));
    RETURN_IF_ERROR(options.Flag("enabledatetimeparsingfallback", &fallback));
    ASSIGN_OR_RETURN(zone, TimeZone::Find(options.Text("timezone").value_or("UTC")));
    return Ok();
  }

  std::optional<double> Double(std::string_view text) const {
    if (text == nan) return std::numeric_limits<double>::quiet_NaN();
    if (text == positive_infinity) return std::numeric_limits<double>::infinity();
    if (text == negative_infinity) return -std::numeric_limits<double>::infinity();
    return ParseDouble(text);
  }
  std::optional<int32_t> Date(std::string_view text) const {
    if (date_pattern) {
      auto days = date_pattern->ParseDate(text);
      if (days || !fallback) return days;
    }
    return CastToDate(text);
  }
  std::optional<int64_t> Timestamp(std::string_view text) const {
    if (timestamp_pattern) {
      auto micros = timestamp_pattern->ParseTimestamp(text, *zone);
      if (micros || !fallback) return micros;
    }
    return CastToTimestamp(text, *zone);
  }
  std::optional<int64_t> TimestampNtz(std::string_view text) const {
    return timestamp_ntz_pattern ? timestamp_ntz_pattern->ParseLocal(text) : ZonelessTimestamp(text);
  }
  static std::optional<bool> Boolean(std::string_view text) {
    if (text.size() == 4 && strncasecmp(text.data(), "true", 4) == 0) return true;
    if (text.size() == 5 && strncasecmp(text.data(), "false", 5) == 0) return false;
    return std::nullopt;
  }
  template <class T>
  static std::optional<T> Integer(std::string_view text) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    T value = 0;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return value;
  }
};

}  // namespace

struct FromCsv::Plan {
  Type type;
  CsvFormat format;
  CsvValues values;
  bool fail_fast = false;
  std::optional<size_t> corrupt_field;
};

namespace {

/// Fills the rows of one chunk.
class LineParser {
 public:
  LineParser(const FromCsv::Plan& plan, TypedOutput* root) : plan_(plan), root_(*root) {
    for (size_t i = 0; i < root_.children.size(); ++i) {
      if (i != plan.corrupt_field) fields_.push_back(i);
    }
  }

  /// False when the line is not wholly good; what is good is there then.
  bool Parse(std::string_view line, uint64_t row) {
    root_.SetNull(row);
    root_.SetValid(row);
    auto values = plan_.format.Split(line);
    if (!values) return false;
    bool complete = values->size() == fields_.size();
    bool good = true;
    for (size_t i = 0; i < std::min(values->size(), fields_.size()); ++i) {
      const std::string& value = (*values)[i];
      if (value != plan_.format.null_value) good = Set(root_.children[fields_[i]], row, value) && good;
    }
    if (!complete && !good) {
      root_.SetNull(row);
      root_.SetValid(row);
    }
    return complete && good;
  }

 private:
  template <class T>
  static bool SetValue(TypedOutput& node, uint64_t row, std::optional<T> value) {
    if (value) node.Set(row, *value);
    return value.has_value();
  }

  bool Set(TypedOutput& node, uint64_t row, std::string_view text) const {
    switch (node.type->id()) {
      case TypeId::kByte:
        return SetValue(node, row, CsvValues::Integer<int8_t>(text));
      case TypeId::kShort:
        return SetValue(node, row, CsvValues::Integer<int16_t>(text));
      case TypeId::kInt:
        return SetValue(node, row, CsvValues::Integer<int32_t>(text));
      case TypeId::kLong:
        return SetValue(node, row, CsvValues::Integer<int64_t>(text));
      case TypeId::kFloat: {
        auto value = plan_.values.Double(text);
        bool finite = value && std::abs(*value) <= std::numeric_limits<double>::max();
        return SetValue(node, row, finite ? ParseFloat(text) : value ? std::optional(static_cast<float>(*value)) : std::nullopt);
      }
      case TypeId::kDouble:
        return SetValue(node, row, plan_.values.Double(text));
      case TypeId::kBoolean:
        return SetValue(node, row, CsvValues::Boolean(text));
      case TypeId::kDecimal: {
        auto digits = DecimalDigits(text);
        auto plain = digits ? ParseDecimal(*digits) : std::nullopt;
        auto value = plain ? ScaledDecimal(*plain, node.type->precision(), node.type->scale()) : std::nullopt;
        if (value) node.SetDecimal(row, *value);
        return value.has_value();
      }
      case TypeId::kDate:
        return SetValue(node, row, plan_.values.Date(text));
      case TypeId::kTimestamp:
        return SetValue(node, row, plan_.values.Timestamp(text));
      case TypeId::kTimestampNtz:
        return SetValue(node, row, plan_.values.TimestampNtz(text));
      default:
        node.SetText(row, text, true);
        return true;
    }
  }

  const FromCsv::Plan& plan_;
  TypedOutput& root_;
  std::vector<size_t> fields_;  ///< what the values of a line go to, in order
};

}  // namespace

FromCsv::FromCsv(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
FromCsv::~FromCsv() = default;

Result<std::shared_ptr<const FromCsv>> FromCsv::Make(const Type& type,
                                                     const std::map<std::string, std::string>& options) {
  if (!type.is(TypeId::kStruct)) {
    return InvalidArgument("[INVALID_SCHEMA.NON_STRUCT_TYPE] from_csv makes a struct, not {}", type.ToSimpleString());
  }
  for (const sql::StructField& field : type.fields()) {
    if (field.type.is_nested() || field.type.is(TypeId::kVariant) || field.type.is_interval()) {
      return Unsupported("[UNSUPPORTED_DATATYPE] from_csv cannot read field {} of type {}", field.name,
                         field.type.ToSimpleString());
    }
  }
  auto plan = std::make_unique<Plan>();
  plan->type = type;
  JsonOptions reader(options, "from_csv");
  ASSIGN_OR_RETURN(plan->format, CsvFormat::Make(reader, false));
  RETURN_IF_ERROR(plan->values.Read(reader));
  RETURN_IF_ERROR(ReadParseMode(reader, "from_csv", &plan->fail_fast));
  ASSIGN_OR_RETURN(plan->corrupt_field, FindCorruptField(type, reader));
  return std::shared_ptr<const FromCsv>(new FromCsv(std::move(plan)));
}

void FromCsv::Run(ScalarCall& call) const {
  TypedOutput root = MakeTypedOutput(plan_->type);
  root.Bind(call.output());
  StringReader lines(call.input(0));
  LineParser parser(*plan_, &root);
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (lines.IsNull(row)) {
      root.SetNull(row);
      continue;
    }
    std::string_view line = lines.View(row);
    if (parser.Parse(line, row)) continue;
    if (plan_->fail_fast) return call.Fail(MalformedRecord(line));
    if (plan_->corrupt_field) root.children[*plan_->corrupt_field].Set(row, lines[row]);
  }
}

Result<std::string> SchemaOfCsv(std::string_view line, const std::map<std::string, std::string>& options) {
  JsonOptions reader(options, "schema_of_csv");
  ASSIGN_OR_RETURN(CsvFormat format, CsvFormat::Make(reader, false));
  CsvValues values;
  RETURN_IF_ERROR(values.Read(reader));
  bool prefer_date = true;
  RETURN_IF_ERROR(reader.Flag("preferdate", &prefer_date));
  auto texts = format.Split(line);
  if (!texts) return InvalidArgument("[MALFORMED_CSV_RECORD] schema_of_csv() finds no values in '{}'", line.substr(0, 200));
  std::vector<sql::StructField> fields;
  for (const std::string& text : *texts) {
    Type type(TypeId::kString);
    auto digits = text.find_first_of(", ") == text.npos ? ParseDecimal(text) : std::nullopt;
    bool whole = digits && text.find_first_not_of("0123456789+-") == text.npos;
    size_t precision = whole ? digits->size() - (digits->starts_with('-') ? 1 : 0) : 0;
    if (text.empty() || text == format.null_value) {
      type = Type(TypeId::kString);
    } else if (CsvValues::Integer<int32_t>(text)) {
      type = Type(TypeId::kInt);
    } else if (CsvValues::Integer<int64_t>(text)) {
      type = Type(TypeId::kLong);
    } else if (whole && precision <= 38) {
      type = Type::Decimal(static_cast<int>(precision), 0);
    } else if (values.Double(text)) {
      type = Type(TypeId::kDouble);
    } else if (prefer_date && values.Date(text) && (values.date_pattern || text.find_first_of(" T:") == text.npos)) {
      type = Type(TypeId::kDate);
    } else if (values.TimestampNtz(text) || values.Timestamp(text)) {
      type = Type(TypeId::kTimestamp);
    } else if (CsvValues::Boolean(text)) {
      type = Type(TypeId::kBoolean);
    }
    fields.push_back({fmt::format("_c{}", fields.size()), type, true, ""});
  }
  return Type::Struct(std::move(fields)).ToDdl();
}

}  // namespace flare::engine
