#include "engine/aes.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

namespace flare::engine {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

constexpr size_t kTagBytes = 16;

enum class Mode { kEcb, kCbc, kGcm };

bool EqualsIgnoreCase(std::string_view text, std::string_view upper) {
  if (text.size() != upper.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 32) : text[i];
    if (c != upper[i]) return false;
  }
  return true;
}

const uint8_t* Bytes(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }

Result<Mode> ReadMode(const AesOptions& options) {
  bool standard = EqualsIgnoreCase(options.padding, "DEFAULT");
  bool pkcs = standard || EqualsIgnoreCase(options.padding, "PKCS");
  if (EqualsIgnoreCase(options.mode, "ECB") && pkcs) return Mode::kEcb;
  if (EqualsIgnoreCase(options.mode, "CBC") && pkcs) return Mode::kCbc;
  if (EqualsIgnoreCase(options.mode, "GCM") && (standard || EqualsIgnoreCase(options.padding, "NONE"))) return Mode::kGcm;
  return InvalidArgument(
      "[UNSUPPORTED_FEATURE.AES_MODE] The feature is not supported: AES-{} with the padding {}. SQLSTATE: 0A000", options.mode,
      options.padding);
}

size_t IvBytes(Mode mode) { return mode == Mode::kEcb ? 0 : mode == Mode::kCbc ? 16 : 12; }

Result<const EVP_CIPHER*> CipherOf(Mode mode, std::string_view key) {
  switch (key.size()) {
    case 16: return mode == Mode::kEcb ? EVP_aes_128_ecb() : mode == Mode::kCbc ? EVP_aes_128_cbc() : EVP_aes_128_gcm();
    case 24: return mode == Mode::kEcb ? EVP_aes_192_ecb() : mode == Mode::kCbc ? EVP_aes_192_cbc() : EVP_aes_192_gcm();
    case 32: return mode == Mode::kEcb ? EVP_aes_256_ecb() : mode == Mode::kCbc ? EVP_aes_256_cbc() : EVP_aes_256_gcm();
    default:
      return InvalidArgument(
          "[INVALID_PARAMETER_VALUE.AES_KEY_LENGTH] The value of parameter(s) `key` in `aes_encrypt`/`aes_decrypt` is invalid: "
          "expects a binary value with 16, 24 or 32 bytes, but got {} bytes. SQLSTATE: 22023", key.size());
  }
}

Error CryptoError(std::string_view what) {
  return InvalidArgument(
      "[INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR] The value of parameter(s) `expr`, `key` in `aes_encrypt`/`aes_decrypt` is "
      "invalid: {}. SQLSTATE: 22023", what);
}

/// A vector that differs with key, data and aad, and is the same for the same ones.
std::string DerivedIv(std::string_view data, std::string_view key, std::string_view aad, size_t size) {
  std::string message = fmt::format("{}:", aad.size());
  message.append(aad).append(data);
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(message), message.size(), digest, &length);
  return {reinterpret_cast<const char*>(digest), size};
}

/// One direction of one cipher.
class Cipher {
 public:
  static Result<Cipher> Make(Mode mode, std::string_view key, std::string_view iv, bool encrypt) {
    ASSIGN_OR_RETURN(const EVP_CIPHER* cipher, CipherOf(mode, key));
    Cipher made;
    if (made.context_ == nullptr ||
        EVP_CipherInit_ex(made.context_.get(), cipher, nullptr, Bytes(key), iv.empty() ? nullptr : Bytes(iv), encrypt ? 1 : 0) != 1) {
      return Internal("OpenSSL cannot start a cipher");
    }
    return made;
  }
  EVP_CIPHER_CTX* get() const { return context_.get(); }

  bool AddAad(std::string_view aad) {
    int length = 0;
    return aad.empty() || EVP_CipherUpdate(get(), nullptr, &length, Bytes(aad), static_cast<int>(aad.size())) == 1;
  }
  bool Run(std::string_view data, std::string* out) {
    std::string buffer(data.size() + kTagBytes, '\0');
    auto* bytes = reinterpret_cast<uint8_t*>(buffer.data());
    int length = 0;
    int rest = 0;
    if (EVP_CipherUpdate(get(), bytes, &length, Bytes(data), static_cast<int>(data.size())) != 1) return false;
    if (EVP_CipherFinal_ex(get(), bytes + length, &rest) != 1) return false;
    out->append(buffer, 0, static_cast<size_t>(length + rest));
    return true;
  }

 private:
  Cipher() : context_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) {}
  Context context_;
};

}  // namespace

Result<std::string> AesEncrypt(std::string_view data, std::string_view key, const AesOptions& options,
                               std::string_view iv, std::string_view aad) {
  ASSIGN_OR_RETURN(Mode mode, ReadMode(options));
  if (mode == Mode::kEcb && !iv.empty()) {
    return InvalidArgument("[UNSUPPORTED_FEATURE.AES_MODE_IV] AES-{} takes no initialization vector. SQLSTATE: 0A000", options.mode);
  }
  if (mode != Mode::kGcm && !aad.empty()) {
    return InvalidArgument("[UNSUPPORTED_FEATURE.AES_MODE_AAD] AES-{} takes no additional data. SQLSTATE: 0A000", options.mode);
  }
  if (!iv.empty() && iv.size() != IvBytes(mode)) {
    return InvalidArgument(
        "[INVALID_PARAMETER_VALUE.AES_IV_LENGTH] The value of parameter(s) `iv` in `aes_encrypt` is invalid: {} takes {} bytes, "
        "but got {}. SQLSTATE: 22023", options.mode, IvBytes(mode), iv.size());
  }
  std::string out = iv.empty() ? DerivedIv(data, key, aad, IvBytes(mode)) : std::string(iv);
  ASSIGN_OR_RETURN(Cipher cipher, Cipher::Make(mode, key, out, true));
  if (!cipher.AddAad(aad) || !cipher.Run(data, &out)) return CryptoError("the value cannot be encrypted");
  if (mode == Mode::kGcm) {
    char tag[kTagBytes];
    if (EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag) != 1) return CryptoError("there is no tag");
    out.append(tag, kTagBytes);
  }
  return out;
}

Result<std::string> AesDecrypt(std::string_view data, std::string_view key, const AesOptions& options,
                               std::string_view aad) {
  ASSIGN_OR_RETURN(Mode mode, ReadMode(options));
  if (mode != Mode::kGcm && !aad.empty()) {
    return InvalidArgument("[UNSUPPORTED_FEATURE.AES_MODE_AAD] AES-{} takes no additional data. SQLSTATE: 0A000", options.mode);
  }
  RETURN_IF_ERROR(CipherOf(mode, key));
  size_t tag_bytes = mode == Mode::kGcm ? kTagBytes : 0;
  if (data.size() < IvBytes(mode) + tag_bytes) return CryptoError("the value is too short");
  std::string_view iv = data.substr(0, IvBytes(mode));
  std::string tag(data.substr(data.size() - tag_bytes));
  data = data.substr(iv.size(), data.size() - iv.size() - tag_bytes);
  ASSIGN_OR_RETURN(Cipher cipher, Cipher::Make(mode, key, iv, false));
  if (mode == Mode::kGcm && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1) {
    return CryptoError("the tag cannot be checked");
  }
  std::string out;
  if (!cipher.AddAad(aad) || !cipher.Run(data, &out)) return CryptoError("the value was not encrypted with this key and mode");
  return out;
}

}  // namespace flare::engine
