#include "engine/to_json.h"

#include <cmath>
#include <iterator>

#include "engine/base64.h"
#include "engine/date_time_text.h"
#include "engine/decimal_text.h"
#include "engine/json_options.h"
#include "engine/json_reader.h"
#include "engine/number_text.h"
#include "engine/typed_input.h"
#include "engine/utf8.h"
#include "engine/variant.h"
#include "sql/interval.h"

namespace flare::engine {

using sql::Type;
using sql::TypeId;

struct ToJson::Plan {
  Type type;
  bool ignore_nulls = true;
  bool pretty = false;
  bool ascii_only = false;  ///< other characters as \\uXXXX
  TemporalFormats formats;
};

namespace {

/// Prints values as Spark's JacksonGenerator.
class Printer {
 public:
  Printer(const ToJson::Plan& plan, std::string* json) : plan_(plan), json_(*json) {}

  void Print(const TypedInput& node, uint64_t row) {
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
      case TypeId::kShort:
      case TypeId::kInt:
      case TypeId::kLong:
        fmt::format_to(std::back_inserter(json_), "{}", node.Whole(row));
        return;
      case TypeId::kFloat:
        return PrintFloating(node.Value<float>(row), JavaFloatText(node.Value<float>(row)));
      case TypeId::kDouble:
        return PrintFloating(node.Value<double>(row), JavaDoubleText(node.Value<double>(row)));
      case TypeId::kDecimal:
        json_.append(JavaDecimalText(DecimalText(node.Unscaled(row), node.type->scale()), true));
        return;
      case TypeId::kString:
        return PrintText(node.Text(row));
      case TypeId::kBinary:
        return PrintText(Base64Encode(node.Text(row)));
      case TypeId::kVariant:
        return Variant(node.Text(row)).AppendJson(*plan_.formats.zone, &json_);
      case TypeId::kIntervalYearMonth:
        return PrintText(sql::IntervalText(node.Value<int32_t>(row), *node.type));
      case TypeId::kIntervalDayTime:
        return PrintText(sql::IntervalText(node.Value<int64_t>(row), *node.type));
      case TypeId::kIntervalCalendar: {
        const auto& value = node.Value<duckdb_interval>(row);
        return PrintText(sql::CalendarIntervalText({value.months, value.days, value.micros}));
      }
      default:
        return PrintText(Moment(node, row));
    }
  }

 private:
  void PrintText(std::string_view text) {
    if (!plan_.ascii_only) return AppendJsonString(text, &json_);
    std::string quoted;
    AppendJsonString(text, &quoted);
    for (size_t at = 0; at < quoted.size();) {
      uint32_t point = NextCodePoint(quoted, &at);
      if (point < 0x80) {
        json_.push_back(static_cast<char>(point));
      } else if (point < 0x10000) {
        fmt::format_to(std::back_inserter(json_), "\\u{:04X}", point);
      } else {
        fmt::format_to(std::back_inserter(json_), "\\u{:04X}\\u{:04X}", 0xD7C0 + (point >> 10), 0xDC00 + (point & 0x3FF));
      }
    }
  }

  /// A new line inside braces, when asked for.
  void BreakLine() {
    if (!plan_.pretty) return;
    json_.push_back('\n');
    json_.append(static_cast<size_t>(2 * depth_), ' ');
  }
  void OpenObject() {
    json_.push_back('{');
    ++depth_;
  }
  void CloseObject(bool empty) {
    --depth_;
    if (!empty) BreakLine();
    json_.append(empty && plan_.pretty ? " }" : "}");
  }
  void PrintColon() { json_.append(plan_.pretty ? " : " : ":"); }

  void PrintFloating(double value, const std::string& text) {
    json_.append(std::isfinite(value) ? text : "\"" + text + "\"");
  }

  std::string Moment(const TypedInput& node, uint64_t row) const {
    switch (node.type->id()) {
      case TypeId::kDate: {
        int64_t days = node.Value<int32_t>(row);
        return plan_.formats.date ? plan_.formats.date->Format(days * kMicrosPerDay, *plan_.formats.utc)
                                  : DateText(days);
      }
      case TypeId::kTimestamp:
        return plan_.formats.timestamp->Format(node.Value<int64_t>(row), *plan_.formats.zone);
      default:
        return plan_.formats.timestamp_ntz->Format(node.Value<int64_t>(row), *plan_.formats.utc);
    }
  }

