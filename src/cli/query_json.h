#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/buffered.h"
#include "cli/sql_session.h"

namespace flare::cli {

/// Appends `"names": [...], "types": [...], "rows": [...], "typed": [...]`: types as Spark's simple
/// strings, each row once as its values' casts to text and once as typed JSON
/// (engine/typed_json.h). The rows are kept in a temporary table of the session meanwhile, so that
/// an error shows before anything is printed.
Status AppendAnswer(SqlSession& session, const SqlAnswer& answer, Buffered* out);

/// `"error_class": ..., "sqlstate": ..., "phase": "parse|analysis|execution", "message": ...`; the state where Spark
/// has one.
std::string ErrorMembers(const Diagnostic& mistake);
std::string ErrorMembers(const Error& error);

}  // namespace flare::cli
