#include "terminal/line_editor.h"

#include <fmt/format.h>
#include <histedit.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <clocale>
#include <cstdio>

namespace flare::terminal {
namespace {

constexpr int kMostEntries = 5000;
constexpr size_t kMostShown = 200;

char Folded(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

int Columns() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// The candidates side by side below the line.
std::string Listed(const std::vector<std::string>& candidates) {
  size_t shown = std::min(candidates.size(), kMostShown);
  size_t widest = 1;
  for (size_t i = 0; i < shown; ++i) widest = std::max(widest, candidates[i].size());
  size_t in_row = std::max<size_t>(1, static_cast<size_t>(Columns()) / (widest + 2));
  std::string text = "\n";
  for (size_t i = 0; i < shown; ++i) {
    bool last = i + 1 == shown || (i + 1) % in_row == 0;
    text += last ? candidates[i] + "\n" : fmt::format("{:<{}}", candidates[i], widest + 2);
  }
  if (shown < candidates.size())
    text += fmt::format("... and {} more\n", candidates.size() - shown);
  return text;
}

}  // namespace

std::string CommonPrefix(const std::vector<std::string>& candidates) {
  if (candidates.empty()) return "";
  size_t length = candidates.front().size();
  for (const std::string& other : candidates) {
    size_t same = 0;
    while (same < length && same < other.size() &&
           Folded(candidates.front()[same]) == Folded(other[same]))
      ++same;
    length = same;
  }
  return candidates.front().substr(0, length);
}

/// libedit's editor and history with the state that its callbacks need.
class LineEditor::Editor {
 public:
  explicit Editor(Complete complete) : complete_(std::move(complete)) {}
  ~Editor() {
    if (edit_ != nullptr) el_end(edit_);
    if (history_ != nullptr) history_end(history_);
  }
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  bool Start() {
    // libedit reads and writes characters of the locale; manifests and tables are UTF-8.
    std::setlocale(LC_CTYPE, "C.UTF-8");
    edit_ = el_init("flare", stdin, stdout, stderr);
    history_ = history_init();
    if (edit_ == nullptr || history_ == nullptr) return false;
    HistEvent event;
    history(history_, &event, H_SETSIZE, kMostEntries);
    history(history_, &event, H_SETUNIQUE, 1);
    el_set(edit_, EL_CLIENTDATA, this);
    el_set(edit_, EL_PROMPT, &Editor::Prompt);
    el_set(edit_, EL_EDITOR, "emacs");
    el_set(edit_, EL_HIST, history, history_);
    el_set(edit_, EL_SIGNAL, 1);
    // Ctrl-C is a key while a line is edited: it clears the line.
    el_set(edit_, EL_SETTY, "-d", "-isig", nullptr);
    el_set(edit_, EL_ADDFN, "flare-interrupt", "throw the line away", &Editor::OnInterrupt);
    el_set(edit_, EL_ADDFN, "flare-complete", "complete the word", &Editor::OnComplete);
    el_set(edit_, EL_BIND, "^C", "flare-interrupt", nullptr);
    el_set(edit_, EL_BIND, "^I", "flare-complete", nullptr);
    el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_set(edit_, EL_BIND, "\033[3~", "ed-delete-next-char", nullptr);
    return true;
  }

  End Read(const std::string& prompt, std::string* line) {
    prompt_ = prompt;
    interrupted_ = false;
    // Else the prompt would show before keys are read one by one, and a Ctrl-D pressed between
    // would be lost.
    el_set(edit_, EL_PREP_TERM, 1);
    int count = 0;
    const char* text = el_gets(edit_, &count);
    line->assign(
        text == nullptr || count <= 0 ? "" : std::string_view(text, static_cast<size_t>(count)));
    if (interrupted_) return End::kInterrupted;
    if (line->empty()) return End::kEndOfInput;
    if (line->back() == '\n') line->pop_back();
    return End::kLine;
  }

  void Remember(std::string entry) {
    std::replace(entry.begin(), entry.end(), '\n', ' ');
    HistEvent event;
    history(history_, &event, H_ENTER, entry.c_str());
  }

 private:
  static Editor* Of(EditLine* edit) {
    void* self = nullptr;
    el_get(edit, EL_CLIENTDATA, &self);
    return static_cast<Editor*>(self);
  }
  static char* Prompt(EditLine* edit) { return Of(edit)->prompt_.data(); }

  static unsigned char OnInterrupt(EditLine* edit, int /*key*/) {
    Of(edit)->interrupted_ = true;
    std::fputs("^C\n", stdout);
    std::fflush(stdout);
    return CC_NEWLINE;
  }

  static unsigned char OnComplete(EditLine* edit, int /*key*/) { return Of(edit)->CompleteWord(); }

  unsigned char CompleteWord() {
    const LineInfo* info = el_line(edit_);
    std::string_view line(info->buffer, static_cast<size_t>(info->cursor - info->buffer));
    bool blank = line.empty() || line.back() == ' ' || line.back() == '\t';
    if (blank) {  // a tab of pasted text
      el_insertstr(edit_, "  ");
      return CC_REFRESH;
    }
    Completion found = complete_(line);
    if (found.candidates.empty() || found.begin > line.size()) return CC_REFRESH_BEEP;
    std::string_view word = line.substr(found.begin);
    std::string common = CommonPrefix(found.candidates);
    if (common.size() > word.size() || (common != word && found.candidates.size() == 1)) {
      el_deletestr(edit_, Characters(word));
      el_insertstr(edit_, common.c_str());
      return CC_REFRESH;
    }
    if (found.candidates.size() == 1) return CC_REFRESH;
    std::fputs(Listed(found.candidates).c_str(), stdout);
    std::fflush(stdout);
    return CC_REDISPLAY;
  }

  static int Characters(std::string_view text) {
    return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    }));
  }

  Complete complete_;
  EditLine* edit_ = nullptr;
  History* history_ = nullptr;
  std::string prompt_;
  bool interrupted_ = false;
};

Result<std::unique_ptr<LineEditor>> LineEditor::Open(Complete complete) {
  auto editor = std::make_unique<Editor>(std::move(complete));
  if (!editor->Start()) return Unavailable("the terminal cannot be used for editing");
  return std::unique_ptr<LineEditor>(new LineEditor(std::move(editor)));
}

LineEditor::LineEditor(std::unique_ptr<Editor> editor) : editor_(std::move(editor)) {}
LineEditor::~LineEditor() = default;

LineEditor::End LineEditor::Read(const std::string& prompt, std::string* line) {
  return editor_->Read(prompt, line);
}
void LineEditor::Remember(const std::string& entry) {
  editor_->Remember(entry);
}

}  // namespace flare::terminal
