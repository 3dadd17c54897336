#pragma once
#include <string>

namespace flare {

/// A place in a text file that a person wrote. Lines and columns count from 1; 0 = unknown.
struct SourcePosition {
  std::string file;
  int line = 0;
  int column = 0;
};

}  // namespace flare
