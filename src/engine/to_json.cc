#include "engine/to_json.h"

#include <cmath>

#include "engine/base64.h"
#include "engine/date_time_text.h"
#include "engine/decimal_text.h"
#include "engine/json_options.h"
#include "engine/json_reader.h"
#include "engine/number_text.h"

namespace flare::engine {

using sql::Type;
using sql::TypeId;

struct ToJson::Plan {
  Type type;
  bool ignore_nulls = true;
  const TimeZone* zone = nullptr;
  const TimeZone* utc = nullptr;
  std::optional<DateTimePattern> timestamp_pattern;
  std::optional<DateTimePattern> timestamp_ntz_pattern;
  std::optional<DateTimePattern> date_pattern;
};

namespace {

/// A flat input vector with its children.
struct Node {
  const Type* type;
  const void* data;
  const uint64_t* validity;
  std::vector<Node> children;

  bool IsNull(uint64_t row) const {
    return validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0;
  }
  template <class T>
  const T& Value(uint64_t row) const {
    return static_cast<const T*>(data)[row];
  }
};

Node MakeNode(const Type& type, duckdb_vector vector) {
  Node node{&type, duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector), {}};
  if (type.is(TypeId::kArray)) {
    node.children.push_back(MakeNode(type.element(), duckdb_list_vector_get_child(vector)));
  } else if (type.is(TypeId::kMap)) {
    duckdb_vector entries = duckdb_list_vector_get_child(vector);
    node.children.push_back(MakeNode(type.key(), duckdb_struct_vector_get_child(entries, 0)));
    node.children.push_back(MakeNode(type.value(), duckdb_struct_vector_get_child(entries, 1)));
  } else if (type.is(TypeId::kStruct)) {
    for (size_t i = 0; i < type.fields().size(); ++i) {
      node.children.push_back(MakeNode(type.fields()[i].type, duckdb_struct_vector_get_child(vector, i)));
    }
  }
  return node;
}

/// Prints values as Spark's JacksonGenerator.
class Printer {
 public:
  Printer(const ToJson::Plan& plan, std::string* json) : plan_(plan), json_(*json) {}

  void Print(const Node& node, uint64_t row) {
    if (node.IsNull(row)) {
      json_.append("null");
      return;
    }
    switch (node.type->id()) {
      case TypeId::kStruct:
        return PrintStruct(node, row);
      case TypeId::kArray:
        return PrintArray(node, row);
      case TypeId::kMap:
        return PrintMap(node, row);
      case TypeId::kBoolean:
        json_.append(node.Value<bool>(row) ? "true" : "false");
        return;
      case TypeId::kByte:
        return PrintInteger(node.Value<int8_t>(row));
      case TypeId::kShort:
        return PrintInteger(node.Value<int16_t>(row));
      case TypeId::kInt:
        return PrintInteger(node.Value<int32_t>(row));
      case TypeId::kLong:
        return PrintInteger(node.Value<int64_t>(row));
      case TypeId::kFloat:
        return PrintFloating(node.Value<float>(row), JavaFloatText(node.Value<float>(row)));
      case TypeId::kDouble:
        return PrintFloating(node.Value<double>(row), JavaDoubleText(node.Value<double>(row)));
      case TypeId::kDecimal:
        json_.append(DecimalText(Unscaled(node, row), node.type->scale()));
        return;
      case TypeId::kString:
        return AppendJsonString(StringView(node.Value<duckdb_string_t>(row)), &json_);
      case TypeId::kBinary:
        return AppendJsonString(Base64Encode(StringView(node.Value<duckdb_string_t>(row))), &json_);
      default:
        return AppendJsonString(Moment(node, row), &json_);
    }
  }

 private:
  void PrintInteger(int64_t value) { fmt::format_to(std::back_inserter(json_), "{}", value); }

  void PrintFloating(double value, const std::string& text) {
    json_.append(std::isfinite(value) ? text : "\"" + text + "\"");
  }

  static Int128 Unscaled(const Node& node, uint64_t row) {
    int precision = node.type->precision();
    if (precision <= 4) return node.Value<int16_t>(row);
    if (precision <= 9) return node.Value<int32_t>(row);
    if (precision <= 18) return node.Value<int64_t>(row);
    return node.Value<Int128>(row);
  }

  std::string Moment(const Node& node, uint64_t row) const {
    switch (node.type->id()) {
      case TypeId::kDate: {
        int64_t days = node.Value<int32_t>(row);
        return plan_.date_pattern ? plan_.date_pattern->Format(days * kMicrosPerDay, *plan_.utc)
                                  : DateText(days);
      }
      case TypeId::kTimestamp:
        return plan_.timestamp_pattern->Format(node.Value<int64_t>(row), *plan_.zone);
      default:
        return plan_.timestamp_ntz_pattern->Format(node.Value<int64_t>(row), *plan_.utc);
    }
  }

  void PrintStruct(const Node& node, uint64_t row) {
    json_.push_back('{');
    bool first = true;
    for (size_t i = 0; i < node.children.size(); ++i) {
      if (plan_.ignore_nulls && node.children[i].IsNull(row)) continue;
      if (!first) json_.push_back(',');
      first = false;
      AppendJsonString(node.type->fields()[i].name, &json_);
      json_.push_back(':');
      Print(node.children[i], row);
    }
    json_.push_back('}');
  }

