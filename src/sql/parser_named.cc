#include <fmt/format.h>

#include <algorithm>

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {
namespace {

/// The functions that take arguments by name, and the names of their parameters in order.
struct NamedFunction {
  std::string_view function;
  std::string_view parameters[4];
};

constexpr NamedFunction kNamed[] = {
    {"explode", {"collection"}},    {"explode_outer", {"collection"}}, {"posexplode", {"collection"}},
    {"posexplode_outer", {"collection"}}, {"inline", {"input"}},       {"inline_outer", {"input"}},
    {"variant_explode", {"input"}}, {"variant_explode_outer", {"input"}},
    {"count_min_sketch", {"column", "epsilon", "confidence", "seed"}},
};

}  // namespace

/// name => value. Arguments are put where the function's parameter stands; those between must be given too.
bool Parser::ParseNamedArgument(Expr* call) {
  size_t begin = Peek().begin;
  std::string name = Take().text;
  Take();
  std::string function = LowerAscii(call->text);
  auto named = std::find_if(std::begin(kNamed), std::end(kNamed), [&](const NamedFunction& one) { return one.function == function; });
  if (named == std::end(kNamed)) {
    return Fail("NAMED_PARAMETERS_NOT_SUPPORTED", fmt::format("{}() takes no arguments by name", call->text), begin), false;
  }
  auto parameter = std::find_if(std::begin(named->parameters), std::end(named->parameters),
                                [&](std::string_view one) { return !one.empty() && EqualIgnoreCase(one, name); });
  if (parameter == std::end(named->parameters)) {
    return Fail("UNRECOGNIZED_PARAMETER_NAME", fmt::format("{}() has no parameter {}", call->text, name), begin,
                std::string(named->parameters[0])),
           false;
  }
  if (static_cast<size_t>(parameter - std::begin(named->parameters)) != call->args.size()) {
    return Unsupported("NAMED_ARGUMENTS", "an argument by name in another place than its own", begin), false;
  }
  call->args.push_back(ParseExpression());
  call->arg_names.emplace_back();
  return call->args.back() != nullptr;
}

}  // namespace flare::sql
