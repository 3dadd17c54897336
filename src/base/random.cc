#include "base/random.h"

#include <fmt/format.h>
#include <sys/random.h>

#include "base/check.h"

namespace flare {

uint64_t RandomBits() {
  uint64_t bits = 0;
  ssize_t got = getrandom(&bits, sizeof(bits), 0);
  CHECK(got == sizeof(bits), "getrandom returned {}", got);
  return bits;
}

std::string NewUuid() {
  uint64_t high = (RandomBits() & ~0xF000ULL) | 0x4000ULL;
  uint64_t low = (RandomBits() & ~(3ULL << 62)) | (2ULL << 62);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF,
                     low >> 48, low & 0xFFFFFFFFFFFFULL);
}

}  // namespace flare
