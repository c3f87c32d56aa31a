#pragma once

#include <memory>
#include <unordered_set>

#include "driftstack/host.hpp"
#include "kernel/http/counted_places.hpp"
#include "kernel/http/response_writer.hpp"
#include "kernel/http/server_options.hpp"
#include "kernel/pipeline/request_handler.hpp"
#include "kernel/runtime/io_threads.hpp"

namespace driftstack::kernel {

class Connection;

/// What the HTTP server counts.
struct HttpMetrics {
  explicit HttpMetrics(Metrics& metrics);
  Gauge& connections;
  Gauge& event_streams;
  Gauge& websockets;
  Counter& websocket_sent;
  Counter& websocket_received;
  Counter& websocket_broken;
  Counter& refused_total_cap;
  Counter& refused_address_cap;
  Counter& bad_heads;
  Counter& timeouts;
};

/// What the connections of one io thread share. [io-thread], but for the references
struct Lane {
  Lane(IoThreads& io_threads, IoThread index, RequestHandler& request_handler, HttpMetrics& http_metrics, CountedPlaces& stream_places)
      : io(io_threads), thread(index), handler(request_handler), metrics(http_metrics), streams(stream_places) {}

  IoThreads& io;
  const IoThread thread;
  RequestHandler& handler;
  HttpMetrics& metrics;
  CountedPlaces& streams;
  DateLine date;
  std::string out;  ///< answers are composed here; what the socket does not take at once moves to its connection
  std::unordered_set<Connection*> connections;
  bool draining = false;
};

}  // namespace driftstack::kernel