  void PrintStruct(const TypedInput& node, uint64_t row) {
    OpenObject();
    bool first = true;
    for (size_t i = 0; i < node.children.size(); ++i) {
      if (plan_.ignore_nulls && node.children[i].IsNull(row)) continue;
      if (!first) json_.push_back(',');
      first = false;
      BreakLine();
      PrintText(node.type->fields()[i].name);
      PrintColon();
      Print(node.children[i], row);
    }
    CloseObject(first);
  }

  void PrintArray(const TypedInput& node, uint64_t row) {
    const auto& entry = node.Value<duckdb_list_entry>(row);
    json_.append(plan_.pretty ? "[ " : "[");
    for (uint64_t i = 0; i < entry.length; ++i) {
      if (i > 0) json_.append(plan_.pretty ? ", " : ",");
      Print(node.children[0], entry.offset + i);
    }
    json_.append(plan_.pretty && entry.length > 0 ? " ]" : "]");
  }

  void PrintMap(const TypedInput& node, uint64_t row) {
    const auto& entry = node.Value<duckdb_list_entry>(row);
    OpenObject();
    for (uint64_t i = 0; i < entry.length; ++i) {
      if (i > 0) json_.push_back(',');
      BreakLine();
      PrintText(KeyText(node.children[0], entry.offset + i));
      PrintColon();
      Print(node.children[1], entry.offset + i);
    }
    CloseObject(entry.length == 0);
  }

  /// A key as Spark holds it inside: days and microseconds for moments, values in brackets for nested types.
  static std::string KeyText(const TypedInput& node, uint64_t row) {
    if (node.IsNull(row)) return "null";
    switch (node.type->id()) {
      case TypeId::kString:
      case TypeId::kBinary:
        return std::string(node.Text(row));
      case TypeId::kBoolean:
        return node.Value<bool>(row) ? "true" : "false";
      case TypeId::kFloat:
        return JavaFloatText(node.Value<float>(row));
      case TypeId::kDouble:
        return JavaDoubleText(node.Value<double>(row));
      case TypeId::kDecimal:
        return JavaDecimalText(DecimalText(node.Unscaled(row), node.type->scale()), true);
      case TypeId::kStruct: {
        std::string text;
        for (const TypedInput& child : node.children) text += (text.empty() ? "[" : ",") + KeyText(child, row);
        return text + "]";
      }
      case TypeId::kArray: {
        const auto& entry = node.Value<duckdb_list_entry>(row);
        std::string text = "[";
        for (uint64_t i = 0; i < entry.length; ++i) text += (i > 0 ? "," : "") + KeyText(node.children[0], entry.offset + i);
        return text + "]";
      }
      default:
        return std::to_string(node.Whole(row));
    }
  }

  int depth_ = 0;
  const ToJson::Plan& plan_;
  std::string& json_;
};

}  // namespace

ToJson::ToJson(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
ToJson::~ToJson() = default;

Result<std::shared_ptr<const ToJson>> ToJson::Make(const Type& type,
                                                   const std::map<std::string, std::string>& options) {
  if (!type.is_nested() && !type.is(TypeId::kVariant)) {
    return Unsupported("to_json prints a struct, an array or a map, not {}", type.ToSimpleString());
  }
  auto plan = std::make_unique<Plan>();
  plan->type = type;
  JsonOptions reader(options, "to_json");
  RETURN_IF_ERROR(reader.Flag("ignorenullfields", &plan->ignore_nulls));
  RETURN_IF_ERROR(reader.Flag("pretty", &plan->pretty));
  RETURN_IF_ERROR(reader.Flag("writenonasciicharacterascodepoint", &plan->ascii_only));
  ASSIGN_OR_RETURN(plan->formats, ReadTemporalFormats(reader));
  return std::shared_ptr<const ToJson>(new ToJson(std::move(plan)));
}

void ToJson::Run(ScalarCall& call) const {
  OwnedVector input = FlatCopy(call.input(0), call.rows());
  TypedInput root = MakeTypedInput(plan_->type, input.get());
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
