#pragma once

namespace flare::checkpoint {

/// Keys of our own in an offset entry's conf. Spark ignores them, and drops them when it goes on.
inline constexpr const char* kSourcesKey = "flare.sources";    ///< JSON: descriptions, one a source
inline constexpr const char* kOutputsKey = "flare.outputs";    ///< JSON: datasets, one an output
inline constexpr const char* kStepsKey = "flare.steps";        ///< JSON: [name, fingerprint] of each step
inline constexpr const char* kIncarnationsKey = "flare.incarnations";  ///< JSON: Source::Incarnation, one a source

}  // namespace flare::checkpoint
