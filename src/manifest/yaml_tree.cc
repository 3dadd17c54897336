#include "manifest/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "manifest/raw_characters.h"

namespace flare::manifest {
namespace {

constexpr size_t kMaxDepth = 100;
constexpr size_t kMaxWeight = 100'000;

/// Stops the parser from inside a callback; never leaves this file.
struct Refused {
  size_t offset;
  std::string message;
  std::string hint;
};

size_t Offset(const YAML::Mark& mark) {
  return mark.pos < 0 ? 0 : static_cast<size_t>(mark.pos);
}

/// Builds the tree from the parser's events.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, Diagnostics* diagnostics)
      : source_(source), diagnostics_(diagnostics) {}

  YamlFile Take() { return std::move(file_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    // At a stray ] or } the parser reports empty documents forever without moving on.
    if (mark.pos == document_start_)
      throw Refused{Offset(mark), "this is not YAML: unexpected text", ""};
    document_start_ = mark.pos;
    open_.clear();
    anchors_.clear();
    root_ = nullptr;
  }
  void OnDocumentEnd() override {
    if (root_ != nullptr && !root_->is_null()) file_.documents.push_back(root_);
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add(Make(Node::Kind::kNull, mark, anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw Refused{Offset(mark), "an alias names an unknown anchor", ""};
    for (const auto& frame : open_) {
      if (frame.node == found->second) {
        throw Refused{Offset(mark), "an alias stands inside the value that it names",
                      "write the value out instead"};
      }
    }
    mark_ = Offset(mark);
    Add(found->second);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    NodePtr node = Make(Node::Kind::kScalar, mark, anchor);
    node->plain = tag != "!";
    node->text = value;
    node->written = value;
    if (node->plain && (value == "~" || value == "null" || value == "Null" || value == "NULL")) {
      if (!IsKey()) node->kind = Node::Kind::kNull;
    }
    Add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(Make(Node::Kind::kList, mark, anchor));
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(Make(Node::Kind::kMap, mark, anchor));
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    NodePtr node;
    bool has_key = false;
    std::string key;
    SourcePosition key_where;
    std::map<std::string, int> lines;  ///< of the keys so far
  };

  bool IsKey() const {
    return !open_.empty() && open_.back().node->is_map() && !open_.back().has_key;
  }

  NodePtr Make(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->offset = AfterProperties(Offset(mark));
    node->where = source_.At(node->offset);
    mark_ = node->offset;
    if (anchor != 0) anchors_[anchor] = node;
    file_.all_nodes.push_back(node);
    return node;
  }

  /// The parser's mark stands before an anchor or a tag; the value itself is meant.
  size_t AfterProperties(size_t offset) const {
    const std::string& text = source_.text();
    while (offset < text.size() && (text[offset] == '&' || text[offset] == '!')) {
      size_t end = text.find_first_of(" \t\n", offset);
      size_t next = end == std::string::npos ? end : text.find_first_not_of(" \t\n", end);
      if (next == std::string::npos) return offset;
      offset = next;
    }
    return offset;
  }

  void Open(NodePtr node) {
    if (open_.size() >= kMaxDepth) {
      throw Refused{node->offset,
                    fmt::format("values are nested more than {} levels deep", kMaxDepth), ""};
    }
    if (IsKey())
      throw Refused{node->offset, "a list or a map stands where a key is expected",
                    "quote the key if it begins with [ or {, as {{...}} placeholders do"};
    open_.push_back({std::move(node), false, {}, {}, {}});
  }
  void Close() {
    NodePtr node = open_.back().node;
    open_.pop_back();
    Add(std::move(node));
  }

  void Add(NodePtr node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = open_.back();
    if (frame.node->is_list()) {
      Weigh(*frame.node, *node);
      frame.node->items.push_back(std::move(node));
      return;
    }
    if (!frame.has_key) {
      TakeKey(frame, *node);
      return;
    }
    frame.has_key = false;
    Weigh(*frame.node, *node);
    if (frame.key == "<<") {
      Merge(frame, *node);
    } else {
      AddEntry(frame, std::move(node));
    }
  }

  void Weigh(Node& parent, const Node& child) {
    parent.weight += child.weight;
    if (parent.weight > kMaxWeight) {
      throw Refused{mark_,
                    fmt::format("the file has more than {} values once its aliases are written out",
                                kMaxWeight),
                    ""};
    }
  }

  void TakeKey(Frame& frame, const Node& key) {
    if (!key.is_scalar() && !key.is_null()) {
      throw Refused{key.offset, "a list or a map stands where a key is expected", ""};
    }
    frame.has_key = true;
    frame.key = key.text;
    frame.key_where = key.where;
  }

  void AddEntry(Frame& frame, NodePtr node) {
    auto [first, is_new] = frame.lines.emplace(frame.key, frame.key_where.line);
    if (!is_new) {
      diagnostics_->push_back(
          {Severity::kError, frame.key_where, "duplicate-key",
           fmt::format("key `{}` is given twice in one map", frame.key), "",
           fmt::format("one `{}`; the first is on line {}", frame.key, first->second), ""});
      return;
    }
    frame.node->entries.push_back({frame.key, frame.key_where, std::move(node)});
  }

  /// `<<: *defaults`: keys of the other map that this one has not (keys written later still win).
  void Merge(Frame& frame, const Node& other) {
    std::vector<const Node*> maps;
    if (other.is_map()) maps.push_back(&other);
    for (const auto& item : other.items) {
      if (item->is_map()) maps.push_back(item.get());
    }
    if (maps.empty()) throw Refused{mark_, "`<<` merges maps; this is none", "write `<<: *anchor`"};
    for (const Node* map : maps) {
      for (const auto& entry : map->entries) merged_[frame.node.get()].push_back(entry);
    }
  }

 public:
  void FinishMerges() {
    for (auto& [node, entries] : merged_) {
      for (auto& entry : entries) {
        if (node->Find(entry.key) == nullptr) node->entries.push_back(entry);
      }
    }
  }

 private:
  const SourceText& source_;
  Diagnostics* diagnostics_;
  YamlFile file_;
  NodePtr root_;
  std::vector<Frame> open_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
  std::map<Node*, std::vector<Entry>> merged_;
  size_t mark_ = 0;
  int document_start_ = -1;
};

/// A sentence for what the YAML parser stumbled over: its own words, and what usually causes it.
Diagnostic BrokenYaml(const SourceText& source, const YAML::Mark& mark, const std::string& words) {
  SourcePosition where = source.At(Offset(mark));
  Diagnostic diagnostic{Severity::kError, where, "broken-yaml", "", "", "", ""};
  diagnostic.message =
      "this is not YAML: " + (words.empty() ? std::string("unexpected text") : words);
  std::string_view line = source.Line(where.line);
  size_t first = line.find_first_not_of(' ');
  if (first != std::string_view::npos && line[first] == '\t') {
    diagnostic.message = "this is not YAML: a tab is used for indentation";
    diagnostic.where.column = static_cast<int>(first) + 1;
    diagnostic.hint = "indent with spaces";
  } else if (words.find("flow") != std::string::npos) {
    diagnostic.hint = "a [ or { before this is not closed; look at the end of its line";
  } else if (words.find("end of map") != std::string::npos ||
             words.find("end of sequence") != std::string::npos) {
    diagnostic.hint =
        "look at the indentation here and on the line above: keys of one map, and the dashes "
        "of one list, start in the same column";
  } else if (words.find("illegal map value") != std::string::npos) {
    diagnostic.hint =
        "a value that holds `: ` must be quoted, and a key may have one value only; look at "
        "the indentation too";
  } else if (words.find("invalid scalar") != std::string::npos ||
             words.find("EOF") != std::string::npos ||
             words.find("end of file") != std::string::npos) {
    diagnostic.hint = "a quote or a bracket may be missing its partner";
  } else if (words.find("token") != std::string::npos) {
    diagnostic.hint = "a value that starts with one of @ ` % must be quoted";
  }
  return diagnostic;
}

}  // namespace

const Node* Node::Find(std::string_view key) const {
  for (const auto& entry : entries) {
    if (entry.key == key) return entry.value.get();
  }
  return nullptr;
}

bool Node::HasUnresolved() const {
  return unresolved ||
         std::any_of(items.begin(), items.end(),
                     [](const NodePtr& item) { return item->HasUnresolved(); }) ||
         std::any_of(entries.begin(), entries.end(),
                     [](const Entry& entry) { return entry.value->HasUnresolved(); });
}

std::string Node::Describe() const {
  switch (kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map";
    case Kind::kScalar:
      break;
  }
  std::string shown = text.substr(0, text.find('\n'));
  if (shown.size() > 60) {
    size_t end = 57;
    while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0u) == 0x80u) --end;
    shown = shown.substr(0, end) + "...";
  } else if (shown.size() < text.size()) {
    shown += "...";
  }
  return plain ? shown : '"' + shown + '"';
}

/// The parser takes an open quote's text to the end of the file without complaint; only the last
/// quoted value can be one.
void CheckLastQuote(const SourceText& source, const YamlFile& file, Diagnostics* diagnostics) {
  const Node* last = nullptr;
  for (const auto& node : file.all_nodes) {
    bool quoted = node->is_scalar() && !node->plain && node->offset < source.text().size() &&
                  (source.text()[node->offset] == '"' || source.text()[node->offset] == '\'');
    if (quoted && (last == nullptr || node->offset > last->offset)) last = node.get();
  }
  if (last == nullptr || IsClosed(source.text(), last->offset, last->written)) return;
  diagnostics->push_back(
      {Severity::kError, last->where, "broken-yaml",
       fmt::format("this is not YAML: the quote {} is never closed", source.text()[last->offset]),
       "", "", "the text from here to the end of the file belongs to it"});
}

YamlFile ParseYaml(const SourceText& source, Diagnostics* diagnostics) {
  TreeBuilder builder(source, diagnostics);
  try {
    std::istringstream stream(source.text());
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    diagnostics->push_back(BrokenYaml(source, error.mark, error.msg));
  } catch (const Refused& refused) {
    diagnostics->push_back({Severity::kError, source.At(refused.offset), "broken-yaml",
                            refused.message, "", "", refused.hint});
  } catch (const std::exception& error) {
    diagnostics->push_back({Severity::kError,
                            {source.file(), 1, 1},
                            "broken-yaml",
                            fmt::format("this is not YAML: {}", error.what()),
                            "",
                            "",
                            ""});
  }
  builder.FinishMerges();
  YamlFile file = builder.Take();
  CheckLastQuote(source, file, diagnostics);
  return file;
}

}  // namespace flare::manifest
