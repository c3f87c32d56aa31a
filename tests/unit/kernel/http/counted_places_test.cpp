#include "kernel/http/counted_places.hpp"

#include <catch2/catch.hpp>
#include <list>
#include <string>

using driftstack::Uuid;
using driftstack::kernel::address_key;
using driftstack::kernel::CountedPlaces;
using driftstack::kernel::PeerAddress;

namespace {

Uuid key(std::uint8_t value) {
  Uuid::Bytes bytes{};
  bytes[0] = value;
  return Uuid(bytes);
}

}  // namespace

TEST_CASE("places are limited in total and per key, and come back") {
  CountedPlaces places;
  std::list<CountedPlaces::Place> held;
  const auto take = [&](std::optional<Uuid> who) {
    auto taken = places.take(who, 4, 2);
    if (auto* place = std::get_if<CountedPlaces::Place>(&taken)) {
      held.push_back(std::move(*place));
      return std::string("place");
    }
    return std::string(std::get<CountedPlaces::Refusal>(taken) == CountedPlaces::Refusal::total ? "total" : "key");
  };
  CHECK(take(key(1)) == "place");
  CHECK(take(key(1)) == "place");
  CHECK(take(key(1)) == "key");
  CHECK(take(key(2)) == "place");
  CHECK(take(std::nullopt) == "place");
  CHECK(take(std::nullopt) == "total");
  CHECK(places.taken() == 4);
  CHECK_FALSE(places.wait_until_empty(std::chrono::steady_clock::now()));
  held.erase(held.begin());
  CHECK(take(key(1)) == "place");
  held.clear();
  CHECK(places.taken() == 0);
  CHECK(places.wait_until_empty(std::chrono::steady_clock::now()));
}

TEST_CASE("IPv4 addresses are keys of their own, IPv6 addresses share one per /64") {
  const auto four = [](std::uint8_t last) {
    PeerAddress peer;
    peer.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, last};
    return address_key(peer);
  };
  const auto six = [](std::uint8_t network, std::uint8_t host) {
    PeerAddress peer;
    peer.bytes[0] = 0x20;
    peer.bytes[7] = network;
    peer.bytes[15] = host;
    return address_key(peer);
  };
  CHECK(four(1) != four(2));
  CHECK(four(1) == four(1));
  CHECK(six(1, 1) == six(1, 2));
  CHECK(six(1, 1) != six(2, 1));
}
