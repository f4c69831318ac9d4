#pragma once

#include <string>
#include <string_view>

namespace epu {

// `text` as a browser shows it and never obeys it: between tags or in a quoted attribute, of HTML
// or SVG. What is no UTF-8, and controls that XML does not know, become U+FFFD.
std::string EscapeMarkup(std::string_view text);

}  // namespace epu
