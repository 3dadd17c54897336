#include <fmt/format.h>

#include <algorithm>

#include "sql/binder.h"
#include "sql/names.h"

namespace flare::sql {

std::string Binder::VariableName(size_t n) const { return fmt::format("v{}", lambda_variables_.size() + n); }

/// Finds the variable of the innermost lambda that the first part of a name means.
bool Binder::FindLambdaVariable(const Expr& expr, Bound* bound) const {
  for (auto variable = lambda_variables_.rbegin(); variable != lambda_variables_.rend(); ++variable) {
    if (!NameEquals(variable->name, expr.parts[0])) continue;
    bound->type = variable->type;
    bound->nullable = variable->nullable;
    bound->sql = variable->sql;
    bound->name = expr.parts[0];
    bound->pretty = "namedlambdavariable()";
    bound->begin = expr.begin;
    return true;
  }
  return false;
}

Bound Binder::BindLambda(Call& call, size_t index, std::vector<LambdaVariable> variables, size_t least) {
  Bound& argument = call.args[index];
  // a star among the arguments may have made more of them than were written
  const Expr& lambda = index < call.expr.args.size() ? *call.expr.args[index] : call.expr;
  if (lambda.kind != ExprKind::kLambda && argument.sql.empty()) {
    Report("INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", fmt::format("{}() takes no star beside a lambda", call.name), call.expr.begin);
    return Bad(call.expr);
  }
  if (lambda.kind != ExprKind::kLambda) {
    Bound body = argument;
    argument.pretty = fmt::format("lambdafunction({}", body.pretty);
    for (size_t i = 0; i < least; ++i) argument.pretty += ", namedlambdavariable()";
    argument.pretty += ")";
    return body;
  }
  size_t count = lambda.names.size();
  if (count < least || count > variables.size()) {
    Report("INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH",
           fmt::format("the lambda of {}() has {} variables here, found {}", call.name,
                       least == variables.size() ? fmt::format("{}", least) : fmt::format("{} or {}", least, variables.size()), count),
           lambda.begin);
    return Bad(lambda);
  }
  size_t before = lambda_variables_.size();
  for (size_t i = 0; i < count; ++i) {
    variables[i].name = lambda.names[i];
    for (size_t j = 0; j < i; ++j) {
      if (!NameEquals(lambda.names[i], lambda.names[j])) continue;
      Report("INVALID_LAMBDA_FUNCTION_CALL.DUPLICATE_ARG_NAMES",
             fmt::format("the lambda of {}() names two variables {}", call.name, QuoteNameParts({lambda.names[i]})), lambda.begin);
      lambda_variables_.resize(before);
      return Bad(lambda);
    }
  }
  for (size_t i = 0; i < count; ++i) lambda_variables_.push_back(std::move(variables[i]));
  Bound body = BindExpr(*lambda.args[0]);
  lambda_variables_.resize(before);
  argument.pretty = fmt::format("lambdafunction({}", body.pretty);
  for (size_t i = 0; i < count; ++i) argument.pretty += ", namedlambdavariable()";
  argument.pretty += ")";
  argument.nullable = false;
  Inherit(body, &argument);
  return body;
}

}  // namespace flare::sql
