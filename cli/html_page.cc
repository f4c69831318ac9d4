#include "cli/html_page.h"

#include <fmt/format.h>

#include "cli/markup.h"
#include "cli/svg_plot.h"

namespace epu {
namespace {

constexpr std::string_view kStyle = R"(
body{margin:0 auto;max-width:64rem;padding:1rem;font:15px/1.45 system-ui,sans-serif;color:#24292f;background:#fff}
h1{font-size:1.3rem}h2{font-size:1.05rem;margin:1.6rem 0 .3rem}pre{overflow-x:auto;font-size:.85rem}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}tbody tr td{border-top:1px solid #d5d9de}
@media(prefers-color-scheme:dark){body{color:#d8dee6;background:#14181d}tbody tr td{border-color:#3a424c}}
@media print{body{color:#000;background:#fff;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}
)";

}  // namespace

std::string HtmlPage(std::string_view title, std::string_view style, std::string_view body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>{0}</title>\n<style>{1}{2}{3}</style></head>\n<body>\n<h1>{0}</h1>\n{4}"
      "</body></html>\n",
      EscapeMarkup(title), kStyle, PlotCss(), style, body);
}

}  // namespace epu
