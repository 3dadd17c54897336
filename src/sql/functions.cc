#include "sql/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "sql/names.h"

namespace flare::sql {
namespace {

using Table = std::unordered_map<std::string, std::vector<const FunctionSpec*>>;

Table BuildTable() {
  Table table;
  for (const FunctionSubject& subject : FunctionSubjects()) {
    for (const FunctionSpec& spec : subject.functions) {
      std::string_view names = spec.names;
      while (!names.empty()) {
        size_t space = std::min(names.find(' '), names.size());
        table[std::string(names.substr(0, space))].push_back(&spec);
        names.remove_prefix(std::min(space + 1, names.size()));
      }
    }
  }
  return table;
}

const Table& Functions() {
  static const Table* table = new Table(BuildTable());
  return *table;
}

}  // namespace

const std::vector<FunctionSubject>& FunctionSubjects() {
  static const auto* subjects = new std::vector<FunctionSubject>{
      {"Texts", StringFunctions()},
      {"Texts", TextFunctions()},
      {"Hashes and encodings", HashFunctions()},
      {"Chance", RandomFunctions()},
      {"Hashes and encodings", EncodingFunctions()},
      {"Dates and timestamps", DateFunctions()},
      {"Dates and timestamps", TimestampFunctions()},
      {"Dates and timestamps", IntervalFunctions()},
      {"Numbers", MathFunctions()},
      {"Conditions", ConditionalFunctions()},
      {"Arrays, maps and structs", CollectionFunctions()},
      {"Arrays, maps and structs", MapFunctions()},
      {"Lambdas", LambdaFunctions()},
      {"Arrays, maps and structs", SequenceFunctions()},
      {"JSON and CSV", JsonFunctions()},
      {"Variants", VariantFunctions()},
      {"Aggregates", AggregateFunctions()},
      {"Aggregates", StatisticFunctions()},
      {"Bitmaps", BitmapFunctions()},
      {"Windows", WindowFunctions()},
  };
  return *subjects;
}

const std::vector<const FunctionSpec*>* FindFunction(const std::string& lower_name) {
  auto found = Functions().find(lower_name);
  return found == Functions().end() ? nullptr : &found->second;
}

std::vector<std::string> FunctionNames() {
  std::vector<std::string> names;
  for (const auto& entry : Functions()) names.push_back(entry.first);
  std::sort(names.begin(), names.end());
  return names;
}

bool IsAggregateFunction(const FunctionSpec& spec) {
  for (std::span<const FunctionSpec> aggregates : {AggregateFunctions(), StatisticFunctions()}) {
    if (&spec >= aggregates.data() && &spec < aggregates.data() + aggregates.size()) return true;
  }
  return false;
}

std::string Call::Tail(const std::string& condition) const {
  if (condition.empty()) return filter + over;
  if (filter.empty()) return fmt::format(" FILTER (WHERE {}){}", condition, over);
  return fmt::format("{} AND {}){}", filter.substr(0, filter.size() - 1), condition, over);
}

bool IsWindowFunction(const FunctionSpec& spec) {
  std::span<const FunctionSpec> windows = WindowFunctions();
  return &spec >= windows.data() && &spec < windows.data() + windows.size();
}

Bound ResultOf(const Call& call, Type type, std::string sql) {
  Bound out;
  out.type = std::move(type);
  out.sql = std::move(sql);
  out.nullable = call.args.empty() ? false : true;
  for (const Bound& arg : call.args) Inherit(arg, &out);
  out.begin = call.expr.begin;
  return out;
}

/// DuckDB hands C functions too few states where a window is one for all rows, so that over a window its own
/// moments are taken, whose last digits may differ.
static std::string_view WithoutOurMoments(std::string_view text) {
  static constexpr std::string_view kPrefix = "spark_";
  static constexpr std::string_view kMoments[] = {"var_pop", "var_samp", "stddev_pop", "stddev_samp", "corr",
                                                  "covar_pop", "covar_samp", "regr_"};
  if (!text.starts_with(kPrefix)) return text;
  std::string_view own = text.substr(kPrefix.size());
  bool is_moment = std::ranges::any_of(kMoments, [&](std::string_view name) { return own.starts_with(name); });
  return is_moment ? own : text;
}

std::string ExpandTemplate(std::string_view text, const Call& call) {
  if (!call.over.empty()) text = WithoutOurMoments(text);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    char what = text[++i];
    if (what == 'z') {
      out += call.binder.Zone();
    } else if (what == 'a') {
      if (call.binder.ansi()) out += "_ansi";
    } else if (what == 'd') {
      if (call.expr.distinct) out += "DISTINCT ";
    } else if (what == 'f') {
      out += call.Tail();
    } else if (what == '*') {
      for (size_t j = 0; j < call.args.size(); ++j) out += (j > 0 ? ", " : "") + call.args[j].sql;
    } else if (what >= '1' && what <= '9' && static_cast<size_t>(what - '1') < call.args.size()) {
      out += call.args[static_cast<size_t>(what - '1')].sql;
    }
  }
  return out;
}

std::optional<std::string> LiteralArgument(Call& call, size_t index, std::string_view what) {
  const Bound& arg = call.args[index];
  if (arg.is_literal && !arg.type.is(TypeId::kVoid)) return arg.literal;
  call.binder.Report("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                     fmt::format("{} of {}() must be a constant, found {}", what, call.name, arg.pretty), arg.begin);
  return std::nullopt;
}

bool IsNullLiteral(const Bound& arg) { return arg.type.is(TypeId::kVoid) || (arg.is_literal && arg.nullable); }

Bound WrongArgument(Call& call, size_t index, std::string_view expected) {
  const Bound& arg = call.args[index];
  call.binder.Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                     fmt::format("argument {} of {}() must be {}, but {} is {}", index + 1, call.name, expected, arg.pretty,
                                 UpperAscii(arg.type.ToSimpleString())),
                     arg.begin);
  return call.binder.Bad(call.expr);
}

}  // namespace flare::sql
