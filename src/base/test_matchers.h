#pragma once
// GoogleTest matchers for Result and Status. Included by tests only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result.h"

namespace flare {

MATCHER(IsOk, negation ? "is an error" : "is ok") {
  if (arg.has_value()) return true;
  *result_listener << "error " << ToString(arg.error().code()) << ": " << arg.error().ToText();
  return false;
}

MATCHER_P(IsError, code, "") {
  if (arg.has_value()) {
    *result_listener << "is ok";
    return false;
  }
  *result_listener << "error " << ToString(arg.error().code()) << ": " << arg.error().ToText();
  return arg.error().code() == code;
}

MATCHER_P(HasMessage, text_matcher, "") {
  if (arg.has_value()) {
    *result_listener << "is ok";
    return false;
  }
  return ::testing::ExplainMatchResult(text_matcher, arg.error().ToText(), result_listener);
}

}  // namespace flare
