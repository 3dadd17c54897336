#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace flare::engine {

/// Compiled forms of texts that stand in statements (patterns, paths), made once and then found by text.
/// When it is full it starts anew: a column of ever-new patterns must not grow it. Threads: one.
template <class T>
class Recent {
 public:
  /// The compiled `text`, valid until the next call. `compile(text)` returns Result<T>.
  template <class Compile>
  Result<const T*> Get(std::string_view text, const Compile& compile) {
    if (last_ != nullptr && last_text_ == text) return last_;
    auto it = known_.find(text);
    if (it == known_.end()) {
      constexpr size_t kMost = 128;
      if (known_.size() >= kMost) {
        last_ = nullptr;
        known_.clear();
      }
      ASSIGN_OR_RETURN(T compiled, compile(text));
      it = known_.try_emplace(std::string(text), std::move(compiled)).first;
    }
    last_text_ = it->first;
    last_ = &it->second;
    return last_;
  }

 private:
  std::map<std::string, T, std::less<>> known_;
  std::string_view last_text_;  ///< the key of last_
  const T* last_ = nullptr;
};

}  // namespace flare::engine
