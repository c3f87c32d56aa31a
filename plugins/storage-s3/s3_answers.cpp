#include "s3_answers.hpp"

#include <expat.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <type_traits>

namespace driftstack::storage_s3 {
namespace {

constexpr std::size_t kMaxDepth = 16;  // ListBucketResult/Contents/Owner/ID is the deepest that stores write
constexpr std::size_t kMaxErrorCode = 64;

// An element that ended: where it stood and its own text.
struct Element {
  std::string path, text;
};

struct Reader {
  XML_Parser parser;
  std::vector<Element> open, ended;
};

void begin(void* data, const XML_Char* name, const XML_Char**) {
  auto& reader = *static_cast<Reader*>(data);
  if (reader.open.size() == kMaxDepth) {
    XML_StopParser(reader.parser, XML_FALSE);
    return;
  }
  const std::string above = reader.open.empty() ? std::string() : reader.open.back().path + "/";
  reader.open.push_back({above + name, {}});
}

void end(void* data, const XML_Char*) {
  auto& reader = *static_cast<Reader*>(data);
  reader.ended.push_back(std::move(reader.open.back()));
  reader.open.pop_back();
}

void text(void* data, const XML_Char* characters, int size) {
  auto& reader = *static_cast<Reader*>(data);
  if (!reader.open.empty()) reader.open.back().text.append(characters, static_cast<std::size_t>(size));
}

// No store sends a document type; whoever does wants entities.
void doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  XML_StopParser(static_cast<Reader*>(data)->parser, XML_FALSE);
}

// Every element in the order of their ends; nothing when the text is no XML.
std::optional<std::vector<Element>> read_elements(std::string_view xml) {
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(XML_ParserCreate("UTF-8"), &XML_ParserFree);
  if (!parser) return std::nullopt;
  Reader reader{parser.get(), {}, {}};
  XML_SetUserData(parser.get(), &reader);
  XML_SetElementHandler(parser.get(), &begin, &end);
  XML_SetCharacterDataHandler(parser.get(), &text);
  XML_SetStartDoctypeDeclHandler(parser.get(), &doctype);
  if (XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), XML_TRUE) != XML_STATUS_OK) return std::nullopt;
  return std::move(reader.ended);
}

Error unreadable() { return Error(Errc::unavailable, "storage-s3: the store sent an answer that is not S3's"); }

}  // namespace

Result<ListedPage> read_listing(std::string_view xml) {
  const auto elements = read_elements(xml);
  if (!elements || elements->back().path != "ListBucketResult") return unreadable();
  ListedPage page;
  ListedPage::Object object;
  for (const Element& element : *elements) {
    if (element.path == "ListBucketResult/Contents/Key") object.key = element.text;
    if (element.path == "ListBucketResult/Contents/Size") {
      const char* const last = element.text.data() + element.text.size();
      const auto [end, error] = std::from_chars(element.text.data(), last, object.byte_size);
      if (error != std::errc() || end != last || object.byte_size < 0) return unreadable();
    }
    if (element.path == "ListBucketResult/Contents") page.objects.push_back(std::exchange(object, {}));
    if (element.path == "ListBucketResult/IsTruncated") page.truncated = element.text == "true";
    if (element.path == "ListBucketResult/NextContinuationToken") page.next = element.text;
  }
  if (page.truncated && page.next.empty()) return unreadable();
  return page;
}

Result<std::string> read_upload_id(std::string_view xml) {
  const auto elements = read_elements(xml);
  if (!elements) return unreadable();
  for (const Element& element : *elements) {
    if (element.path == "InitiateMultipartUploadResult/UploadId" && !element.text.empty()) return element.text;
  }
  return unreadable();
}

bool is_completed(std::string_view xml) {
  const auto elements = read_elements(xml);
  return elements && elements->back().path == "CompleteMultipartUploadResult";
}

std::string read_error_code(std::string_view xml) {
  const auto elements = read_elements(xml);
  if (!elements) return {};
  for (const Element& element : *elements) {
    const bool plain = !element.text.empty() && element.text.size() <= kMaxErrorCode &&
                       std::all_of(element.text.begin(), element.text.end(),
                                   [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
    if (element.path == "Error/Code" && plain) return element.text;
  }
  return {};
}

}  // namespace driftstack::storage_s3
