#pragma once
#include <optional>
#include <string>

#include "sql/types.h"

namespace flare::sql {

/// Spark's result types of decimal arithmetic, with spark.sql.decimalOperations.allowPrecisionLoss = true.
Type DecimalResult(char op, const Type& left, const Type& right);
/// The decimal that holds every value of an integral type: int -> decimal(10,0).
Type DecimalForIntegral(TypeId id);
/// The decimal that holds both.
Type WiderDecimal(const Type& left, const Type& right);

/// The type both sides of an arithmetic operator or an equality can be widened to without loss of kind
/// (Spark's findTightestCommonType, and decimals with other numbers).
std::optional<Type> TightestCommonType(const Type& left, const Type& right);
/// The type of a CASE, COALESCE or array over both; with `strings`, anything atomic meets a string as string.
std::optional<Type> WiderType(const Type& left, const Type& right, bool strings);
/// The same with ANSI on, where a string becomes what it meets, and FLOAT with a whole number becomes DOUBLE.
std::optional<Type> AnsiWiderType(const Type& left, const Type& right);
/// One or the other, by the mode; without `strings` a string meets no other type.
std::optional<Type> CommonType(const Type& left, const Type& right, bool strings, bool ansi);
/// The type in which a comparison of both happens.
std::optional<Type> ComparisonType(const Type& left, const Type& right, bool ansi);

/// Whether an argument of type `from` is taken where `to` is asked for, without being told.
bool CanImplicitlyCast(const Type& from, const Type& to);
/// Whether CAST(from AS to) exists.
bool CanCast(const Type& from, const Type& to, bool ansi);
/// Whether values of the type can be sorted and compared.
bool IsOrderable(const Type& type);

enum class CastMode {
  kLegacy,  ///< bad input is NULL, integers wrap: ANSI off
  kAnsi,    ///< bad input is an error
  kTry,     ///< bad input is NULL
};

/// DuckDB text that casts `sql` (an expression in parentheses or an atom) as Spark does. CanCast must hold.
std::string CastSql(const std::string& sql, const Type& from, const Type& to, CastMode mode,
                    const std::string& time_zone, int depth = 0);
/// Narrows `sql` of a wider integer type to `to` by dropping high bits, as Java does.
std::string WrapInteger(const std::string& sql, TypeId to, bool from_hugeint);

}  // namespace flare::sql
