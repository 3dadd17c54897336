#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace flare::engine {

/// What aes_encrypt and aes_decrypt are told beside the data. Mode and padding in any case.
struct AesOptions {
  std::string_view mode;     ///< ECB, CBC, GCM
  std::string_view padding;  ///< DEFAULT, or the mode's own: PKCS for ECB and CBC, NONE for GCM
};

/// Initialisation vector (none in ECB), ciphertext, and in GCM the tag. An empty `iv` is made out of key and
/// data, so that a replayed row has the same bytes again.
/// Errors: kInvalidArgument with Spark's condition for keys, vectors and modes that do not exist.
Result<std::string> AesEncrypt(std::string_view data, std::string_view key, const AesOptions& options,
                               std::string_view iv, std::string_view aad);
/// Errors: also when the data was not encrypted so.
Result<std::string> AesDecrypt(std::string_view data, std::string_view key, const AesOptions& options,
                               std::string_view aad);

}  // namespace flare::engine
