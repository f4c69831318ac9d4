#include "projections/snapshot.h"

#include <bit>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "projections/state_fields.h"

// Whole numbers are written in groups of seven bits, the lowest first, the last one below 128;
// signed ones are folded onto unsigned ones first (0, -1, 1, -2, …). Real numbers have their eight
// bytes, texts and containers their size before them, optionals and variants which of their values
// follows.

namespace epu {
namespace {

template <typename Type, template <typename...> typename Template>
inline constexpr bool kIs = false;
template <template <typename...> typename Template, typename... Arguments>
inline constexpr bool kIs<Template<Arguments...>, Template> = true;

template <typename Type>
inline constexpr bool kIsTime = std::is_same_v<Type, Time> || std::is_same_v<Type, Duration>;

// ---- Writing ----

class Encoder {
 public:
  template <typename Type>
  void Put(const Type& value) {
    if constexpr (std::is_empty_v<Type>) {
      // There is nothing to say.
    } else if constexpr (std::is_enum_v<Type>) {
      Put(static_cast<std::underlying_type_t<Type>>(value));
    } else if constexpr (std::is_floating_point_v<Type>) {
      PutBytes(&value, sizeof value);
    } else if constexpr (std::is_unsigned_v<Type>) {
      PutUnsigned(value);
    } else if constexpr (std::is_integral_v<Type>) {
      const std::int64_t wide = value;
      PutUnsigned((static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63));
    } else if constexpr (std::is_same_v<Type, Time>) {
      Put(value.time_since_epoch());
    } else if constexpr (std::is_same_v<Type, Duration>) {
      Put(std::int64_t{value.count()});
    } else if constexpr (std::is_same_v<Type, std::string>) {
      PutUnsigned(value.size());
      PutBytes(value.data(), value.size());
    } else if constexpr (kIs<Type, std::optional>) {
      Put(value.has_value());
      if (value) Put(*value);
    } else if constexpr (kIs<Type, std::variant>) {
      PutUnsigned(value.index());
      std::visit([this](const auto& inner) { Put(inner); }, value);
    } else if constexpr (kIs<Type, std::vector>) {
      PutUnsigned(value.size());
      for (const auto& element : value) Put(element);
    } else if constexpr (kIs<Type, std::map>) {
      PutUnsigned(value.size());
      for (const auto& [key, element] : value) {
        Put(key);
        Put(element);
      }
    } else {
      static_assert(HasFields<Type>, "list its fields in state_fields.h");
      std::apply([this](const auto&... fields) { (Put(fields), ...); }, FieldsOf(value));
    }
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void PutUnsigned(std::uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_ += static_cast<char>(value | 128);
    bytes_ += static_cast<char>(value);
  }
  void PutBytes(const void* from, std::size_t size) {
    bytes_.append(static_cast<const char*>(from), size);
  }

  std::string bytes_;
};

// ---- Reading ----

// Once something is wrong, whatever is read stays as it was and `ok` is false.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  template <typename Type>
  void Get(Type& value) {
    if constexpr (std::is_empty_v<Type>) {
      // There is nothing to read.
    } else if constexpr (std::is_enum_v<Type>) {
      std::underlying_type_t<Type> number{};
      Get(number);
      value = static_cast<Type>(number);
    } else if constexpr (std::is_floating_point_v<Type>) {
      const std::string_view bytes = Take(sizeof value);
      if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    } else if constexpr (std::is_unsigned_v<Type>) {
      value = static_cast<Type>(GetUnsigned());
    } else if constexpr (std::is_integral_v<Type>) {
      const std::uint64_t folded = GetUnsigned();
      value = static_cast<Type>((folded >> 1) ^ (~(folded & 1) + 1));
    } else if constexpr (std::is_same_v<Type, Time>) {
      Duration since{};
      Get(since);
      value = Time(since);
    } else if constexpr (std::is_same_v<Type, Duration>) {
      std::int64_t count = 0;
      Get(count);
      value = Duration(count);
    } else if constexpr (std::is_same_v<Type, std::string>) {
      value = Take(GetUnsigned());
    } else if constexpr (kIs<Type, std::optional>) {
      bool there = false;
      Get(there);
      if (there) Get(value.emplace());
    } else if constexpr (kIs<Type, std::variant>) {
      GetVariant(value, GetUnsigned(), std::make_index_sequence<std::variant_size_v<Type>>());
    } else if constexpr (kIs<Type, std::vector>) {
      const std::uint64_t size = GetSize();
      value.reserve(size);
      for (std::uint64_t i = 0; i < size && ok_; ++i) Get(value.emplace_back());
    } else if constexpr (kIs<Type, std::map>) {
      const std::uint64_t size = GetSize();
      for (std::uint64_t i = 0; i < size && ok_; ++i) {
        typename Type::key_type key{};
        Get(key);
        Get(value.emplace_hint(value.end(), std::move(key), typename Type::mapped_type{})->second);
      }
    } else {
      std::apply([this](auto&... fields) { (Get(fields), ...); }, FieldsOf(value));
    }
  }

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view Take(std::uint64_t size) {
    ok_ = ok_ && size <= rest_.size();
    if (!ok_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::uint64_t GetUnsigned() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::string_view byte = Take(1);
      if (byte.empty()) return 0;
      value |= std::uint64_t{static_cast<unsigned char>(byte.front()) & 127u} << shift;
      if ((byte.front() & 128) == 0) return value;
    }
    ok_ = false;
    return 0;
  }

