#include <fmt/format.h>

#include <charconv>

#include "sql/functions.h"

namespace flare::sql {
namespace {

std::optional<int64_t> WholeNumber(const Bound& value) {
  if (!value.is_literal || !value.type.is(TypeId::kInt)) return std::nullopt;
  int64_t number = 0;
  const std::string& text = value.literal;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// The argument as a constant above 0.
bool CheckPositive(Call& call, size_t index) {
  if (!call.args[index].is_literal) {
    call.binder.Report("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                       fmt::format("argument {} of {}() must be a constant, found {}", index + 1, call.name, call.args[index].pretty),
                       call.args[index].begin);
    return false;
  }
  auto number = WholeNumber(call.args[index]);
  if (number && *number > 0) return true;
  call.binder.Report("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
                     fmt::format("argument {} of {}() must be a whole number above 0, found {}", index + 1, call.name,
                                 call.args[index].pretty),
                     call.args[index].begin);
  return false;
}

Bound BindNtile(Call& call) {
  if (!CheckPositive(call, 0)) return call.binder.Bad(call.expr);
  Bound out = ResultOf(call, Type(TypeId::kInt), ExpandTemplate("CAST(ntile($1)$f AS INTEGER)", call));
  out.nullable = false;
  return out;
}

Bound BindNthValue(Call& call) {
  if (!CheckPositive(call, 1)) return call.binder.Bad(call.expr);
  bool ignore = call.expr.quantifier == "ignore nulls";
  Bound out = ResultOf(call, call.args[0].type,
                       ExpandTemplate(ignore ? "nth_value($1, $2 IGNORE NULLS)$f" : "nth_value($1, $2)$f", call));
  out.nullable = true;
  if (ignore) out.pretty = fmt::format("nth_value({}, {}) ignore nulls", call.args[0].pretty, call.args[1].pretty);
  return out;
}

/// lag and lead: the value some rows before or behind, else a default that has the value's type.
Bound BindShift(Call& call) {
  std::string offset = call.args.size() > 1 ? call.args[1].sql : "1";
  std::string offset_text = call.args.size() > 1 ? call.args[1].pretty : "1";
  if (call.args.size() > 1 && !WholeNumber(call.args[1])) {
    call.binder.Report("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                       fmt::format("the offset of {}() must be a constant whole number, found {}", call.name, offset_text),
                       call.args[1].begin);
    return call.binder.Bad(call.expr);
  }
  Bound fallback;
  fallback.sql = "NULL";
  fallback.pretty = "NULL";
  if (call.args.size() > 2) {
    fallback.pretty = call.args[2].pretty;
    fallback = call.binder.Implicit(call.args[2], call.args[0].type, call.name, 2);
    if (fallback.bad) return call.binder.Bad(call.expr);
  }
  std::string nulls = call.expr.quantifier == "ignore nulls" ? " IGNORE NULLS" : "";
  Bound out = ResultOf(call, call.args[0].type,
                       fmt::format("{}({}, {}, {}{}){}", call.name, call.args[0].sql, offset, fallback.sql, nulls, call.Tail()));
  out.nullable = call.args[0].nullable || fallback.nullable;
  out.pretty = fmt::format("{}({}, {}, {})", call.name, call.args[0].pretty, offset_text, fallback.pretty);
  return out;
}

const FunctionSpec kWindowFunctions[] = {
    {"row_number", "", "int", "CAST(row_number()$f AS INTEGER)", "the row's number in its window, from 1"},
    {"rank", "", "int", "CAST(rank()$f AS INTEGER)", "the number of rows before the row's peers, plus 1", nullptr, "RANK"},
    {"dense_rank", "", "int", "CAST(dense_rank()$f AS INTEGER)", "the number of groups of peers before the row's, plus 1", nullptr,
     "DENSE_RANK"},
    {"percent_rank", "", "double", "percent_rank()$f", "the rank from 0 to 1", nullptr, "PERCENT_RANK"},
    {"cume_dist", "", "double", "cume_dist()$f", "the share of rows up to and with the row's peers"},
    {"ntile", "i=1", "", "", "the row's bucket when the window is cut into n equal ones", BindNtile},
    {"lag", "a", "", "", "the value of the row before, else NULL", BindShift},
    {"lag", "a i", "", "", "the value n rows before, else NULL", BindShift},
    {"lag", "a i a", "", "", "the value n rows before, else the default", BindShift},
    {"lead", "a", "", "", "the value of the row behind, else NULL", BindShift},
    {"lead", "a i", "", "", "the value n rows behind, else NULL", BindShift},
    {"lead", "a i a", "", "", "the value n rows behind, else the default", BindShift},
    {"nth_value", "a i", "", "", "the value of the n-th row of the frame", BindNthValue},
};

}  // namespace

std::span<const FunctionSpec> WindowFunctions() { return kWindowFunctions; }

}  // namespace flare::sql
