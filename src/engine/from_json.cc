#include "engine/from_json.h"

#include <charconv>
#include <cmath>
#include <unordered_map>

#include "engine/base64.h"
#include "engine/date_time_pattern.h"
#include "engine/date_time_text.h"
#include "engine/decimal_text.h"
#include "engine/json_options.h"
#include "engine/json_reader.h"
#include "engine/number_text.h"

namespace flare::engine {

using sql::Type;
using sql::TypeId;

/// Everything about the call that no record changes.
struct FromJson::Plan {
  Type type;
  JsonLeniency leniency;
  bool fail_fast = false;
  std::optional<size_t> corrupt_field;  ///< of the root struct; takes the text of a bad record
  const TimeZone* zone = nullptr;
  std::optional<DateTimePattern> timestamp_pattern;
  std::optional<DateTimePattern> timestamp_ntz_pattern;
  std::optional<DateTimePattern> date_pattern;
};

namespace {

/// What became of one value. A bad one was read to its end; after a malformed one nothing can be read.
enum class Outcome { kGood, kBad, kMalformed };

/// An output vector with its children, and where its values are.
struct Node {
  const Type* type = nullptr;
  duckdb_vector vector = nullptr;
  void* data = nullptr;
  uint64_t* validity = nullptr;
  std::vector<Node> children;
  uint64_t list_size = 0;
  uint64_t list_capacity = 0;

  template <class T>
  void Set(uint64_t row, T value) {
    static_cast<T*>(data)[row] = value;
    SetValid(row);
  }
  void SetValid(uint64_t row) { validity[row / 64] |= uint64_t{1} << (row % 64); }
  void SetNull(uint64_t row) {
    validity[row / 64] &= ~(uint64_t{1} << (row % 64));
    if (type->is(TypeId::kStruct)) {
      for (Node& child : children) child.SetNull(row);
    } else if (type->is(TypeId::kArray) || type->is(TypeId::kMap)) {
      static_cast<duckdb_list_entry*>(data)[row] = {list_size, 0};
    }
  }
  /// Looks the pointers up anew: after a list grew, its child's values lie elsewhere.
  void Bind(duckdb_vector bound) {
    vector = bound;
    data = duckdb_vector_get_data(vector);
    duckdb_vector_ensure_validity_writable(vector);
    validity = duckdb_vector_get_validity(vector);
    if (type->is(TypeId::kArray)) {
      children[0].Bind(duckdb_list_vector_get_child(vector));
    } else if (type->is(TypeId::kMap)) {
      duckdb_vector entries = duckdb_list_vector_get_child(vector);
      for (size_t i = 0; i < 2; ++i) children[i].Bind(duckdb_struct_vector_get_child(entries, i));
    } else {
      for (size_t i = 0; i < children.size(); ++i) {
        children[i].Bind(duckdb_struct_vector_get_child(vector, i));
      }
    }
  }
  /// Index of a new element at the list's end.
  uint64_t Append() {
    if (list_size == list_capacity) {
      list_capacity *= 2;
      duckdb_list_vector_reserve(vector, list_capacity);
      Bind(vector);
    }
    return list_size++;
  }
};

Node MakeNode(const Type& type) {
  Node node;
  node.type = &type;
  node.list_capacity = duckdb_vector_size();
  if (type.is(TypeId::kArray)) {
    node.children.push_back(MakeNode(type.element()));
  } else if (type.is(TypeId::kMap)) {
    node.children.push_back(MakeNode(type.key()));
    node.children.push_back(MakeNode(type.value()));
  } else if (type.is(TypeId::kStruct)) {
    for (const auto& field : type.fields()) node.children.push_back(MakeNode(field.type));
  }
  return node;
}

void CommitListSizes(Node& node) {
  if (node.type->is(TypeId::kArray) || node.type->is(TypeId::kMap)) {
    duckdb_list_vector_set_size(node.vector, node.list_size);
  }
  for (Node& child : node.children) CommitListSizes(child);
}

/// Parses the records of one chunk.
class RecordParser {
 public:
  explicit RecordParser(const FromJson::Plan& plan) : plan_(plan), reader_("", plan.leniency) {}

