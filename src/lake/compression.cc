#include "lake/compression.h"

#include <zlib.h>

namespace flare::lake {
namespace {

constexpr int kRawWindow = -15;
constexpr int kGzipWindow = 15 + 16;

Result<std::string> Compress(std::string_view bytes, int window, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return ResourceExhausted("no memory to compress {} bytes", bytes.size());
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int code = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (code != Z_STREAM_END) return Internal("zlib could not compress {} bytes (code {})", bytes.size(), code);
  return out;
}

Result<std::string> Decompress(std::string_view bytes, int window) {
  z_stream stream{};
  if (inflateInit2(&stream, window) != Z_OK) return ResourceExhausted("no memory to decompress {} bytes", bytes.size());
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int code = Z_OK;
  while (code == Z_OK) {
    size_t have = out.size();
    out.resize(have + std::max<size_t>(4096, bytes.size() * 2));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + have);
    stream.avail_out = static_cast<uInt>(out.size() - have);
    code = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (code == Z_OK && stream.avail_in == 0 && stream.avail_out != 0) code = Z_DATA_ERROR;  // cut short
  }
  inflateEnd(&stream);
  if (code != Z_STREAM_END) return Corruption("the compressed data are damaged or cut short (zlib code {})", code);
  return out;
}

}  // namespace

Result<std::string> Deflate(std::string_view bytes, int level) { return Compress(bytes, kRawWindow, level); }
Result<std::string> Inflate(std::string_view bytes) { return Decompress(bytes, kRawWindow); }
Result<std::string> Gzip(std::string_view bytes) { return Compress(bytes, kGzipWindow, 6); }
Result<std::string> Gunzip(std::string_view bytes) { return Decompress(bytes, kGzipWindow); }

}  // namespace flare::lake
