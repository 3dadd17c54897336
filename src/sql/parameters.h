#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sql/functions.h"

namespace flare::sql {

/// One parameter of a signature; see FunctionSpec::params.
struct Parameter {
  char letter = 'a';
  bool has_default = false;
  std::string default_text;  ///< Spark's spelling: 2147483647 or 'text'
};

struct Parameters {
  std::vector<Parameter> list;
  bool variadic = false;  ///< any number of the last one
  size_t least = 0;       ///< how many arguments there must be
};

Parameters ReadParameters(std::string_view text);

/// `substring(value, int, int = 2147483647)`: a signature under one of its names, for people.
std::string SignatureText(const FunctionSpec& spec, std::string_view name);
/// What a call yields: a type, `as argument 1`, or `by its arguments`.
std::string ResultText(const FunctionSpec& spec);
/// What is known about NULL and about bad input, a sentence each; none where the arguments decide.
std::vector<std::string> BehaviourNotes(const FunctionSpec& spec);

}  // namespace flare::sql
