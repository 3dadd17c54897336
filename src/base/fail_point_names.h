#pragma once
#include <array>
#include <string_view>

namespace flare {

/// Every fail point there is: before and after each durable step. tests/crash/durable_steps.py says which files each
/// step may touch, and the scenarios fail_points.* fail when a run changes or syncs one outside of a step.
inline constexpr std::array kFailPointNames = {
    std::string_view("checkpoint.before_lock"), std::string_view("checkpoint.after_lock"),
    std::string_view("checkpoint.before_sync"), std::string_view("checkpoint.after_sync"),
    std::string_view("checkpoint.before_leftover"), std::string_view("checkpoint.after_leftover"),
    std::string_view("checkpoint.before_metadata"), std::string_view("checkpoint.after_metadata"),
    std::string_view("checkpoint.before_source_log"), std::string_view("checkpoint.after_source_log"),
    std::string_view("checkpoint.before_offsets"), std::string_view("checkpoint.after_offsets"),
    std::string_view("checkpoint.before_commits"), std::string_view("checkpoint.after_commits"),
    std::string_view("checkpoint.before_purge"), std::string_view("checkpoint.after_purge"),
    std::string_view("checkpoint.before_exchange"), std::string_view("checkpoint.after_exchange"),
    std::string_view("checkpoint.before_backup"), std::string_view("checkpoint.after_backup"),
    std::string_view("checkpoint.before_discard"), std::string_view("checkpoint.after_discard"),
    std::string_view("lake.before_table_folder"), std::string_view("lake.after_table_folder"),
    std::string_view("lake.before_table_sync"), std::string_view("lake.after_table_sync"),
    std::string_view("lake.before_data_files"), std::string_view("lake.after_data_files"),
    std::string_view("lake.before_manifest"), std::string_view("lake.after_manifest"),
    std::string_view("lake.before_manifest_list"), std::string_view("lake.after_manifest_list"),
    std::string_view("lake.before_metadata_swap"), std::string_view("lake.after_metadata_swap"),
    std::string_view("lake.before_metadata_file"), std::string_view("lake.after_metadata_file"),
    std::string_view("lake.before_catalog_swap"), std::string_view("lake.during_catalog_swap"),
    std::string_view("lake.after_catalog_swap"),
    std::string_view("lake.before_version_hint"), std::string_view("lake.after_version_hint"),
    std::string_view("lake.before_catalog_recovery"), std::string_view("lake.after_catalog_recovery"),
    std::string_view("lake.before_old_metadata"), std::string_view("lake.after_old_metadata"),
    std::string_view("lake.before_lost_metadata"), std::string_view("lake.after_lost_metadata"),
    std::string_view("lake.before_refused_try"), std::string_view("lake.after_refused_try"),
    std::string_view("lake.before_abort"), std::string_view("lake.after_abort"),
    std::string_view("lake.before_cleanup"), std::string_view("lake.after_cleanup"),
    std::string_view("lake.before_expiry_journal"), std::string_view("lake.after_expiry_journal"),
    std::string_view("lake.before_expire"), std::string_view("lake.after_expire"),
    std::string_view("lake.before_expired_file"), std::string_view("lake.after_expired_file"),
    std::string_view("lake.before_expired_sync"), std::string_view("lake.after_expired_sync"),
    std::string_view("lake.before_expiry_end"), std::string_view("lake.after_expiry_end"),
    std::string_view("lake.before_orphan"), std::string_view("lake.after_orphan"),
};

}  // namespace flare
