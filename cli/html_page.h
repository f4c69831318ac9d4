#pragma once

#include <string>
#include <string_view>

namespace epu {

// A page that needs nothing from elsewhere, for a screen, light or dark, a phone and paper, with
// the style of plots. `title` is text; `body`, which follows it, and `style`, which is added, are
// not looked at.
std::string HtmlPage(std::string_view title, std::string_view style, std::string_view body);

}  // namespace epu
