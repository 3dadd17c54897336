#include "engine/json_schema.h"

#include <algorithm>
#include <cstdlib>

#include "engine/date_time_text.h"
#include "engine/json_options.h"
#include "engine/json_reader.h"
#include "engine/number_text.h"
#include "engine/record_text.h"
#include "sql/coercion.h"
#include "sql/types.h"

namespace flare::engine {

using sql::StructField;
using sql::Type;
using sql::TypeId;

struct JsonSchema::Plan {
  JsonLeniency leniency;
  bool primitives_as_string = false;
  bool prefers_decimal = false;
  bool infer_timestamp = false;
  bool drop_all_null = false;
  const TimeZone* zone = nullptr;
  std::optional<DateTimePattern> timestamp_pattern;
  std::optional<DateTimePattern> timestamp_ntz_pattern;
};

namespace {

constexpr int kMaxPrecision = 38;

/// The DECIMAL that holds a number as written, or DOUBLE when none does.
Type DecimalOf(std::string_view text) {
  size_t e = std::min(text.find_first_of("eE"), text.size());
  int exponent = 0;
  if (e < text.size()) exponent = std::atoi(std::string(text.substr(e + 1)).c_str());
  std::string digits;
  int scale = 0;
  bool fraction = false;
  for (char c : text.substr(0, e)) {
    if (c == '.') fraction = true;
    if (c < '0' || c > '9') continue;
    digits += c;
    scale += fraction ? 1 : 0;
  }
  size_t zeros = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  int precision = static_cast<int>(digits.size() - zeros);
  scale -= exponent;
  int widest = std::max(precision, scale);
  if (widest > kMaxPrecision) return Type(TypeId::kDouble);
  if (scale < 0) return precision - scale > kMaxPrecision ? Type(TypeId::kDouble) : Type::Decimal(precision - scale, 0);
  return Type::Decimal(std::max(widest, 1), scale);
}

Type WidenDecimals(const Type& a, const Type& b) {
  int scale = std::max(a.scale(), b.scale());
  int range = std::max(a.precision() - a.scale(), b.precision() - b.scale());
  return range + scale > kMaxPrecision ? Type(TypeId::kDouble) : Type::Decimal(range + scale, scale);
}

/// The type that holds values of both.
Type Merge(const Type& a, const Type& b) {
  if (a.is(TypeId::kStruct) && b.is(TypeId::kStruct)) {
    std::vector<StructField> fields;
    auto left = a.fields().begin();
    auto right = b.fields().begin();
    while (left != a.fields().end() || right != b.fields().end()) {
      if (right == b.fields().end() || (left != a.fields().end() && left->name < right->name)) {
        fields.push_back(*left++);
      } else if (left == a.fields().end() || right->name < left->name) {
        fields.push_back(*right++);
      } else {
        fields.push_back({left->name, Merge(left->type, right->type), true, ""});
        ++left;
        ++right;
      }
    }
    return Type::Struct(std::move(fields));
  }
  if (a.is(TypeId::kArray) && b.is(TypeId::kArray)) return Type::Array(Merge(a.element(), b.element()));
  if (a.is(TypeId::kDecimal) && b.is(TypeId::kDecimal)) return WidenDecimals(a, b);
  if (auto type = sql::TightestCommonType(a, b)) return *type;
  bool decimal = a.is(TypeId::kDecimal) || b.is(TypeId::kDecimal);
  if (decimal && a.is_numeric() && b.is_numeric()) {
    const Type& other = a.is(TypeId::kDecimal) ? b : a;
    return other.is(TypeId::kDouble) ? Type(TypeId::kDouble)
                                     : WidenDecimals(a.is(TypeId::kDecimal) ? a : b, Type::Decimal(20, 0));
  }
  return Type(TypeId::kString);
}

class Inference {
 public:
  Inference(const JsonSchema::Plan& plan, std::string_view json) : plan_(plan), reader_(json, plan.leniency) {}

  /// False when the text is malformed.
  bool Infer(Type* type, int depth = 0) {
    constexpr int kDeepest = 500;
    if (depth > kDeepest) return false;
    char c = reader_.Peek();
    if (c == '{') return InferObject(type, depth);
    if (c == '[') return InferArray(type, depth);
    if (c == 'n') {
      *type = Type();
      return reader_.ReadWord("null");
    }
    if (c == 't' || c == 'f') {
      *type = Type(plan_.primitives_as_string ? TypeId::kString : TypeId::kBoolean);
      return reader_.ReadWord(c == 't' ? "true" : "false");
    }
    if (reader_.IsString(c)) return InferText(type);
    JsonReader::Number number;
    if (!JsonReader::IsNumberStart(c) || !reader_.ReadNumber(&number)) return false;
    *type = TypeOfNumber(number);
    return true;
  }

 private:
  bool InferObject(Type* type, int depth) {
    std::vector<StructField> fields;
    reader_.Take();
    for (bool more = !reader_.TakeIf('}'); more;) {
      JsonReader::String raw;
      std::string_view name;
      if (!reader_.ReadName(&raw) || !reader_.Unescape(raw, &scratch_, &name)) return false;
      StructField field{std::string(name), Type(), true, ""};
      if (!Infer(&field.type, depth + 1) || !reader_.Next('}', &more)) return false;
      fields.push_back(std::move(field));
    }
    std::stable_sort(fields.begin(), fields.end(),
                     [](const StructField& a, const StructField& b) { return a.name < b.name; });
    *type = Type::Struct(std::move(fields));
    return true;
  }

