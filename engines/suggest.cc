#include "engines/suggest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace epu {
namespace {

// How many letters are to be inserted, removed, replaced, or swapped with their neighbour to make
// `right` of `left`.
std::size_t Distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before;  // The rows of the usual table, two letters and one letter back.
  std::vector<std::size_t> last;
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= left.size(); ++i) {
    before = std::move(last);
    last = std::move(row);
    row.assign(right.size() + 1, i);
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string_view> Suggest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
  constexpr std::size_t kPartMin = 3;  // Shorter parts are in too many words to mean one of them.
  if (word.empty() || word.size() > kSuggestLengthMax) return std::nullopt;
  std::optional<std::string_view> nearest;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::vector<std::string_view> containing;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kSuggestLengthMax) continue;
    if (word.size() >= kPartMin && candidate.find(word) != candidate.npos) {
      containing.push_back(candidate);
    }
    const std::size_t distance = Distance(word, candidate);
    if (distance >= least || distance >= candidate.size()) continue;
    nearest = candidate;
    least = distance;
  }
  if (!nearest && containing.size() == 1) return containing[0];
  return nearest;
}

}  // namespace epu
