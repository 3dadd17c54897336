#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace flare::lake {

/// Raw RFC 1951 deflate, as Avro's codec `deflate` wants it (no zlib header).
Result<std::string> Deflate(std::string_view bytes, int level);
Result<std::string> Inflate(std::string_view bytes);
/// gzip, as `.gz.metadata.json` files hold it.
Result<std::string> Gzip(std::string_view bytes);
Result<std::string> Gunzip(std::string_view bytes);

}  // namespace flare::lake
