#pragma once
#include "connector/registry.h"

namespace flare::connector::iceberg {

/// Tables in FILE depots and local folders, written exactly once.
connector::Connector MakeIcebergConnector();

}  // namespace flare::connector::iceberg
