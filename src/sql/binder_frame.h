#pragma once
#include "sql/binder.h"

namespace flare::sql {

class Binder::FrameScope {
 public:
  FrameScope(Binder* binder, Frame* frame) : binder_(binder) {
    frame->outer = binder->outer_;
    binder->frames_.push_back(frame);
  }
  ~FrameScope() { binder_->frames_.pop_back(); }
  FrameScope(const FrameScope&) = delete;
  FrameScope& operator=(const FrameScope&) = delete;

 private:
  Binder* binder_;
};

/// Sets a variable for as long as it lives.
template <typename T>
class Restored {
 public:
  Restored(T* variable, T value) : variable_(variable), before_(*variable) { *variable = value; }
  ~Restored() { *variable_ = before_; }
  Restored(const Restored&) = delete;
  Restored& operator=(const Restored&) = delete;

 private:
  T* variable_;
  T before_;
};

/// Whether the expression is a whole number that stands for a place in the SELECT list.
bool ToOrdinal(const Expr& expr, size_t* index);
/// A SELECT list of `*` alone.
Select SelectEverything();

}  // namespace flare::sql
