#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/binder.h"

namespace flare::sql {

/// One signature of one function: everything that is known about it stands here.
struct FunctionSpec {
  std::string_view names;   ///< "substring substr": the first is the function, the rest its aliases
  /// Parameters by letter: s string, i int, l bigint, d double, b boolean, x binary, D date, T timestamp,
  /// Z timestamp_ntz, n any number, N that or an interval, I any whole number, A array, M map, S struct, F lambda, a anything; text in quotes
  /// ('...') behind a letter and = is the default; * behind the last letter = any number of these.
  std::string_view params;
  /// "string", "=1" (the type of argument 1), "=e1" (element of array 1), or "" when `bind` decides.
  std::string_view result;
  /// DuckDB text: $1 $2 ... arguments, $* all of them, $z the session zone, $a "_ansi" when ANSI is on;
  /// for aggregates $d DISTINCT, and $f FILTER and OVER.
  std::string_view sql;
  std::string_view doc;
  Bound (*bind)(Call&) = nullptr;  ///< for what the letters cannot say
  std::string_view pretty = "";    ///< Spark's name of the function in column names, when not the one written
};

// The registry, one file a subject.
std::span<const FunctionSpec> StringFunctions();
std::span<const FunctionSpec> TextFunctions();
std::span<const FunctionSpec> HashFunctions();
std::span<const FunctionSpec> RandomFunctions();
std::span<const FunctionSpec> EncodingFunctions();
std::span<const FunctionSpec> DateFunctions();
std::span<const FunctionSpec> TimestampFunctions();
std::span<const FunctionSpec> IntervalFunctions();
std::span<const FunctionSpec> MathFunctions();
std::span<const FunctionSpec> ConditionalFunctions();
std::span<const FunctionSpec> CollectionFunctions();
std::span<const FunctionSpec> MapFunctions();
std::span<const FunctionSpec> LambdaFunctions();
std::span<const FunctionSpec> SequenceFunctions();
std::span<const FunctionSpec> JsonFunctions();
std::span<const FunctionSpec> VariantFunctions();
std::span<const FunctionSpec> AggregateFunctions();
std::span<const FunctionSpec> StatisticFunctions();
std::span<const FunctionSpec> BitmapFunctions();
std::span<const FunctionSpec> WindowFunctions();

/// What yields rows instead of a value: for listings only, the binder reads it itself (binder_generator.cc).
std::span<const FunctionSpec> GeneratorFunctions();

/// The functions of one subject, as listings show them.
struct FunctionSubject {
  std::string_view title;
  std::span<const FunctionSpec> functions;
};
/// The whole registry.
const std::vector<FunctionSubject>& FunctionSubjects();

/// The signatures of a function, by any of its names; null when there is none.
const std::vector<const FunctionSpec*>* FindFunction(const std::string& lower_name);
/// All names, for did-you-mean and listings.
std::vector<std::string> FunctionNames();
bool IsAggregateFunction(const FunctionSpec& spec);
/// Functions that need an OVER.
bool IsWindowFunction(const FunctionSpec& spec);

/// schema_of_variant_agg, which stands among the aggregates.
Bound BindSchemaOfVariantAgg(Call& call);

// Tools for `bind` functions.

/// A result with the arguments' aggregates and loose columns, nullable if any argument is.
Bound ResultOf(const Call& call, Type type, std::string sql);
/// Replaces $1 and the other marks of FunctionSpec::sql.
std::string ExpandTemplate(std::string_view text, const Call& call);
/// The value of a literal text argument, or a diagnostic and nullopt.
std::optional<std::string> LiteralArgument(Call& call, size_t index, std::string_view what);
/// Whether an argument is the constant NULL.
bool IsNullLiteral(const Bound& arg);
/// What orders values of a type as Spark does: the value itself, or a binary key of a nested one.
std::string OrderKeySql(const std::string& sql, const Type& type);
/// A DuckDB list in Spark's order.
std::string SortedListSql(const std::string& list, const Type& element, bool ascending, bool nulls_first);
/// name(argument, ...) as Spark spells it.
std::string PrettyCall(const Call& call, std::string_view name);
/// Reports a constant pattern for reading times that Spark refuses; true when it did.
bool RefuseParsePattern(Call& call, const Bound& pattern);
/// Reports an argument of the wrong kind and returns a bad result.
Bound WrongArgument(Call& call, size_t index, std::string_view expected);

}  // namespace flare::sql
