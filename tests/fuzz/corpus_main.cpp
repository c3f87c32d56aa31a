// Runs a fuzz target without libFuzzer: every file of a corpus folder, then mutations of them from a fixed seed.
//
//     <target> <corpus folder> <mutations>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::uint32_t kSeed = 1;

void run(const std::string& input) { LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()); }

std::vector<std::string> load(const std::filesystem::path& folder) {
  std::vector<std::string> inputs;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& corpus) : corpus_(corpus), random_(kSeed) {}

  std::string next() {
    std::string text = pick();
    for (std::size_t changes = below(6); changes > 0; --changes) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  const std::string& pick() { return corpus_[below(corpus_.size())]; }

  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const auto byte = static_cast<char>(static_cast<unsigned char>(below(256)));
    switch (below(6)) {
      case 0:
        text.insert(at, 1, byte);
        break;
      case 1:
        text.erase(at, 1 + below(4));
        break;
      case 2:
        text.replace(at, 1, 1, byte);
        break;
      case 3:
        text.insert(at, text.substr(below(text.size() + 1), below(16)));
        break;
      case 4:
        text.resize(at);
        break;
      default: {
        const std::string& other = pick();
        text = text.substr(0, at) + other.substr(below(other.size() + 1));
      }
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937 random_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s <corpus folder> <mutations>\n", argv[0]);
    return 2;
  }
  const std::vector<std::string> corpus = load(argv[1]);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s: the corpus folder is empty\n", argv[1]);
    return 2;
  }
  for (const std::string& input : corpus) run(input);
  Mutator mutator(corpus);
  const long mutations = std::strtol(argv[2], nullptr, 10);
  for (long i = 0; i < mutations; ++i) run(mutator.next());
  std::printf("%zu corpus files and %ld mutations, nothing broken\n", corpus.size(), mutations);
  return 0;
}
