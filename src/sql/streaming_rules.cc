#include "sql/streaming_rules.h"

#include <fmt/format.h>

namespace flare::sql {
namespace {

/// Spark raises most of what its check of streams refuses under this name.
constexpr const char* kPlain = "_LEGACY_ERROR_TEMP_3102";

std::string_view SparkName(JoinKind kind) {
  switch (kind) {
    case JoinKind::kLeft: return "LeftOuter";
    case JoinKind::kRight: return "RightOuter";
    case JoinKind::kFull: return "FullOuter";
    case JoinKind::kLeftSemi: return "LeftSemi";
    case JoinKind::kLeftAnti: return "LeftAnti";
    default: return "Inner";
  }
}

}  // namespace

StreamRefusal AggregationOnStream() {
  return {"STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
          "Invalid streaming output mode: append. This output mode is not supported for streaming aggregations without "
          "watermark on streaming DataFrames/DataSets",
          "write the rows, and aggregate the table that they are written to"};
}

StreamRefusal SortOnStream() {
  return {kPlain,
          "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in "
          "Complete output mode",
          "a table has no order: sort where it is read"};
}

StreamRefusal LimitOnStream(bool offset) {
  if (offset) return {kPlain, "Offset is not supported on streaming DataFrames/Datasets"};
  return {"UNSUPPORTED_FEATURE.STREAMING_LIMIT",
          "LIMIT on a stream is not supported yet: it would count the rows of one batch only"};
}

StreamRefusal SampleOfStream() { return {kPlain, "Sampling is not supported on streaming DataFrames/Datasets"}; }

StreamRefusal SubqueryOverStream() {
  return {kPlain, "Queries with streaming sources must be executed with writeStream.start(): a subquery cannot read a stream",
          "join a static relation instead"};
}

StreamRefusal JoinWithStream(JoinKind kind, bool left_streams, bool right_streams) {
  if (left_streams && right_streams) {
    if (kind == JoinKind::kLeftAnti)
      return {kPlain, "LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported"};
    if (kind == JoinKind::kInner || kind == JoinKind::kCross) {
      return {"UNSUPPORTED_FEATURE.STREAMING_JOIN",
              "a join of two streams is not supported yet: it would meet the rows of one batch only"};
    }
    return {kPlain, fmt::format("Stream-stream {} join between two streaming DataFrame/Datasets is not supported without a "
                                "watermark in the join keys, or a watermark on the nullable side and an appropriate range "
                                "condition",
                                SparkName(kind))};
  }
  std::string hint = left_streams ? "use an inner or a left join" : "put the stream on the left, or use an inner join";
  switch (kind) {
    case JoinKind::kFull:
      return {kPlain,
              fmt::format("FullOuter joins with streaming DataFrames/Datasets on the {} and a static DataFrame/Dataset on the "
                          "{} is not supported",
                          left_streams ? "left" : "right", left_streams ? "right" : "left"),
              hint};
    case JoinKind::kRight:
      return {kPlain,
              "RightOuter join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the right not "
              "supported",
              hint};
    case JoinKind::kLeftAnti:
      return {kPlain, "LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported", hint};
    default:
      return {kPlain,
              fmt::format("{} join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is "
                          "not supported",
                          SparkName(kind)),
              hint};
  }
}

StreamRefusal SetOperationOnStream(SetOperation operation, bool all, bool left_streams, bool right_streams) {
  if (operation == SetOperation::kIntersect)
    return {kPlain, "Intersect of streaming DataFrames/Datasets is not supported"};
  if (operation == SetOperation::kExcept && right_streams)
    return {kPlain, "Except on a streaming DataFrame/Dataset on the right is not supported"};
  if (operation == SetOperation::kUnion && left_streams != right_streams)
    return {kPlain, "Union between streaming and batch DataFrames/Datasets is not supported"};
  if (operation == SetOperation::kUnion && !all) {
    StreamRefusal refusal = AggregationOnStream();
    refusal.hint = "UNION compares the rows of the whole stream: use UNION ALL";
    return refusal;
  }
  return {"UNSUPPORTED_FEATURE.STREAMING_SET_OPERATION",
          "EXCEPT on a stream is not supported yet: it would compare the rows of one batch only", "use LEFT ANTI JOIN"};
}

}  // namespace flare::sql
