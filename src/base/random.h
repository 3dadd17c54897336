#pragma once
#include <cstdint>
#include <string>

namespace flare {

/// A random version-4 UUID in lower-case text. Threads: safe from any.
std::string NewUuid();

/// 64 random bits from the operating system.
uint64_t RandomBits();

}  // namespace flare