  bool InferArray(Type* type, int depth) {
    Type element;
    reader_.Take();
    for (bool more = !reader_.TakeIf(']'); more;) {
      Type next;
      if (!Infer(&next, depth + 1) || !reader_.Next(']', &more)) return false;
      element = Merge(element, next);
    }
    *type = Type::Array(std::move(element));
    return true;
  }

  bool InferText(Type* type) {
    JsonReader::String raw;
    std::string_view text;
    if (!reader_.ReadString(&raw) || !reader_.Unescape(raw, &scratch_, &text)) return false;
    *type = Type(TypeId::kString);
    if (text.empty()) {
      *type = Type();
    } else if (plan_.prefers_decimal && IsDecimal(text)) {
      *type = DecimalOf(text);
    } else if (plan_.infer_timestamp && IsTimestamp(text)) {
      *type = Type(TypeId::kTimestamp);
    }
    return true;
  }

  static bool IsDecimal(std::string_view text) {
    auto digits = DecimalDigits(text);
    return digits && digits->find_first_not_of("0123456789.+-eE") == std::string::npos && ParseDecimal(*digits);
  }

  bool IsTimestamp(std::string_view text) const {
    bool local = plan_.timestamp_ntz_pattern ? plan_.timestamp_ntz_pattern->ParseLocal(text).has_value()
                                             : ZonelessTimestamp(text).has_value();
    if (local) return true;
    return plan_.timestamp_pattern ? plan_.timestamp_pattern->ParseTimestamp(text, *plan_.zone).has_value()
                                   : CastToTimestamp(text, *plan_.zone).has_value();
  }

  Type TypeOfNumber(const JsonReader::Number& number) const {
    if (plan_.primitives_as_string) return Type(TypeId::kString);
    if (number.is_integer) return ParseLong(number.raw, false) ? Type(TypeId::kLong) : DecimalOf(number.raw);
    if (plan_.prefers_decimal && !number.is_special) return DecimalOf(number.raw);
    return Type(TypeId::kDouble);
  }

  const JsonSchema::Plan& plan_;
  JsonReader reader_;
  std::string scratch_;
};

/// Without empty structs and nameless fields; what was always NULL is a string, or is left out.
std::optional<Type> Canonical(const Type& type, bool drop_all_null) {
  switch (type.id()) {
    case TypeId::kVoid:
      return drop_all_null ? std::nullopt : std::optional(Type(TypeId::kString));
    case TypeId::kArray: {
      auto element = Canonical(type.element(), drop_all_null);
      if (!element) return std::nullopt;
      return Type::Array(*element);
    }
    case TypeId::kStruct: {
      std::vector<StructField> fields;
      for (const StructField& field : type.fields()) {
        auto inner = field.name.empty() ? std::nullopt : Canonical(field.type, drop_all_null);
        if (inner) fields.push_back({field.name, *inner, true, ""});
      }
      if (fields.empty()) return std::nullopt;
      return Type::Struct(std::move(fields));
    }
    default:
      return type;
  }
}

}  // namespace

JsonSchema::JsonSchema(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
JsonSchema::~JsonSchema() = default;

Result<std::shared_ptr<const JsonSchema>> JsonSchema::Make(const std::map<std::string, std::string>& options) {
  auto plan = std::make_unique<Plan>();
  JsonOptions reader(options, "schema_of_json");
  RETURN_IF_ERROR(ReadLeniency(reader, &plan->leniency));
  RETURN_IF_ERROR(reader.Flag("primitivesasstring", &plan->primitives_as_string));
  RETURN_IF_ERROR(reader.Flag("prefersdecimal", &plan->prefers_decimal));
  RETURN_IF_ERROR(reader.Flag("infertimestamp", &plan->infer_timestamp));
  RETURN_IF_ERROR(reader.Flag("dropfieldifallnull", &plan->drop_all_null));
  RETURN_IF_ERROR(reader.Pattern("timestampformat", PatternUse::kParse, &plan->timestamp_pattern));
  RETURN_IF_ERROR(reader.Pattern("timestampntzformat", PatternUse::kParse, &plan->timestamp_ntz_pattern));
  ASSIGN_OR_RETURN(plan->zone, TimeZone::Find(reader.Text("timezone").value_or("UTC")));
  return std::shared_ptr<const JsonSchema>(new JsonSchema(std::move(plan)));
}

Result<std::string> JsonSchema::Infer(std::string_view json) const {
  Type type;
  if (!TrimAll(json).empty() && !Inference(*plan_, json).Infer(&type)) {
    return InvalidArgument("[MALFORMED_RECORD_IN_PARSING] schema_of_json() cannot read {}", json.substr(0, 200));
  }
  bool structs = type.is(TypeId::kArray) && type.element().is(TypeId::kStruct);
  if (auto canonical = Canonical(type, plan_->drop_all_null)) return canonical->ToDdl();
  if (structs) return Type::Array(Type::Struct({})).ToDdl();
  return type.is(TypeId::kStruct) ? Type::Struct({}).ToDdl() : Type(TypeId::kString).ToDdl();
}

}  // namespace flare::engine
