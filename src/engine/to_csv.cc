#include <fmt/format.h>

#include "engine/csv_format.h"
#include "engine/csv_functions.h"
#include "engine/civil_time.h"
#include "engine/date_time_text.h"
#include "engine/typed_input.h"

namespace flare::engine {

using sql::Type;
using sql::TypeId;

struct ToCsv::Plan {
  Type type;
  CsvFormat format;
  bool quote_all = false;
  bool escape_quotes = true;
  TemporalFormats formats;
};

namespace {

/// "[01 FF]", as Spark shows binaries.
std::string BytesText(std::string_view bytes) {
  std::string text = "[";
  for (size_t i = 0; i < bytes.size(); ++i) text += fmt::format("{}{:02X}", i > 0 ? " " : "", static_cast<uint8_t>(bytes[i]));
  return text + "]";
}

std::string ValueText(const ToCsv::Plan& plan, const TypedInput& node, uint64_t row) {
  switch (node.type->id()) {
    case TypeId::kDate:
      return plan.formats.date ? plan.formats.date->Format(node.Whole(row) * kMicrosPerDay, *plan.formats.utc)
                               : DateText(node.Whole(row));
    case TypeId::kTimestamp:
      return plan.formats.timestamp->Format(node.Whole(row), *plan.formats.zone);
    case TypeId::kTimestampNtz:
      return plan.formats.timestamp_ntz->Format(node.Whole(row), *plan.formats.utc);
    case TypeId::kBinary:
      return BytesText(node.Text(row));
    default:
      return std::string(node.Text(row));
  }
}

}  // namespace

ToCsv::ToCsv(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
ToCsv::~ToCsv() = default;

Result<std::shared_ptr<const ToCsv>> ToCsv::Make(const Type& type, const std::map<std::string, std::string>& options) {
  auto plan = std::make_unique<Plan>();
  plan->type = type;
  JsonOptions reader(options, "to_csv");
  ASSIGN_OR_RETURN(plan->format, CsvFormat::Make(reader, true));
  RETURN_IF_ERROR(reader.Flag("quoteall", &plan->quote_all));
  RETURN_IF_ERROR(reader.Flag("escapequotes", &plan->escape_quotes));
  ASSIGN_OR_RETURN(plan->formats, ReadTemporalFormats(reader));
  return std::shared_ptr<const ToCsv>(new ToCsv(std::move(plan)));
}

void ToCsv::Run(ScalarCall& call) const {
  OwnedVector input = FlatCopy(call.input(0), call.rows());
  TypedInput root = MakeTypedInput(plan_->type, input.get());
  StringWriter writer(call.output());
  std::string line;
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (root.IsNull(row)) {
      writer.SetNull(row);
      continue;
    }
    line.clear();
    for (size_t i = 0; i < root.children.size(); ++i) {
      if (i > 0) line += plan_->format.separator;
      if (root.children[i].IsNull(row)) {
        line += plan_->format.null_value;
        continue;
      }
      std::string text = ValueText(*plan_, root.children[i], row);
      if (text.empty()) {
        line += plan_->format.empty_value;
      } else {
        plan_->format.Append(text, plan_->quote_all, plan_->escape_quotes, &line);
      }
    }
    writer.SetCopy(row, line);
  }
}

}  // namespace flare::engine
