#pragma once
// A header of an HTTP message, owned.

#include <string>
#include <utility>

namespace driftstack {
inline namespace v1 {

struct Header {
  Header(std::string name, std::string value) : name(std::move(name)), value(std::move(value)) {}
  std::string name, value;
};

}  // namespace v1
}  // namespace driftstack