  /// Fills `row` of `root`; false when the record is not wholly good.
  bool Parse(std::string_view record, Node& root, uint64_t row) {
    reader_ = JsonReader(record, plan_.leniency);
    partial_ = false;
    Outcome outcome = ParseRoot(root, row);
    bool good = outcome == Outcome::kGood && !partial_;
    if (outcome == Outcome::kGood) return good;
    root.SetNull(row);
    if (root.type->is(TypeId::kStruct)) root.SetValid(row);
    return false;
  }

 private:
  Outcome ParseRoot(Node& root, uint64_t row) {
    char c = reader_.Peek();
    if (c == 'n') return Outcome::kBad;
    bool wraps = root.type->is(TypeId::kArray) && c == '{' &&
                 root.type->element().is(TypeId::kStruct);
    if (!wraps) return ParseValue(root, row, 0);
    uint64_t element = root.Append();
    Outcome outcome = ParseValue(root.children[0], element, 1);
    root.Set(row, duckdb_list_entry{element, 1});
    return outcome;
  }

  Outcome ParseValue(Node& node, uint64_t row, int depth) {
    constexpr int kDeepest = 1000;
    if (depth > kDeepest) return Outcome::kMalformed;
    char c = reader_.Peek();
    if (c == 'n') {
      if (!reader_.ReadWord("null")) return Outcome::kMalformed;
      node.SetNull(row);
      return Outcome::kGood;
    }
    switch (node.type->id()) {
      case TypeId::kStruct:
        return c == '{' ? ParseStruct(node, row, depth) : Mismatch();
      case TypeId::kArray:
        return c == '[' ? ParseArray(node, row, depth) : Mismatch();
      case TypeId::kMap:
        return c == '{' ? ParseMap(node, row, depth) : Mismatch();
      case TypeId::kString:
        return ParseText(node, row, c);
      case TypeId::kBoolean:
        return ParseBool(node, row, c);
      default:
        break;
    }
    if (reader_.IsString(c)) return ParseFromString(node, row);
    if (!JsonReader::IsNumberStart(c)) return Mismatch();
    return ParseFromNumber(node, row);
  }

  /// The value is of another kind than the type wants.
  Outcome Mismatch() { return reader_.SkipValue(nullptr) ? Outcome::kBad : Outcome::kMalformed; }

  Outcome ParseStruct(Node& node, uint64_t row, int depth) {
    for (Node& child : node.children) child.SetNull(row);
    node.SetValid(row);
    reader_.Take();
    if (reader_.TakeIf('}')) return Outcome::kGood;
    size_t expected = 0;
    for (bool more = true; more;) {
      JsonReader::String raw;
      std::string_view name;
      if (!reader_.ReadName(&raw) || !reader_.Unescape(raw, &scratch_, &name)) {
        return Outcome::kMalformed;
      }
      std::optional<size_t> field = FindField(*node.type, name, expected);
      if (!field.has_value()) {
        if (!reader_.SkipValue(nullptr)) return Outcome::kMalformed;
      } else {
        Outcome outcome = ParseValue(node.children[*field], row, depth + 1);
        if (outcome == Outcome::kMalformed) return outcome;
        if (outcome == Outcome::kBad) {
          node.children[*field].SetNull(row);
          partial_ = true;
        }
        expected = *field + 1;
      }
      if (!reader_.Next('}', &more)) return Outcome::kMalformed;
    }
    return Outcome::kGood;
  }

  /// Records of one topic name their fields in one order: the next one is looked at first.
  static std::optional<size_t> FindField(const Type& type, std::string_view name, size_t expected) {
    const auto& fields = type.fields();
    if (expected < fields.size() && fields[expected].name == name) return expected;
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name == name) return i;
    }
    return std::nullopt;
  }

  Outcome ParseArray(Node& node, uint64_t row, int depth) {
    reader_.Take();
    // Elements of lists inside lie in other vectors, so these stay together.
    uint64_t first = node.list_size;
    bool bad = false;
    if (!reader_.TakeIf(']')) {
      for (bool more = true; more;) {
        uint64_t element = node.Append();
        Outcome outcome = ParseValue(node.children[0], element, depth + 1);
        if (outcome == Outcome::kMalformed) return outcome;
        if (outcome == Outcome::kBad) {
          bad = true;
          node.children[0].SetNull(element);
        }
        if (!reader_.Next(']', &more)) return Outcome::kMalformed;
      }
    }
    if (bad) return Outcome::kBad;
    node.Set(row, duckdb_list_entry{first, node.list_size - first});
    return Outcome::kGood;
  }

