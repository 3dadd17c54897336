#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace flare::cli {

/// All functions by subject, a line each.
std::string FunctionsText();
/// What one function takes and gives. Errors: NotFound with the nearest name.
Result<std::string> FunctionText(std::string_view name);
/// `{"subjects": [{"subject", "functions": [{"names", "doc", "signatures": [{"arguments", "result",
/// "notes"}]}]}]}`; with a name only that function. Errors: NotFound with the nearest name.
Result<std::string> FunctionsJson(std::string_view name);
/// The page docs/reference/functions.md.
std::string FunctionsMarkdown();

}  // namespace flare::cli
