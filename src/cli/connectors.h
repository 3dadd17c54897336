#pragma once
#include "connector/registry.h"

namespace flare::cli {

/// Every connector this program has: the one explicit list.
connector::Registry Connectors();

}  // namespace flare::cli