  // Of a container, whose elements have at least a byte each.
  std::uint64_t GetSize() {
    const std::uint64_t size = GetUnsigned();
    ok_ = ok_ && size <= rest_.size();
    return ok_ ? size : 0;
  }

  template <typename Variant, std::size_t... kIndices>
  void GetVariant(Variant& value, std::uint64_t index, std::index_sequence<kIndices...>) {
    const bool known =
        ((index == kIndices && (Get(value.template emplace<kIndices>()), true)) || ...);
    ok_ = ok_ && known;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// ---- The shape ----

template <typename Type>
struct Shape;

template <typename... Types>
std::string ShapesOf(std::string_view between) {
  std::string text;
  ((text += (text.empty() ? "" : std::string(between)) + Shape<Types>::Text()), ...);
  return text;
}

template <typename Type>
struct Shape {
  static std::string Text() {
    if constexpr (std::is_empty_v<Type>) {
      return "nothing";
    } else if constexpr (std::is_same_v<Type, bool>) {
      return "bool";
    } else if constexpr (std::is_enum_v<Type>) {
      return "enum " + Shape<std::underlying_type_t<Type>>::Text();
    } else if constexpr (std::is_floating_point_v<Type>) {
      return fmt::format("real{}", 8 * sizeof(Type));
    } else if constexpr (std::is_integral_v<Type>) {
      return fmt::format("{}{}", std::is_signed_v<Type> ? "int" : "uint", 8 * sizeof(Type));
    } else if constexpr (kIsTime<Type>) {
      return std::is_same_v<Type, Time> ? "time" : "duration";
    } else if constexpr (std::is_same_v<Type, std::string>) {
      return "text";
    } else {
      Type value{};
      return std::apply(
          [](const auto&... fields) {
            return "{" + ShapesOf<std::remove_cvref_t<decltype(fields)>...>(", ") + "}";
          },
          FieldsOf(value));
    }
  }
};
template <typename Type>
struct Shape<std::optional<Type>> {
  static std::string Text() { return Shape<Type>::Text() + "?"; }
};
template <typename Type>
struct Shape<std::vector<Type>> {
  static std::string Text() { return "[" + Shape<Type>::Text() + "]"; }
};
template <typename Key, typename Type>
struct Shape<std::map<Key, Type>> {
  static std::string Text() { return "[" + ShapesOf<Key, Type>(": ") + "]"; }
};
template <typename... Types>
struct Shape<std::variant<Types...>> {
  static std::string Text() { return "(" + ShapesOf<Types...>(" | ") + ")"; }
};

// `text` as words, behind one for the checksum; the last one is filled up with zeros.
std::vector<Word> ToWords(std::string_view text) {
  std::vector<Word> words(1 + (text.size() + sizeof(Word) - 1) / sizeof(Word));
  if (!text.empty()) std::memcpy(words.data() + 1, text.data(), text.size());
  return words;
}

Word ComputeVersion() {
  return ComputeChecksum(ToWords(fmt::format("{} {}", kFoldVersion, StateShape())));
}

// What stands behind the checksum of a snapshot; the encoded state follows.
enum Header : std::size_t { kChecksum, kMark, kVersion, kPosition, kRecord, kBytes, kHeaderWords };
constexpr Word kMarkOfSnapshots = 0x31'70'61'6E'73'55'50'45;  // "EPUsnap1"

}  // namespace

std::string StateShape() { return Shape<State>::Text(); }

Word SnapshotVersion() {
  static const Word version = ComputeVersion();
  return version;
}

Snapshot EncodeSnapshot(const SavedFold& saved) {
  static_assert(std::endian::native == std::endian::little);
  Encoder encoder;
  encoder.Put(saved.fold.state);
  const std::string& bytes = encoder.bytes();
  Snapshot snapshot(kHeaderWords + (bytes.size() + sizeof(Word) - 1) / sizeof(Word));
  snapshot[kMark] = kMarkOfSnapshots;
  snapshot[kVersion] = SnapshotVersion();
  snapshot[kPosition] = saved.fold.position;
  snapshot[kRecord] = saved.record_checksum;
  snapshot[kBytes] = bytes.size();
  std::memcpy(snapshot.data() + kHeaderWords, bytes.data(), bytes.size());
  Seal(snapshot);
  return snapshot;
}

absl::StatusOr<SavedFold> DecodeSnapshot(std::span<const Word> snapshot) {
  if (snapshot.size() < kHeaderWords || snapshot[kMark] != kMarkOfSnapshots) {
    return absl::DataLossError("no snapshot");
  }
  if (!IsWhole(snapshot)) return absl::DataLossError("a damaged snapshot");
  if (snapshot[kVersion] != SnapshotVersion()) {
    return absl::FailedPreconditionError("a snapshot of another version");
  }
  const std::span<const Word> body = snapshot.subspan(kHeaderWords);
  if (snapshot[kBytes] > body.size_bytes()) return absl::DataLossError("a snapshot cut short");
  Decoder decoder({reinterpret_cast<const char*>(body.data()), snapshot[kBytes]});
  SavedFold saved;
  decoder.Get(saved.fold.state);
  if (!decoder.ok() || !decoder.at_end() || saved.fold.state.head != snapshot[kPosition]) {
    return absl::DataLossError("a snapshot that says something else than a state");
  }
  saved.fold.position = snapshot[kPosition];
  saved.record_checksum = snapshot[kRecord];
  return saved;
}

}  // namespace epu
