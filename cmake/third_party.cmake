# Third-party code, by the short names that tools/layers.txt uses. Debian packages are found by
# find_package or pkg-config; what Debian lacks lies in .deps/, put there by tools/deps (pinned).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(simdjson REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(edit REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(rdkafka_needs REQUIRED IMPORTED_TARGET libsasl2 libzstd liblz4)

set(FLARE_DEPS "${CMAKE_SOURCE_DIR}/.deps" CACHE PATH "where tools/deps put libduckdb and librdkafka")
if(NOT EXISTS "${FLARE_DEPS}/lib/libduckdb.so")
  message(FATAL_ERROR "libduckdb is not in ${FLARE_DEPS}: run ./dev setup first")
endif()

add_library(flare_third_duckdb SHARED IMPORTED)
set_target_properties(flare_third_duckdb PROPERTIES IMPORTED_LOCATION "${FLARE_DEPS}/lib/libduckdb.so"
                      IMPORTED_NO_SONAME ON
                      INTERFACE_INCLUDE_DIRECTORIES "${FLARE_DEPS}/include")
add_library(flare_third_rdkafka STATIC IMPORTED)
set_target_properties(flare_third_rdkafka PROPERTIES IMPORTED_LOCATION "${FLARE_DEPS}/lib/librdkafka.a"
                      INTERFACE_INCLUDE_DIRECTORIES "${FLARE_DEPS}/include")
target_link_libraries(flare_third_rdkafka INTERFACE PkgConfig::rdkafka_needs OpenSSL::SSL
                      OpenSSL::Crypto ZLIB::ZLIB Threads::Threads ${CMAKE_DL_LIBS} m)

set(FLARE_EXTERNAL_fmt fmt::fmt)
set(FLARE_EXTERNAL_expected tl::expected)
set(FLARE_EXTERNAL_json nlohmann_json::nlohmann_json)
set(FLARE_EXTERNAL_threads Threads::Threads)
set(FLARE_EXTERNAL_yaml yaml-cpp)
set(FLARE_EXTERNAL_pcre2 PkgConfig::pcre2)
set(FLARE_EXTERNAL_simdjson simdjson::simdjson)
set(FLARE_EXTERNAL_duckdb flare_third_duckdb)
set(FLARE_EXTERNAL_rdkafka flare_third_rdkafka)
set(FLARE_EXTERNAL_zlib ZLIB::ZLIB)
set(FLARE_EXTERNAL_sqlite PkgConfig::sqlite3)
set(FLARE_EXTERNAL_crypto OpenSSL::Crypto)
set(FLARE_EXTERNAL_cli11 CLI11::CLI11)
set(FLARE_EXTERNAL_jemalloc PkgConfig::jemalloc)
set(FLARE_EXTERNAL_edit PkgConfig::edit)
