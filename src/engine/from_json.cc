#include "engine/from_json.h"

#include "engine/json_options.h"
#include "engine/json_record.h"
#include "engine/number_text.h"
#include "engine/record_text.h"

namespace flare::engine {

using sql::Type;
using sql::TypeId;

struct FromJson::Plan {
  JsonRecordFormat format;
  bool fail_fast = false;
};

namespace {

Status CheckType(const Type& type) {
  switch (type.id()) {
    case TypeId::kIntervalYearMonth:
    case TypeId::kIntervalDayTime:
    case TypeId::kIntervalCalendar:
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

Status ReadOptions(const JsonOptions& options, JsonRecordFormat* format, bool* fail_fast) {
  JsonLeniency& leniency = format->leniency;
  RETURN_IF_ERROR(ReadLeniency(options, &leniency));
  RETURN_IF_ERROR(options.Pattern("timestampformat", PatternUse::kParse, &format->timestamp_pattern));
  RETURN_IF_ERROR(options.Pattern("timestampntzformat", PatternUse::kParse, &format->timestamp_ntz_pattern));
  RETURN_IF_ERROR(options.Pattern("dateformat", PatternUse::kParse, &format->date_pattern));
  RETURN_IF_ERROR(options.Flag("enabledatetimeparsingfallback", &format->timestamp_fallback));
  format->date_fallback = format->timestamp_fallback;
  ASSIGN_OR_RETURN(format->zone, TimeZone::Find(options.Text("timezone").value_or("UTC")));
  return ReadParseMode(options, "from_json", fail_fast);
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
  JsonRecordFormat& format = plan->format;
  format.type = type;
  JsonOptions reader(options, "from_json");
  RETURN_IF_ERROR(ReadOptions(reader, &format, &plan->fail_fast));
  if (type.is(TypeId::kStruct)) {
    ASSIGN_OR_RETURN(format.corrupt_field, FindCorruptField(type, reader));
    format.single_variant = reader.Text("singlevariantcolumn").has_value();
    if (format.single_variant && (type.fields().size() != 1 || !type.fields()[0].type.is(TypeId::kVariant))) {
      return InvalidArgument("[INVALID_SINGLE_VARIANT_COLUMN] with singleVariantColumn the schema must be one VARIANT "
                             "column, found {}", type.ToSimpleString());
    }
  }
  return std::shared_ptr<const FromJson>(new FromJson(std::move(plan)));
}

void FromJson::Run(ScalarCall& call) const {
  const std::optional<size_t>& corrupt_field = plan_->format.corrupt_field;
  TypedOutput root = MakeTypedOutput(plan_->format.type);
  root.Bind(call.output());
  StringReader records(call.input(0));
  JsonRecordParser parser(plan_->format);
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (records.IsNull(row) || TrimAll(records.View(row)).empty()) {
      root.SetNull(row);
      continue;
    }
    std::string_view record = records.View(row);
    if (parser.Parse(record, root, row)) {
      if (corrupt_field) root.children[*corrupt_field].SetNull(row);
      continue;
    }
    if (plan_->fail_fast) return call.Fail(MalformedRecord(record));
    if (corrupt_field) root.children[*corrupt_field].Set(row, records[row]);
  }
  CommitListSizes(root);
}

}  // namespace flare::engine
