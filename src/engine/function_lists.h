#pragma once
#include <vector>

#include "engine/scalar_function.h"

namespace flare::engine {

// The runtime functions by theme; RegisterSparkFunctions registers them all.
std::vector<ScalarFunction> CastFunctions();
std::vector<ScalarFunction> DateTimeFunctions();
std::vector<ScalarFunction> IntervalFunctions();
std::vector<ScalarFunction> JsonFunctions();
std::vector<ScalarFunction> VariantFunctions();
std::vector<ScalarFunction> RegexFunctions();
std::vector<ScalarFunction> StringFunctions();
std::vector<ScalarFunction> TextFunctions();
std::vector<ScalarFunction> RandomFunctions();
std::vector<ScalarFunction> UrlFunctions();
std::vector<ScalarFunction> HashFunctions();
std::vector<ScalarFunction> MathFunctions();
std::vector<ScalarFunction> IcebergFunctions();
std::vector<ScalarFunction> ValueKeyFunctions();

/// Those of variants whose types are nested.
Status RegisterNestedVariantFunctions(Connection& connection);

}  // namespace flare::engine