  Outcome ParseMap(Node& node, uint64_t row, int depth) {
    reader_.Take();
    uint64_t first = node.list_size;
    bool bad = false;
    std::unordered_map<std::string, uint64_t> entries;
    if (!reader_.TakeIf('}')) {
      for (bool more = true; more;) {
        JsonReader::String raw;
        std::string_view key;
        if (!reader_.ReadName(&raw) || !reader_.Unescape(raw, &scratch_, &key)) {
          return Outcome::kMalformed;
        }
        auto [it, is_new] = entries.try_emplace(std::string(key), node.list_size);
        if (is_new) {
          uint64_t entry = node.Append();
          SetText(node.children[0], entry, key, raw.escaped);
        }
        Outcome outcome = ParseValue(node.children[1], it->second, depth + 1);
        if (outcome == Outcome::kMalformed) return outcome;
        bad |= outcome == Outcome::kBad;
        if (outcome == Outcome::kBad) node.children[1].SetNull(it->second);
        if (!reader_.Next('}', &more)) return Outcome::kMalformed;
      }
    }
    if (bad) return Outcome::kBad;
    node.Set(row, duckdb_list_entry{first, node.list_size - first});
    return Outcome::kGood;
  }

  /// By pointer into the record where it stands there as it is.
  static void SetText(Node& node, uint64_t row, std::string_view text, bool copy) {
    if (copy && text.size() > kInlineStringBytes) {
      duckdb_unsafe_vector_assign_string_element_len(node.vector, row, text.data(), text.size());
    } else {
      SetStringPointer(static_cast<duckdb_string_t*>(node.data) + row, text.data(), text.size());
    }
    node.SetValid(row);
  }

  Outcome ParseText(Node& node, uint64_t row, char c) {
    if (reader_.IsString(c)) {
      JsonReader::String raw;
      std::string_view text;
      if (!reader_.ReadString(&raw) || !reader_.Unescape(raw, &scratch_, &text)) {
        return Outcome::kMalformed;
      }
      SetText(node, row, text, raw.escaped);
      return Outcome::kGood;
    }
    std::string_view raw;
    if (!reader_.SkipValue(&raw)) return Outcome::kMalformed;
    SetText(node, row, raw, false);
    return Outcome::kGood;
  }

  Outcome ParseBool(Node& node, uint64_t row, char c) {
    if (c != 't' && c != 'f') return Mismatch();
    if (!reader_.ReadWord(c == 't' ? "true" : "false")) return Outcome::kMalformed;
    node.Set(row, c == 't');
    return Outcome::kGood;
  }

  Outcome ParseFromNumber(Node& node, uint64_t row) {
    JsonReader::Number number;
    if (!reader_.ReadNumber(&number)) return Outcome::kMalformed;
    switch (node.type->id()) {
      case TypeId::kByte:
        return SetInteger<int8_t>(node, row, number);
      case TypeId::kShort:
        return SetInteger<int16_t>(node, row, number);
      case TypeId::kInt:
        return SetInteger<int32_t>(node, row, number);
      case TypeId::kLong:
        return SetInteger<int64_t>(node, row, number);
      case TypeId::kFloat:
        return SetFloating(node, row, ParseFloat(number.raw));
      case TypeId::kDouble:
        return SetFloating(node, row, ParseDouble(number.raw));
      case TypeId::kDecimal:
        return number.is_special ? Outcome::kBad : SetDecimal(node, row, number.raw);
      case TypeId::kTimestamp: {
        int64_t micros = 0;
        auto seconds = number.is_integer ? ParseLong(number.raw, false) : std::nullopt;
        if (!seconds || __builtin_mul_overflow(*seconds, int64_t{1'000'000}, &micros)) {
          return Outcome::kBad;
        }
        node.Set(row, micros);
        return Outcome::kGood;
      }
      default:
        return Outcome::kBad;
    }
  }

