#include <fmt/format.h>

#include "sql/names.h"
#include "sql/rewrite.h"

// Step functions about dates and times.
namespace flare::sql {
namespace {

constexpr std::string_view kDateLayouts[] = {
    "yyyy/M/d", "yyyy.M.d", "yyyyMMdd",  "d-M-yyyy",   "d/M/yyyy",   "d.M.yyyy",    "d MMM yyyy",    "d-MMM-yyyy",   "d MMMM yyyy",
    "MMM d yyyy", "MMM d, yyyy", "MMMM d, yyyy", "M/d/yyyy", "M-d-yyyy", "EEE MMM d yyyy", "EEE, d MMM yyyy", "yyyy-MMM-d"};
constexpr std::string_view kTimestampLayouts[] = {
    "yyyy/M/d HH:mm:ss", "yyyyMMddHHmmss", "d-M-yyyy HH:mm:ss", "d/M/yyyy HH:mm:ss", "M/d/yyyy HH:mm:ss", "d MMM yyyy HH:mm:ss",
    "EEE, d MMM yyyy HH:mm:ss Z", "EEE MMM d HH:mm:ss z yyyy", "yyyy-MM-dd'T'HH:mm:ssXXX", "d/MMM/yyyy:HH:mm:ss Z"};

std::string TimeColumn(RewriteContext& context, std::string_view argument) {
  auto index = context.Find(context.Scalar(argument));
  return index ? context.columns()[*index].expression : "";
}

std::string TimeTarget(RewriteContext& context) {
  return context.Has("asColumn") ? context.Scalar("asColumn") : context.Scalar("column");
}

bool RefuseRules(RewriteContext& context) {
  if (!context.Has("rule") && !context.Has("rules")) return false;
  context.Report("UNSUPPORTED_FEATURE.DATE_RULES", "rules are not supported yet; without them the usual layouts are tried");
  return true;
}

void AnyDate(RewriteContext& context) {
  std::string column = TimeColumn(context, "column");
  std::string target = TimeTarget(context);
  if (RefuseRules(context) || column.empty()) return;
  std::string tries = fmt::format("try_cast({} AS DATE)", column);
  for (std::string_view layout : kDateLayouts) tries += fmt::format(", try_to_date(CAST({} AS STRING), '{}')", column, layout);
  context.Set(target, "coalesce(" + tries + ")");
}

void AnyTimestamp(RewriteContext& context) {
  std::string column = TimeColumn(context, "column");
  std::string target = TimeTarget(context);
  if (RefuseRules(context) || column.empty()) return;
  std::string tries = fmt::format("try_cast({} AS TIMESTAMP)", column);
  for (std::string_view layout : kTimestampLayouts) {
    tries += fmt::format(", try_to_timestamp_ltz(CAST({} AS STRING), {})", column, QuoteSparkString(layout));
  }
  std::string value = "coalesce(" + tries + ")";
  auto zone = context.OptionalScalar("timezone");
  if (zone && !zone->empty()) value = fmt::format("from_utc_timestamp({}, {})", value, QuoteSparkString(*zone));
  context.Set(target, value);
}

void DiffDate(RewriteContext& context) {
  std::string a = TimeColumn(context, "columnA");
  std::string b = TimeColumn(context, "columnB");
  std::string target = context.Scalar("asColumn");
  if (!a.empty() && !b.empty()) context.Set(target, fmt::format("datediff({}, {})", a, b));
}

void EpochToTimestamp(RewriteContext& context) {
  std::string column = TimeColumn(context, "column");
  std::string target = TimeTarget(context);
  if (!column.empty()) context.Set(target, fmt::format("CAST(CAST({} AS BIGINT) AS TIMESTAMP)", column));
}

void FormatDate(RewriteContext& context) {
  std::string column = TimeColumn(context, "column");
  std::string format = context.Has("refformat") ? context.Scalar("refformat") : context.Scalar("format");
  if (!column.empty()) context.Set(context.Scalar("column"), fmt::format("date_format(CAST({} AS TIMESTAMP), {})", column, QuoteSparkString(format)));
}

void FormatUnixDate(RewriteContext& context) {
  context.time_zone = "UTC";
  std::string column = TimeColumn(context, "column");
  std::string format = context.Scalar("format");
  if (!column.empty()) context.Set(context.Scalar("column"), fmt::format("from_unixtime(CAST({} AS BIGINT), {})", column, QuoteSparkString(format)));
}

const RewriteSpec kTimeRewrites[] = {
    {"any_date", {"column", "asColumn", "rule", "rules"}, AnyDate},
    {"any_timestamp", {"column", "asColumn", "timezone", "rule", "rules"}, AnyTimestamp},
    {"diff_date", {"columnA", "columnB", "asColumn"}, DiffDate},
    {"epoch_to_timestamp", {"column", "asColumn"}, EpochToTimestamp},
    {"format_date", {"column", "format", "refformat"}, FormatDate},
    {"format_unix_date", {"column", "format"}, FormatUnixDate},
};

}  // namespace

std::span<const RewriteSpec> TimeRewrites() { return kTimeRewrites; }

}  // namespace flare::sql
