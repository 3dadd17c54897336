#pragma once
#include <string_view>

namespace flare::engine {

/// English names as Java prints them; the short forms are the first three letters.
inline constexpr std::string_view kMonthNames[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
inline constexpr std::string_view kDayNames[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                      "Friday", "Saturday", "Sunday"};
inline constexpr std::string_view kQuarterNames[] = {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"};

}  // namespace flare::engine
