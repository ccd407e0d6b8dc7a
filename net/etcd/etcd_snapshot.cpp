// Saving a snapshot: streamed to a file, its checksum compared, then given its name.
#include "net/etcd/etcd_admin.hpp"

#include "base/unique_fd.hpp"
#include "net/etcd/etcd_admin_json.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <openssl/evp.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

namespace weir::net::etcd {

namespace {

/// etcd sends pieces of 32 KiB.
constexpr std::size_t line_max = std::size_t{1} << 20;
constexpr std::size_t digest_bytes = 32;

/// A file with another name until it is whole.
class partial_file {
public:
  explicit partial_file(std::string path)
      : path_(std::move(path)), part_(path_ + ".part"),
        fd_(::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~partial_file() {
    if (!kept_) ::unlink(part_.c_str());
  }
  partial_file(const partial_file&) = delete;
  partial_file& operator=(const partial_file&) = delete;

  bool good() const { return fd_.get() >= 0; }
  bool append(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto done = ::write(fd_.get(), bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return true;
  }
  bool keep() {
    if (::fsync(fd_.get()) != 0 || ::rename(part_.c_str(), path_.c_str()) != 0) return false;
    kept_ = true;
    const auto folder = std::filesystem::path(path_).parent_path();
    const unique_fd opened(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return opened.get() >= 0 && ::fsync(opened.get()) == 0;
  }

private:
  std::string path_;
  std::string part_;
  unique_fd fd_;
  bool kept_ = false;
};

/// The SHA-256 of all but the last 32 bytes, which are to be just that.
class trailing_digest {
public:
  trailing_digest() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

  void add(std::string_view bytes) {
    held_.append(bytes);
    if (held_.size() <= digest_bytes) return;
    const auto ready = held_.size() - digest_bytes;
    EVP_DigestUpdate(context_.get(), held_.data(), ready);
    held_.erase(0, ready);
  }
  /// Hexadecimal; empty: it does not match.
  std::string matched() {
    std::string digest(digest_bytes, '\0');
    EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
    if (digest != held_) return {};
    std::string out;
    for (const char c : digest) {
      out.push_back("0123456789abcdef"[static_cast<unsigned char>(c) >> 4]);
      out.push_back("0123456789abcdef"[static_cast<unsigned char>(c) & 15]);
    }
    return out;
  }

private:
  struct free_context {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, free_context> context_{EVP_MD_CTX_new()};
  std::string held_;
};

} // namespace

admin_answer<snapshot_facts> save_snapshot(etcd_options options, const std::string& file,
                                           duration within) {
  partial_file target(file);
  if (!target.good()) return {meta_errc::unavailable, "the file cannot be written: " + file};
  boost::asio::io_context context(1);
  const auto client = std::make_shared<etcd_client>(context, std::move(options));
  trailing_digest digest;
  snapshot_facts facts;
  admin_answer<snapshot_facts> failure{meta_errc::unavailable, "it took too long"};
  bool ended = false;
  const auto fail = [&](meta_errc why, std::string words) {
    failure = {why, std::move(words)};
    context.stop();
  };
  etcd_call what{.path = "/v3/maintenance/snapshot",
                 .body = "{}",
                 .within = meta_store::answer_max,
                 .needs_leader = false};
  const auto on_piece = [&](std::string_view line) {
    const auto piece = decode_snapshot_piece(line);
    if (!piece) return fail(meta_errc::unavailable, "an answer that makes no sense");
    if (!target.append(*piece)) return fail(meta_errc::unavailable, "the file cannot be written");
    digest.add(*piece);
    facts.bytes += piece->size();
  };
  const auto on_end = [&](const etcd_answer& answer) {
    ended = !answer.error;
    if (answer.error) failure = {answer.error, answer.text};
    context.stop();
  };
  const auto stream = client->open_stream(std::move(what), {on_piece, on_end}, line_max);
  context.run_for(within);
  stream->stop();
  client->close();
  if (!ended) return failure;
  facts.sha256 = digest.matched();
  if (facts.sha256.empty()) return {meta_errc::unavailable, "its checksum does not match"};
  if (!target.keep()) return {meta_errc::unavailable, "the file cannot be written"};
  return {facts, {}};
}

} // namespace weir::net::etcd
