#include "sql/functions.h"

namespace flare::sql {

std::span<const FunctionSpec> GeneratorFunctions() {
  static constexpr FunctionSpec kFunctions[] = {
      {"explode", "a", "", "", "a row for each element of an array (col), or entry of a map (key, value)"},
      {"explode_outer", "a", "", "", "as explode, and a row of NULLs where there is none"},
      {"posexplode", "a", "", "", "as explode, with the position in front (pos)"},
      {"posexplode_outer", "a", "", "", "as posexplode, and a row of NULLs where there is none"},
      {"inline", "A", "", "", "a row for each struct of an array, a column for each field"},
      {"inline_outer", "A", "", "", "as inline, and a row of NULLs where there is none"},
      {"stack", "i a*", "", "", "the values, spread over so many rows"},
      {"json_tuple", "s s*", "string", "", "the fields of a JSON object as columns"},
      {"variant_explode variant_explode_outer", "a", "", "", "the elements or members of a variant, in FROM"},
      {"range", "l l=0 l=1 i=1", "bigint", "", "numbers from a start (or 0) up to an end, by a step; stands in FROM"},
  };
  return kFunctions;
}

}  // namespace flare::sql
