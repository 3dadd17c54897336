#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace flare::engine {

/// Valid UTF-8 in one of Spark's character sets: US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE, UTF-16 (big
/// endian behind a byte order mark), UTF-32. Errors: kInvalidArgument with Spark's condition for another set
/// or a character that it lacks.
Result<std::string> EncodeText(std::string_view text, std::string_view charset);
/// The other way round. Errors: also for bytes that are no such text.
Result<std::string> DecodeText(std::string_view bytes, std::string_view charset);

}  // namespace flare::engine
