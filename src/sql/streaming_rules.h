#pragma once
#include <string>
#include <string_view>

#include "sql/ast.h"

namespace flare::sql {

/// Why a statement may not run on a stream: Spark's condition and message where Spark refuses it in Append mode too,
/// flare's where only flare does, and what would work.
struct StreamRefusal {
  std::string condition;
  std::string message;
  std::string hint = {};
};

StreamRefusal AggregationOnStream();
StreamRefusal SortOnStream();
StreamRefusal LimitOnStream(bool offset);
StreamRefusal SampleOfStream();
StreamRefusal SubqueryOverStream();
/// For a join of two relations, of which one or both are streams.
StreamRefusal JoinWithStream(JoinKind kind, bool left_streams, bool right_streams);
/// For a set operation other than UNION ALL of two streams.
StreamRefusal SetOperationOnStream(SetOperation operation, bool all, bool left_streams, bool right_streams);

}  // namespace flare::sql
