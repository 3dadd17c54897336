// Damage that verification must see, and names for what it cannot know: real logs, real tables.
#include "verify/job_fixture.h"

namespace flare::verify {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class VerifyLogs : public JobFixture {
 protected:
  std::string Wrong() { return Texts(Verify(), Verdict::kContradicted); }
  void Remove(const std::string& log, int64_t batch) {
    ASSERT_THAT(files_.Remove(fmt::format("{}/{}/{}", logs_, log, batch)), IsOk());
  }
};
class VerifyTable : public JobFixture {};
class VerifyRows : public JobFixture {};

TEST_F(VerifyLogs, ASoundJobIsProven) {
  RunTo(2);
  Report report = Verify();
  EXPECT_FALSE(report.Has(Verdict::kContradicted)) << report.ToText();
  EXPECT_FALSE(report.Has(Verdict::kUnproven)) << report.ToText();
  EXPECT_THAT(Texts(report, Verdict::kProven),
              AllOf(HasSubstr("logged 0 to 2, committed 0 to 2"), HasSubstr("each batch starts where the one before ended"),
                    HasSubstr("each batch of the query at most once: 0 to 2"), HasSubstr("3 batches cover the offsets"),
                    HasSubstr("3 batches that the checkpoint calls committed are there"),
                    HasSubstr("no record is there twice: 300 rows"), HasSubstr("lies in that batch's range"),
                    HasSubstr("no record is missing: all 300 offsets of the 3 logged batches")));
}

TEST_F(VerifyLogs, AnEmptyCheckpointProvesNothingWrong) {
  Report report = Verify();
  EXPECT_FALSE(report.Has(Verdict::kContradicted)) << report.ToText();
  EXPECT_THAT(Texts(report, Verdict::kNote), HasSubstr("no batch was ever logged"));
  EXPECT_THAT(Texts(report, Verdict::kProven), Not(HasSubstr("record")));
}

TEST_F(VerifyLogs, AGapInTheOffsetsIsNamed) {
  RunTo(3);
  Remove("offsets", 1);
  EXPECT_THAT(Wrong(), AllOf(HasSubstr("offsets/ holds batches up to 3 but not 1")));
}

TEST_F(VerifyLogs, AGapInTheCommitsIsNamed) {
  RunTo(3);
  Remove("commits", 1);
  EXPECT_THAT(Wrong(), HasSubstr("commits/ holds batches up to 3 but not 1"));
}

TEST_F(VerifyLogs, CommitsAheadOfOffsetsAreNamed) {
  RunTo(2);
  Remove("offsets", 2);
  EXPECT_THAT(Wrong(), AllOf(HasSubstr("commits/ is ahead of offsets/: batch 2 is committed but the last logged batch is 1"),
                             HasSubstr("it holds batch 2, but the checkpoint only knows batches up to 1")));
}

TEST_F(VerifyLogs, WithoutMetadataNothingIsClaimedAboutTheTable) {
  RunTo(1);
  ASSERT_THAT(files_.Remove(logs_ + "/metadata"), IsOk());
  Report report = Verify();
  std::string wrong = Texts(report, Verdict::kContradicted);
  EXPECT_THAT(wrong, HasSubstr("the file metadata is missing although batches were logged"));
  EXPECT_THAT(wrong, Not(HasSubstr("table:"))) << "its batches are there, only the name of the query is not";
  EXPECT_THAT(Texts(report, Verdict::kUnproven), AllOf(HasSubstr("table: its batches"), HasSubstr("table: its rows")));
  EXPECT_THAT(Texts(report, Verdict::kProven), Not(HasSubstr("table:")));
}

TEST_F(VerifyLogs, OffsetsThatGoBackOrCannotBeReadAreNamed) {
  Log(0);
  Log(1, Offsets(50));
  EXPECT_THAT(Wrong(), HasSubstr("t-0 goes back from offset 100 in batch 0 to 50 in batch 1"));
  ASSERT_THAT(files_.Replace(logs_ + "/offsets/1", "v1"), IsOk());
  EXPECT_THAT(Wrong(), HasSubstr("offsets/1 cannot be read"));
}

TEST_F(VerifyTable, ABatchWithoutItsMarkIsMissing) {
  Run(0);
  Log(1);
  Settle(1);
  Run(2);
  EXPECT_THAT(Texts(Verify(), Verdict::kContradicted),
              HasSubstr("table: the checkpoint calls the batches 1 committed, but they are not in its history"));
}

TEST_F(VerifyTable, AMarkOverAnotherRangeIsNamed) {
  Run(0);
  Log(1, Offsets(150));
  Put(1);  // says 100 to 200
  Settle(1);
  EXPECT_THAT(Texts(Verify(), Verdict::kContradicted),
              AllOf(HasSubstr(R"(batch 1 covers [{"t":{"0":100}}] to [{"t":{"0":200}}] in the table)"),
                    HasSubstr(R"(but [{"t":{"0":100}}] to [{"t":{"0":150}}] in the checkpoint)"),
                    HasSubstr("batch 1 has offsets 100 to 199 of t-0, outside its range 100 to 149")));
}

TEST_F(VerifyTable, AMarkAheadOfTheLogsIsNamed) {
  RunTo(1);
  Put(2);
  EXPECT_THAT(Texts(Verify(), Verdict::kContradicted), HasSubstr("it holds batch 2, but the checkpoint only knows batches up to 1"));
}

TEST_F(VerifyTable, AnUnfinishedBatchIsNoContradiction) {
  Run(0);
  Log(1);
  Report before = Verify();
  EXPECT_FALSE(before.Has(Verdict::kContradicted)) << before.ToText();
  EXPECT_THAT(Texts(before, Verdict::kNote), HasSubstr("the unfinished batch 1 is not in it"));
  Put(1);
  Report after = Verify();
  EXPECT_FALSE(after.Has(Verdict::kContradicted)) << after.ToText();
  EXPECT_THAT(Texts(after, Verdict::kNote), HasSubstr("the unfinished batch 1 is in it already"));
}

TEST_F(VerifyTable, ABatchThatWasCommittedTwiceIsNamed) {
  RunTo(0);
  // Whoever restores a backup of both and runs again ends here: a second snapshot of the same batch.
  lake::CommitRequest request;
  request.summary = {{connector::iceberg::kQueryIdKey, InfoOf(0).token.query_id}, {connector::iceberg::kEpochIdKey, "0"}};
  request.name = "again";
  lake::DirectoryTable table(&files_, table_);
  ASSERT_EQ(lake::Commit(table, std::nullopt, request, &files_, &clock()).outcome, lake::CommitResult::Outcome::kCommitted);
  EXPECT_THAT(Texts(Verify(), Verdict::kContradicted), HasSubstr("batch 0 was committed twice"));
}

TEST_F(VerifyTable, ExpiredHistoryIsNotProvenAndNotWrong) {
  RunTo(3);
  ExpireHistory();
  Report report = Verify();
  EXPECT_FALSE(report.Has(Verdict::kContradicted)) << report.ToText();
  EXPECT_THAT(Texts(report, Verdict::kUnproven), HasSubstr("whether the batches 0, 1, 2 are there: their snapshots were expired"));
  EXPECT_THAT(Texts(report, Verdict::kProven),
              AllOf(HasSubstr("1 batches that the checkpoint calls committed"), HasSubstr("no record is missing: all 400")));
}

TEST_F(VerifyTable, BatchesOfForeachBatchCannotBeProven) {
  Log(0, "", false);
  Settle(0);
  Report report = Verify();
  EXPECT_FALSE(report.Has(Verdict::kContradicted)) << report.ToText();
  EXPECT_THAT(Texts(report, Verdict::kUnproven), HasSubstr("Spark wrote them and left no mark (foreachBatch)"));
}

TEST_F(VerifyRows, LostRowsAreToldByBatch) {
  Run(0);
  Run(1, Rows(100, 150));
  Run(2);
  Report report = Verify();
  EXPECT_FALSE(report.Has(Verdict::kContradicted)) << report.ToText();
  EXPECT_THAT(Texts(report, Verdict::kUnproven),
              AllOf(HasSubstr("whether a record is missing: 50 of the 300 offsets"), HasSubstr("(batch 1 has 50 of its 100 of t-0)")));
}

TEST_F(VerifyRows, ALostDataFileIsNamed) {
  RunTo(1);
  std::string lost = PathOf(0);
  ASSERT_THAT(files_.Remove(lost), IsOk());
  EXPECT_THAT(Texts(Verify(), Verdict::kContradicted), HasSubstr("1 of 2 are gone, the first is " + lost));
}

TEST_F(VerifyRows, RepeatsInOneBatchMayBeASteps) {
  Run(0, RowsOf(0) + " UNION ALL " + Rows(0, 10));
  Report report = Verify();
  EXPECT_FALSE(report.Has(Verdict::kContradicted)) << report.ToText();
  EXPECT_THAT(Texts(report, Verdict::kUnproven), HasSubstr("whether batch 0 has each record of t-0 once: 10 of the 110 rows repeat an offset"));
  EXPECT_THAT(Texts(report, Verdict::kProven), Not(HasSubstr("no record is there twice")));
}

TEST_F(VerifyRows, RowsOfAnEarlierBatchAreFoundInALaterOne) {
  RunTo(1);
  Run(2, RowsOf(2) + " UNION ALL " + Rows(10, 20));
  std::string wrong = Texts(Verify(), Verdict::kContradicted);
  EXPECT_THAT(wrong, AllOf(HasSubstr("records of t-0 are there twice: batch 1 reaches offset 199, batch 2 has offset 10"),
                           HasSubstr("batch 2 has offsets 10 to 299 of t-0, outside its range 200 to 299")));
}

TEST_F(VerifyRows, ABatchBehindALongOneIsHeldAgainstIt) {
  Run(0, Rows(0, 300));
  Run(1, Rows(100, 110));
  Run(2, Rows(200, 210));  // behind batch 1, and still among batch 0's
  EXPECT_THAT(Texts(Verify(), Verdict::kContradicted), HasSubstr("batch 0 reaches offset 299, batch 2 has offset 200"));
}

TEST_F(VerifyRows, OneFileAddedTwiceIsDoubled) {
  RunTo(1);
  CommitFiles({Entry(PathOf(0))});
  Report report = Verify();
  EXPECT_THAT(Texts(report, Verdict::kContradicted), AllOf(HasSubstr("records are there 2 times: the data file"), HasSubstr(PathOf(0))));
  EXPECT_THAT(Texts(report, Verdict::kProven), Not(HasSubstr("no record is there twice")));
}

TEST_F(VerifyRows, TwoAttemptsAtOneBatchAreDoubled) {
  Run(0, "SELECT * FROM (" + RowsOf(0) + ") WHERE c2 < 50");
  std::string first = PathOf(0);
  // The other attempt filtered otherwise: no offset repeats, and still one of them is too many.
  auto staged = [&] {
    EXPECT_THAT(connection_->Execute("CREATE OR REPLACE VIEW step AS " + Rows(50, 100)), IsOk());
    return sink_->Stage(InfoOf(0), *connection_, "step").value();
  }();
  std::string second;
  for (const auto& name : FilesIn("data")) {
    if (table_ + "/data/" + name != first) second = table_ + "/data/" + name;
  }
  CommitFiles({Entry(second, 50)});
  EXPECT_THAT(Texts(Verify(), Verdict::kContradicted), HasSubstr("batch 0 is in it from 2 attempts"));
}

TEST_F(VerifyRows, TheSameRecordsByAnotherWriterAreTold) {
  RunTo(2);
  CommitFiles(FileOf(Rows(120, 140)));
  Report report = Verify();
  EXPECT_FALSE(report.Has(Verdict::kContradicted)) << report.ToText();
  EXPECT_THAT(Texts(report, Verdict::kUnproven),
              HasSubstr("whether each record of t-0 is there once: 20 records, offsets 120 to 139, are in files of this query and in "
                        "files of another writer as well"));
  EXPECT_THAT(Texts(report, Verdict::kProven), AllOf(Not(HasSubstr("no record is there twice")), HasSubstr("no record is missing")));
  EXPECT_THAT(Texts(report, Verdict::kNote), HasSubstr("1 data files are of other writers"));
}

TEST_F(VerifyRows, RowsOfOtherTopicsByAnotherWriterAreFine) {
  RunTo(0);
  CommitFiles(FileOf(Rows(0, 100, 0, "other")));
  Report report = Verify();
  EXPECT_FALSE(report.Has(Verdict::kContradicted) || report.Has(Verdict::kUnproven)) << report.ToText();
}

TEST_F(VerifyRows, ACompactedTableIsStillProven) {
  RunTo(2);
  CommitFiles(FileOf(Rows(0, 300)), lake::WriteMode::kReplaceAll);
  Run(3);
  Report report = Verify();
  EXPECT_FALSE(report.Has(Verdict::kContradicted) || report.Has(Verdict::kUnproven)) << report.ToText();
  EXPECT_THAT(Texts(report, Verdict::kProven), AllOf(HasSubstr("no record is there twice: 400 rows"), HasSubstr("all 400 offsets")));
  EXPECT_THAT(Texts(report, Verdict::kNote), HasSubstr("1 data files are of other writers or were rewritten since"));
}

TEST_F(VerifyRows, ACompactionThatDoubledRowsIsNotProven) {
  RunTo(1);
  CommitFiles(FileOf(Rows(0, 200) + " UNION ALL " + Rows(0, 5)), lake::WriteMode::kReplaceAll);
  Report report = Verify();
  EXPECT_THAT(Texts(report, Verdict::kUnproven), HasSubstr("5 of the 205 rows repeat an offset"));
}

TEST_F(VerifyRows, ACompactionThatLostRowsIsNotProven) {
  RunTo(1);
  CommitFiles(FileOf(Rows(0, 190)), lake::WriteMode::kReplaceAll);
  EXPECT_THAT(Texts(Verify(), Verdict::kUnproven), HasSubstr("whether a record is missing: 10 of the 200 offsets"));
}

TEST_F(VerifyRows, APartitionThatWasNotLoggedIsWrong) {
  Run(0, RowsOf(0) + " UNION ALL " + Rows(0, 5, 7));
  Report report = Verify();
  EXPECT_THAT(Texts(report, Verdict::kContradicted), HasSubstr("batch 0 has 5 rows of t-7, which is not among what was logged for it"));
}

TEST_F(VerifyRows, ATopicThatAStepRenamedProvesNothing) {
  Run(0, Rows(0, 100, 0, "renamed"));
  Report report = Verify();
  EXPECT_FALSE(report.Has(Verdict::kContradicted)) << report.ToText();
  EXPECT_THAT(Texts(report, Verdict::kUnproven), HasSubstr("batch 0 has 100 rows of renamed-0, which is not among what was logged"));
  EXPECT_THAT(Texts(report, Verdict::kProven), Not(HasSubstr("lies in that batch's range")));
}

TEST_F(VerifyRows, WithoutKafkasColumnsRowsProveNothing) {
  table_ = folder_ + "/db/plain";
  auto plain = NewSink();
  ASSERT_THAT(plain->Open({{"topic", sql::Type(sql::TypeId::kString), true, ""}, {"offset", sql::Type(sql::TypeId::kString), true, ""}}), IsOk());
  Log(0);
  ASSERT_THAT(Write(*plain, InfoOf(0), "SELECT 't' AS c0, '5' AS c1"), IsOk());
  Settle(0);
  Report report = Verify();
  EXPECT_FALSE(report.Has(Verdict::kContradicted)) << report.ToText();
  EXPECT_THAT(Texts(report, Verdict::kUnproven), HasSubstr("its rows: it has no columns topic, partition and offset"));
}

}  // namespace
}  // namespace flare::verify