  void PrintArray(const Node& node, uint64_t row) {
    const auto& entry = node.Value<duckdb_list_entry>(row);
    json_.push_back('[');
    for (uint64_t i = 0; i < entry.length; ++i) {
      if (i > 0) json_.push_back(',');
      Print(node.children[0], entry.offset + i);
    }
    json_.push_back(']');
  }

  void PrintMap(const Node& node, uint64_t row) {
    const auto& entry = node.Value<duckdb_list_entry>(row);
    json_.push_back('{');
    for (uint64_t i = 0; i < entry.length; ++i) {
      if (i > 0) json_.push_back(',');
      std::string key;
      Printer(plan_, &key).Print(node.children[0], entry.offset + i);
      // A name is always a string.
      if (key.starts_with('"')) {
        json_.append(key);
      } else {
        AppendJsonString(key, &json_);
      }
      json_.push_back(':');
      Print(node.children[1], entry.offset + i);
    }
    json_.push_back('}');
  }

  const ToJson::Plan& plan_;
  std::string& json_;
};

Status CheckType(const Type& type) {
  switch (type.id()) {
    case TypeId::kVoid:
    case TypeId::kIntervalYearMonth:
    case TypeId::kIntervalDayTime:
      return Unsupported("to_json cannot print type {}; cast it to string", type.ToSimpleString());
    case TypeId::kArray:
      return CheckType(type.element());
    case TypeId::kMap:
      RETURN_IF_ERROR(CheckType(type.key()));
      return CheckType(type.value());
    case TypeId::kStruct:
      for (const auto& field : type.fields()) RETURN_IF_ERROR(CheckType(field.type));
      return Ok();
    default:
      return Ok();
  }
}

using OwnedVector = OwnedHandle<duckdb_vector, duckdb_destroy_vector>;

struct DestroySelection {
  using pointer = duckdb_selection_vector;
  void operator()(duckdb_selection_vector selection) const {
    duckdb_destroy_selection_vector(selection);
  }
};
using OwnedSelection =
    std::unique_ptr<std::remove_pointer_t<duckdb_selection_vector>, DestroySelection>;

/// A copy that is flat all the way down: fields of a struct may be constants, which have one value only.
OwnedVector FlatCopy(duckdb_vector vector, uint64_t rows) {
  OwnedLogicalType type(duckdb_vector_get_column_type(vector));
  OwnedVector copy(duckdb_create_vector(type.get(), std::max<idx_t>(rows, duckdb_vector_size())));
  OwnedSelection all(duckdb_create_selection_vector(rows));
  sel_t* indexes = duckdb_selection_vector_get_data_ptr(all.get());
  for (uint64_t i = 0; i < rows; ++i) indexes[i] = static_cast<sel_t>(i);
  duckdb_vector_copy_sel(vector, copy.get(), all.get(), rows, 0, 0);
  return copy;
}

}  // namespace

ToJson::ToJson(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
ToJson::~ToJson() = default;

Result<std::shared_ptr<const ToJson>> ToJson::Make(const Type& type,
                                                   const std::map<std::string, std::string>& options) {
  if (!type.is_nested()) {
    return Unsupported("to_json prints a struct, an array or a map, not {}", type.ToSimpleString());
  }
  RETURN_IF_ERROR(CheckType(type));
  auto plan = std::make_unique<Plan>();
  plan->type = type;
  ASSIGN_OR_RETURN(plan->timestamp_pattern,
                   DateTimePattern::Compile("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", PatternUse::kFormat));
  ASSIGN_OR_RETURN(plan->timestamp_ntz_pattern,
                   DateTimePattern::Compile("yyyy-MM-dd'T'HH:mm:ss[.SSS]", PatternUse::kFormat));
  JsonOptions reader(options, "to_json");
  RETURN_IF_ERROR(reader.Flag("ignorenullfields", &plan->ignore_nulls));
  RETURN_IF_ERROR(reader.Pattern("timestampformat", PatternUse::kFormat, &plan->timestamp_pattern));
  RETURN_IF_ERROR(reader.Pattern("timestampntzformat", PatternUse::kFormat, &plan->timestamp_ntz_pattern));
  RETURN_IF_ERROR(reader.Pattern("dateformat", PatternUse::kFormat, &plan->date_pattern));
  ASSIGN_OR_RETURN(plan->zone, TimeZone::Find(reader.Text("timezone").value_or("UTC")));
  ASSIGN_OR_RETURN(plan->utc, TimeZone::Find("UTC"));
  return std::shared_ptr<const ToJson>(new ToJson(std::move(plan)));
}

void ToJson::Run(ScalarCall& call) const {
  OwnedVector input = FlatCopy(call.input(0), call.rows());
  Node root = MakeNode(plan_->type, input.get());
  StringWriter writer(call.output());
  std::string json;
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (root.IsNull(row)) {
      writer.SetNull(row);
      continue;
    }
    json.clear();
    Printer(*plan_, &json).Print(root, row);
    writer.SetCopy(row, json);
  }
}

}  // namespace flare::engine
