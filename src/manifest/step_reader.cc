#include <fmt/format.h>

#include "manifest/file_text.h"
#include "manifest/interpolate.h"
#include "manifest/job_draft.h"
#include "manifest/sql_text.h"

namespace flare::manifest {
namespace {

/// Puts variables into SQL. Those without a value were reported with the rest of the file.
std::function<std::string(const std::string&)> Replacer(const ReadContext& context, bool is_file) {
  const LoadOptions& options = context.options;
  if (!options.interpolate || is_file) return [](const std::string& line) { return line; };
  return [&options](const std::string& line) {
    Interpolated result = Interpolate(line, options.variables);
    if (result.unset.empty() || !options.allow_unset) return result.text;
    auto variables = options.variables;
    for (const auto& name : result.unset) variables.emplace(name, "");
    return Interpolate(line, variables).text;
  };
}

FunctionArgument ReadArgument(const Entry& entry, const std::string& path, Reporter* reporter) {
  FunctionArgument argument;
  argument.name = entry.key;
  argument.where = entry.value->where;
  if (entry.value->is_list()) {
    argument.shape = FunctionArgument::kList;
    argument.list = AsTexts(*entry.value, path, reporter);
  } else if (entry.value->is_map()) {
    argument.shape = FunctionArgument::kMap;
    argument.map = AsPairs(*entry.value, path, reporter);
  } else {
    argument.scalar = {entry.value->text, entry.value->where};
  }
  return argument;
}

StepFunction ReadFunction(const Node& node, const std::string& path, Reporter* reporter) {
  StepFunction function;
  function.where = node.where;
  for (const auto& entry : node.entries) {
    if (entry.key == "name") {
      function.name = AsText(*entry.value, path + ".name", reporter).value_or(Text{});
    } else {
      function.arguments.push_back(ReadArgument(entry, path + "." + entry.key, reporter));
    }
  }
  if (function.name->empty()) {
    reporter->Error(node.where, "missing-key", fmt::format("`{}.name` is missing", path), "",
                    "the function's name, such as drop, rename or set_type");
  }
  return function;
}

void ReadSqlFileInto(const Text& file, const std::string& path, const ReadContext& context,
                     Step* step) {
  auto bytes = ReadTextFile(BesideFile(file.value, context.source.file()));
  if (!bytes) {
    context.reporter->Error(file.where, "no-sql-file",
                            fmt::format("`{}`: {}", path, bytes.error().message()), "",
                            "a path relative to the manifest's folder, or an absolute one");
    return;
  }
  Diagnostics mistakes;
  auto source = SourceText::Make(*bytes, BesideFile(file.value, context.source.file()), &mistakes);
  for (const auto& mistake : mistakes) {
    context.reporter->Error(mistake.where, mistake.code, mistake.message, mistake.found,
                            mistake.expected, mistake.hint);
  }
  if (!source) return;
  SqlText sql = ReadSqlFile(*source, Replacer(context, true));
  step->sql = std::move(sql.text);
  step->sql_places = std::move(sql.places);
}

void ReadStep(const Node& node, const std::string& path, const ReadContext& context,
              JobDraft* draft) {
  Reporter* reporter = context.reporter;
  MapReader reader(&node, path, reporter);
  Step step;
  step.where = node.where;
  step.name = reader.NeedText("name", "name the step; later steps and outputs refer to it");
  const Node* sql_node = reader.Take("sql");
  Text sql_file = reader.TakeText("sqlFile");
  if (sql_node != nullptr && AsText(*sql_node, reader.Path("sql"), reporter)) {
    SqlText sql = ReadSqlText(*sql_node, context.source, Replacer(context, false));
    step.sql = std::move(sql.text);
    step.sql_places = std::move(sql.places);
  } else if (!sql_file->empty()) {
    ReadSqlFileInto(sql_file, reader.Path("sqlFile"), context, &step);
  }
  if (reader.Take("classpath") != nullptr) {
    reporter->Error(
        reader.KeyPlace("classpath"), "not-portable",
        fmt::format("`{}` names a JVM class, which cannot be run here", reader.Path("classpath")),
        "", "the same in `sql`");
  } else if (sql_node == nullptr && sql_file->empty()) {
    reporter->Error(node.where, "missing-key", fmt::format("step `{}` has no `sql`", *step.name),
                    "", "sql: SELECT ... FROM <input or earlier step>");
  }
  auto functions = reader.TakeMaps("functions");
  for (size_t i = 0; i < functions.size(); ++i) {
    step.functions.push_back(
        ReadFunction(*functions[i], fmt::format("{}[{}]", reader.Path("functions"), i), reporter));
  }
  step.doc = reader.TakeText("doc").value;
  reader.Accept({"commands", "params"});
  reader.Finish();
  draft->job.steps.push_back(std::move(step));
}

/// The old way to name an output's view: `sink` beside `sequence`, its `outputName` naming an
/// output that holds the depot alone.
void ReadSink(const Node& node, const std::string& path, const ReadContext& context,
              JobDraft* draft) {
  MapReader reader(&node, path, context.reporter);
  Text view = reader.NeedText("sequenceName", "the step to write");
  Text dataset = reader.TakeText("datasetName");
  Text name = reader.NeedText("outputName", "the output to write to");
  Text type = reader.TakeText("outputType");
  Output* output = nullptr;
  for (auto& candidate : draft->job.outputs) {
    if (candidate.name.value == name.value) output = &candidate;
  }
  if (output == nullptr) {
    if (!name->empty()) {
      std::vector<std::string> names;
      for (const auto& candidate : draft->job.outputs) names.push_back(candidate.name.value);
      context.reporter->Error(name.where, "unknown-output",
                              fmt::format("`{}` names no output", reader.Path("outputName")),
                              name.value, fmt::format("{}", fmt::join(names, ", ")));
    }
    reader.Accept({"outputOptions", "title", "description", "tags"});
    return;
  }
  output->name = view;
  if (!dataset->empty() && !output->dataset->empty()) {
    auto parts = ParseAddress(output->dataset.value);
    std::string& address = output->dataset.value;
    if (parts && parts->dataset.empty()) {
      size_t at = std::min(address.find('?'), address.size());
      bool slash = at > 0 && address[at - 1] == '/';
      address.insert(at, (slash ? "" : "/") + dataset.value);
    }
  }
  if (output->format->empty()) output->format = type;
  for (char& c : output->format.value)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (const Node* options = reader.Take("outputOptions")) {
    ReadOutputOptions(*options, reader.Path("outputOptions"), context, output, draft);
  }
  output->title = reader.TakeText("title").value;
  output->description = reader.TakeText("description").value;
  output->tags = reader.TakeStrings("tags");
  reader.Finish();
}

}  // namespace

void ReadSteps(const Node& node, const ReadContext& context, JobDraft* draft) {
  std::string path = draft->job_path + ".steps";
  if (!node.is_list())
    return context.reporter->WrongShape(node, path, "a list of `sequence:` maps");
  for (size_t i = 0; i < node.items.size(); ++i) {
    MapReader item(node.items[i].get(), fmt::format("{}[{}]", path, i), context.reporter);
    auto steps = item.TakeMaps("sequence");
    for (size_t j = 0; j < steps.size(); ++j) {
      ReadStep(*steps[j], fmt::format("{}[{}]", item.Path("sequence"), j), context, draft);
    }
    auto sinks = item.TakeMaps("sink");
    if (!sinks.empty()) {
      context.reporter->Warn(
          item.KeyPlace("sink"), "deprecated",
          fmt::format("`{}` is the old way to name an output's step", item.Path("sink")), "",
          "the step's name as the output's name, and a dataset there");
    }
    for (size_t j = 0; j < sinks.size(); ++j) {
      ReadSink(*sinks[j], fmt::format("{}[{}]", item.Path("sink"), j), context, draft);
    }
    item.Finish();
  }
}

}  // namespace flare::manifest
