#pragma once
#include <string>
#include <string_view>

namespace flare::terminal {

/// What fits on the screen.
struct ScreenSize {
  int rows = 24;
  int columns = 80;
};

/// The size of the terminal on standard output.
ScreenSize CurrentScreen();

/// How many rows of a screen a text takes; long lines wrap.
int RowsOf(std::string_view text, int columns);
/// How many bytes of `text`, whole lines, fit on `rows` rows; at least one line.
size_t FirstPage(std::string_view text, int rows, int columns);

/// Shows text on the terminal; what is longer than the screen goes through a program or page by
/// page: Space and Enter go on, q stops. Threads: one.
class Pager {
 public:
  /// `program` is a command for the shell that reads standard input; "" = page by page here.
  explicit Pager(std::string program) : program_(std::move(program)) {}

  void set_enabled(bool enabled) { enabled_ = enabled; }
  bool enabled() const { return enabled_; }
  void Show(std::string_view text) const;

 private:
  bool ShowInProgram(std::string_view text) const;
  static void ShowByPages(std::string_view text, const ScreenSize& screen);

  std::string program_;
  bool enabled_ = true;
};

}  // namespace flare::terminal
