#include "cli/world.h"

#include <filesystem>
#include <system_error>

#include "cli/connectors.h"
#include "io/file_system.h"
#include "manifest/source_text.h"

namespace flare::cli {
namespace {

namespace fs = std::filesystem;

bool IsName(std::string_view name) {
  auto letter = [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (name.empty() || !letter(name[0])) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string_view Trim(std::string_view text) {
  size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

bool IsFolder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool SameFolder(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

std::string Variable(const Host& host, const std::string& name) {
  auto found = host.environment.find(name);
  return found == host.environment.end() ? "" : found->second;
}

/// `$xdg`, else `$HOME/rest`; "" when neither is set.
std::string UserFolder(const Host& host, const std::string& xdg, const std::string& rest) {
  if (std::string folder = Variable(host, xdg); !folder.empty() && folder[0] == '/') return folder;
  std::string home = Variable(host, "HOME");
  return home.empty() ? "" : io::JoinPath(home, rest);
}

/// The value behind the equals sign: quotes off, a comment behind blanks off when there are no
/// quotes.
Result<std::string> EnvValue(std::string_view text, const std::string& place) {
  if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
    size_t end = text.find(text[0], 1);
    if (end == std::string_view::npos) return InvalidArgument("{}: the quote is not closed", place);
    std::string_view rest = Trim(text.substr(end + 1));
    if (!rest.empty() && rest[0] != '#')
      return InvalidArgument("{}: text behind the closing quote", place);
    return std::string(text.substr(1, end - 1));
  }
  size_t comment = text.find(" #");
  return std::string(Trim(text.substr(0, comment)));
}

}  // namespace

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  fs::path absolute = fs::absolute(path, error);
  if (error) return path;
  std::string text = absolute.lexically_normal().string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

Result<std::map<std::string, std::string>> ParseEnvFile(std::string_view text,
                                                        const std::string& path) {
  Diagnostics no_text;
  auto source = manifest::SourceText::Make(text, path, &no_text);
  if (!source) {
    const Diagnostic& first = no_text.front();
    return InvalidArgument("{}:{}:{}: {}", path, first.where.line, first.where.column, first.message);
  }
  text = source->text();
  std::map<std::string, std::string> variables;
  int line_number = 0;
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line_number;
    if (line.empty() || line[0] == '#') continue;
    if (line.starts_with("export ")) line = Trim(line.substr(7));
    std::string place = fmt::format("{}:{}", path, line_number);
    size_t equals = line.find('=');
    std::string_view name = Trim(line.substr(0, equals));
    if (equals == std::string_view::npos || !IsName(name)) {
      return InvalidArgument("{}: expected NAME=VALUE", place);
    }
    ASSIGN_OR_RETURN(variables[std::string(name)], EnvValue(Trim(line.substr(equals + 1)), place));
  }
  return variables;
}

Result<std::map<std::string, std::string>> MergeVariables(const WorldArguments& arguments,
                                                          const Host& host) {
  auto variables = host.environment;
  if (!arguments.env_file.empty()) {
    auto text = io::LocalFileSystem().Read(AbsolutePath(arguments.env_file));
    if (!text) return std::move(text).error().With("while reading --env-file");
    ASSIGN_OR_RETURN(auto from_file, ParseEnvFile(*text, arguments.env_file));
    for (auto& [name, value] : from_file) variables[name] = std::move(value);
  }
  for (const auto& given : arguments.variables) {
    size_t equals = given.find('=');
    std::string name = given.substr(0, equals);
    if (equals == std::string::npos) {
      return InvalidArgument("-e \"{}\" has no value: write -e {}=VALUE", given,
                             IsName(name) ? name : "NAME");
    }
    if (!IsName(name))
      return InvalidArgument("-e \"{}\": a variable's name has letters, digits and _", given);
    variables[name] = given.substr(equals + 1);
  }
  return variables;
}

Result<std::string> LakehouseFolder(const WorldArguments& arguments, const Host& host) {
  if (!arguments.lakehouse.empty()) return AbsolutePath(arguments.lakehouse);
  if (std::string folder = Variable(host, "FLARE_LAKEHOUSE"); !folder.empty())
    return AbsolutePath(folder);
  std::string data = UserFolder(host, "XDG_DATA_HOME", ".local/share");
  if (data.empty()) {
    return InvalidArgument(
        "there is no place for the lakehouse: give --lakehouse DIR, or set FLARE_LAKEHOUSE or "
        "HOME");
  }
  return io::JoinPath(data, "flare/lakehouse");
}

Result<std::vector<std::string>> ResourceFolders(const WorldArguments& arguments,
                                                 const Host& host) {
  std::vector<std::string> folders;
  for (const auto& folder : arguments.resources) {
    if (!IsFolder(folder))
      return InvalidArgument("--resources {}: there is no such folder", folder);
    folders.push_back(folder);
  }
  std::vector<std::string> usual = {"flare.d"};
  std::string config = UserFolder(host, "XDG_CONFIG_HOME", ".config");
  if (!config.empty()) usual.push_back(io::JoinPath(config, "flare"));
  for (const auto& folder : usual) {
    // One that was given as well must not be read twice: its depots would seem to be there twice.
    bool known = std::any_of(folders.begin(), folders.end(),
                             [&](const auto& other) { return SameFolder(other, folder); });
    if (IsFolder(folder) && !known) folders.push_back(folder);
  }
  return folders;
}

Result<World> OpenWorld(const WorldArguments& arguments, const Host& host) {
  World world;
  ASSIGN_OR_RETURN(world.variables, MergeVariables(arguments, host));
  ASSIGN_OR_RETURN(world.lakehouse, LakehouseFolder(arguments, host));
  ASSIGN_OR_RETURN(auto folders, ResourceFolders(arguments, host));
  world.resources = manifest::Resources::Load(folders, world.lakehouse, world.variables,
                                              &world.resource_diagnostics);
  world.registry = Connectors();
  return world;
}

}  // namespace flare::cli
