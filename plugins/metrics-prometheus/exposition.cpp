#include "exposition.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace driftstack::metrics_prometheus {

namespace {

/// A backslash, a line end and, in label values, a quotation mark would end the token that they stand in.
void append_escaped(std::string& out, std::string_view text, bool quoted) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quoted)
      out += "\\\"";
    else
      out += c;
  }
}

void append_number(std::string& out, double value) {
  if (std::isnan(value))
    out += "NaN";
  else if (std::isinf(value))
    out += value > 0 ? "+Inf" : "-Inf";
  else {
    char digits[32];  // the shortest text that reads back as the same double has at most 24 characters
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
}

void append_count(std::string& out, std::uint64_t value) { out += std::to_string(value); }

/// `{a="1",b="2"}`; `bound` is the `le` of a histogram's bucket.
void append_labels(std::string& out, std::span<const Label> labels, std::string_view bound = {}) {
  if (labels.empty() && bound.empty()) return;
  char separator = '{';
  for (const auto& label : labels) {
    out += separator;
    separator = ',';
    out.append(label.name).append("=\"");
    append_escaped(out, label.value, true);
    out += '"';
  }
  if (!bound.empty()) {
    out += separator;
    out.append("le=\"").append(bound).append("\"");
  }
  out += '}';
}

class Writer final : public MetricVisitor {
 public:
  void sample(const MetricSample& sample) override {
    head(sample);
    if (sample.type == "histogram") return histogram(sample);
    out_.append(sample.name);
    append_labels(out_, sample.labels);
    out_ += ' ';
    append_number(out_, sample.value);
    out_ += '\n';
  }

  std::string take() { return std::move(out_); }

 private:
  void head(const MetricSample& sample) {
    if (sample.name == last_name_) return;
    last_name_ = sample.name;
    out_.append("# HELP ").append(sample.name).append(" ");
    append_escaped(out_, sample.help, false);
    out_.append("\n# TYPE ").append(sample.name).append(" ").append(sample.type).append("\n");
  }

  void line(const MetricSample& sample, std::string_view suffix, std::string_view bound) {
    out_.append(sample.name).append(suffix);
    append_labels(out_, sample.labels, bound);
    out_ += ' ';
  }

  void histogram(const MetricSample& sample) {
    for (std::size_t i = 0; i < sample.bucket_counts.size(); ++i) {
      std::string bound = "+Inf";
      if (i < sample.bounds.size()) {
        bound.clear();
        append_number(bound, sample.bounds[i]);
      }
      line(sample, "_bucket", bound);
      append_count(out_, sample.bucket_counts[i]);
      out_ += '\n';
    }
    line(sample, "_sum", {});
    append_number(out_, sample.value);
    out_ += '\n';
    line(sample, "_count", {});
    append_count(out_, sample.bucket_counts.empty() ? 0 : sample.bucket_counts.back());
    out_ += '\n';
  }

  std::string out_;
  std::string last_name_;
};

}  // namespace

std::string exposition(const Metrics& metrics) {
  Writer writer;
  metrics.collect(writer);
  return writer.take();
}

}  // namespace driftstack::metrics_prometheus