  template <class T>
  Outcome SetInteger(Node& node, uint64_t row, const JsonReader::Number& number) {
    T value = 0;
    const char* end = number.raw.data() + number.raw.size();
    auto parsed = std::from_chars(number.raw.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) return Outcome::kBad;
    node.Set(row, value);
    return Outcome::kGood;
  }

  template <class T>
  Outcome SetFloating(Node& node, uint64_t row, std::optional<T> value) {
    if (!value.has_value()) return Outcome::kBad;
    node.Set(row, *value);
    return Outcome::kGood;
  }

  Outcome SetDecimal(Node& node, uint64_t row, std::string_view text) {
    auto plain = ParseDecimal(text);
    int precision = node.type->precision();
    auto value = plain ? ScaledDecimal(*plain, precision, node.type->scale()) : std::nullopt;
    if (!value.has_value()) return Outcome::kBad;
    if (precision <= 4) {
      node.Set(row, static_cast<int16_t>(*value));
    } else if (precision <= 9) {
      node.Set(row, static_cast<int32_t>(*value));
    } else if (precision <= 18) {
      node.Set(row, static_cast<int64_t>(*value));
    } else {
      node.Set(row, *value);
    }
    return Outcome::kGood;
  }

  Outcome ParseFromString(Node& node, uint64_t row) {
    JsonReader::String raw;
    std::string_view text;
    if (!reader_.ReadString(&raw) || !reader_.Unescape(raw, &scratch_, &text)) {
      return Outcome::kMalformed;
    }
    if (text.empty()) return Outcome::kBad;
    switch (node.type->id()) {
      case TypeId::kFloat:
        return IsSpecialWord(text) ? SetFloating(node, row, ParseFloat(text)) : Outcome::kBad;
      case TypeId::kDouble:
        return IsSpecialWord(text) ? SetFloating(node, row, ParseDouble(text)) : Outcome::kBad;
      case TypeId::kDecimal:
        return SetDecimal(node, row, text);
      case TypeId::kBinary: {
        auto bytes = Base64Decode(text);
        if (!bytes.has_value()) return Outcome::kBad;
        SetText(node, row, *bytes, true);
        return Outcome::kGood;
      }
      case TypeId::kDate:
        return SetMoment(node, row, DateFrom(text));
      case TypeId::kTimestamp:
        return SetMoment(node, row,
                         plan_.timestamp_pattern
                             ? plan_.timestamp_pattern->ParseTimestamp(text, *plan_.zone)
                             : CastToTimestamp(text, *plan_.zone));
      case TypeId::kTimestampNtz:
        return SetMoment(node, row,
                         plan_.timestamp_ntz_pattern ? plan_.timestamp_ntz_pattern->ParseLocal(text)
                                                     : CastToTimestampNtz(text));
      default:
        return Outcome::kBad;
    }
  }

  std::optional<int32_t> DateFrom(std::string_view text) const {
    return plan_.date_pattern ? plan_.date_pattern->ParseDate(text) : CastToDate(text);
  }

  template <class T>
  Outcome SetMoment(Node& node, uint64_t row, std::optional<T> value) {
    if (!value.has_value()) return Outcome::kBad;
    node.Set(row, *value);
    return Outcome::kGood;
  }

  bool IsSpecialWord(std::string_view text) const {
    if (!plan_.leniency.non_numeric_numbers) return false;
    for (std::string_view word :
         {"NaN", "+INF", "INF", "+Infinity", "Infinity", "-INF", "-Infinity"}) {
      if (text == word) return true;
    }
    return false;
  }

  const FromJson::Plan& plan_;
  JsonReader reader_;
  std::string scratch_;
  bool partial_ = false;
};

Status CheckType(const Type& type) {
  switch (type.id()) {
    case TypeId::kVoid:
    case TypeId::kIntervalYearMonth:
    case TypeId::kIntervalDayTime:
      return Unsupported("from_json cannot read type {}; read it as string and cast it",
                         type.ToSimpleString());
    case TypeId::kArray:
      return CheckType(type.element());
    case TypeId::kMap:
      if (!type.key().is(TypeId::kString)) {
        return Unsupported("from_json reads maps with string keys only, not {}", type.ToSimpleString());
      }
      return CheckType(type.value());
    case TypeId::kStruct:
      for (const auto& field : type.fields()) RETURN_IF_ERROR(CheckType(field.type));
      return Ok();
    default:
      return Ok();
  }
}

