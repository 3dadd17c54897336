#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "connector/kafka/offsets.h"

namespace flare::connector::kafka {

/// A topic's name and the id that its broker gave it when it was made: a topic that is deleted and
/// made anew under its name gets another one. A topic whose id is not known (brokers before 2.8) is
/// not in it.
using TopicIds = std::map<std::string, std::string>;

/// The topics of some partitions.
std::set<std::string> TopicsOf(const Offsets& offsets);
std::set<std::string> TopicsOf(const Partitions& partitions);

/// Those of `topics` that have another id now than before. One whose id is unknown before or now is
/// none.
std::set<std::string> MadeAnew(const TopicIds& before, const TopicIds& now,
                               const std::set<std::string>& topics);
/// The topics that have the same id before and now.
std::set<std::string> Proven(const TopicIds& before, const TopicIds& now);
/// What remains of the offsets without those topics.
Offsets Without(Offsets offsets, const std::set<std::string>& topics);

/// Which topics a position counts in, and what its batch made of topics that changed.
struct Incarnation {
  TopicIds ids;
  std::set<std::string>
      anew;  ///< made anew before the batch was planned: it reads them from their beginning

  bool operator==(const Incarnation&) const = default;
};

/// One line: `{"ids":{"orders":"x5kz..."}}`, and `"anew":["orders"]` where there are such; "" when
/// nothing is known.
std::string FormatIncarnation(const Incarnation& incarnation);
/// Reads that line. Errors: InvalidArgument.
Result<Incarnation> ParseIncarnation(std::string_view text);

/// "topic orders was deleted and made anew: its id was x5kz... and is y7.. now", without the ids
/// where they do not differ: a run that goes on with such a batch knows the new one only.
std::string TellMadeAnew(const std::string& topic, const TopicIds& before, const TopicIds& now);

}  // namespace flare::connector::kafka