Status ReadOptions(const JsonOptions& options, FromJson::Plan* plan) {
  JsonLeniency& leniency = plan->leniency;
  RETURN_IF_ERROR(options.Flag("allowsinglequotes", &leniency.single_quotes));
  RETURN_IF_ERROR(options.Flag("allowunquotedfieldnames", &leniency.unquoted_names));
  RETURN_IF_ERROR(options.Flag("allownonnumericnumbers", &leniency.non_numeric_numbers));
  RETURN_IF_ERROR(options.Flag("allownumericleadingzeros", &leniency.leading_zeros));
  RETURN_IF_ERROR(options.Flag("allowbackslashescapinganycharacter", &leniency.any_escape));
  RETURN_IF_ERROR(options.Flag("allowunquotedcontrolchars", &leniency.control_characters));
  RETURN_IF_ERROR(options.Flag("allowcomments", &leniency.comments));
  RETURN_IF_ERROR(options.Pattern("timestampformat", PatternUse::kParse, &plan->timestamp_pattern));
  RETURN_IF_ERROR(
      options.Pattern("timestampntzformat", PatternUse::kParse, &plan->timestamp_ntz_pattern));
  RETURN_IF_ERROR(options.Pattern("dateformat", PatternUse::kParse, &plan->date_pattern));
  ASSIGN_OR_RETURN(plan->zone, TimeZone::Find(options.Text("timezone").value_or("UTC")));
  std::string mode = options.Text("mode").value_or("PERMISSIVE");
  for (char& c : mode) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  plan->fail_fast = mode == "FAILFAST";
  if (mode != "FAILFAST" && mode != "PERMISSIVE") {
    return InvalidArgument("[PARSE_MODE_UNSUPPORTED] The function `from_json` doesn't support the {} "
                           "mode. Acceptable modes are PERMISSIVE and FAILFAST.", mode);
  }
  return Ok();
}

Error MalformedRecord(std::string_view record) {
  constexpr size_t kMostShown = 200;
  return InvalidArgument(
      "[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] Malformed records are detected in record "
      "parsing: {}. Parse Mode: FAILFAST. To process malformed records as null result, try setting the "
      "option 'mode' as 'PERMISSIVE'.",
      record.substr(0, kMostShown));
}

}  // namespace

FromJson::FromJson(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
FromJson::~FromJson() = default;

Result<std::shared_ptr<const FromJson>> FromJson::Make(
    const Type& type, const std::map<std::string, std::string>& options) {
  if (!type.is_nested()) {
    return Unsupported("from_json makes a struct, an array or a map, not {}", type.ToSimpleString());
  }
  RETURN_IF_ERROR(CheckType(type));
  auto plan = std::make_unique<Plan>();
  plan->type = type;
  JsonOptions reader(options, "from_json");
  RETURN_IF_ERROR(ReadOptions(reader, plan.get()));
  if (type.is(TypeId::kStruct)) {
    std::string name = reader.Text("columnnameofcorruptrecord").value_or("_corrupt_record");
    for (size_t i = 0; i < type.fields().size(); ++i) {
      const auto& field = type.fields()[i];
      if (field.name == name && field.type.is(TypeId::kString)) plan->corrupt_field = i;
    }
  }
  return std::shared_ptr<const FromJson>(new FromJson(std::move(plan)));
}

void FromJson::Run(ScalarCall& call) const {
  Node root = MakeNode(plan_->type);
  root.Bind(call.output());
  StringReader records(call.input(0));
  RecordParser parser(*plan_);
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (records.IsNull(row) || TrimAll(records.View(row)).empty()) {
      root.SetNull(row);
      continue;
    }
    std::string_view record = records.View(row);
    if (parser.Parse(record, root, row)) {
      if (plan_->corrupt_field) root.children[*plan_->corrupt_field].SetNull(row);
      continue;
    }
    if (plan_->fail_fast) return call.Fail(MalformedRecord(record));
    if (plan_->corrupt_field) {
      Node& corrupt = root.children[*plan_->corrupt_field];
      corrupt.Set(row, records[row]);
    }
  }
  CommitListSizes(root);
}

}  // namespace flare::engine
