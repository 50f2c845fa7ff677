#include "daemon/config/secret.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "daemon/config/source.hpp"

namespace supportd::config {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Secrets : public testing::Test {
 protected:
  Secrets() {
    std::string name = (fs::temp_directory_path() / "secret-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~Secrets() override { fs::remove_all(root_); }

  fs::path put(const std::string& name, const std::string& text) {
    std::ofstream(root_ / name, std::ios::binary) << text;
    fs::permissions(root_ / name, fs::perms::owner_read | fs::perms::owner_write);
    return root_ / name;
  }

  fs::path root_;
};

std::string refusal(const Secret& secret) {
  try {
    secret.reveal();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    return error.what();
  }
  return "";
}

Complaint complaint(const std::string& value) {
  const Source source = read_texts({{"a.toml", "secret = " + value}});
  Secret secret;
  return SecretForm{}.read(source.root.find("secret")->node, secret);
}

TEST_F(Secrets, AreReadAnewEachTime) {
  const Secret secret = Secret::file(put("key", "first\n"));
  EXPECT_EQ(secret.reveal(), "first");
  put("key", "second");
  EXPECT_EQ(secret.reveal(), "second");
}

TEST_F(Secrets, LoseOneNewlineAtTheEndAndNothingElse) {
  EXPECT_EQ(Secret::file(put("a", " x \n\n")).reveal(), " x \n");
  EXPECT_EQ(Secret::file(put("b", "x\r\n")).reveal(), "x");
  EXPECT_EQ(Secret::file(put("c", "x\r")).reveal(), "x\r");
}

TEST_F(Secrets, SayWhyTheyCannotBeHad) {
  EXPECT_EQ(refusal(Secret{}), "no secret is configured");
  EXPECT_EQ(refusal(Secret::file(root_ / "none")),
            "secret (file " + (root_ / "none").string() + ") cannot be read: No such file or directory");
  EXPECT_EQ(refusal(Secret::file(put("empty", "\n"))), "secret (file " + (root_ / "empty").string() + ") is empty");
  EXPECT_EQ(refusal(Secret::file(root_)), "secret (file " + root_.string() + ") cannot be read: not a regular file");
  EXPECT_EQ(refusal(Secret::aws("desk", "token")),
            "secret (AWS secret desk, key token): AWS secrets cannot be fetched here");
}

TEST_F(Secrets, ComeFromTheCredentialsOfTheUnit) {
  put("desk", "s3cret\n");
  ::setenv("CREDENTIALS_DIRECTORY", root_.c_str(), 1);
  EXPECT_EQ(Secret::credential("desk").reveal(), "s3cret");
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(refusal(Secret::credential("desk")),
            "secret (credential desk): $CREDENTIALS_DIRECTORY is not set; add LoadCredential= to the unit");
}

TEST_F(Secrets, ComeFromAwsThroughWhoeverFetchesThem) {
  const AwsSecrets fetch = [](const std::string& id, const std::string& key) { return id + "/" + key + "\n"; };
  EXPECT_EQ(Secret::aws("desk", "token").reveal(fetch), "desk/token");
}

TEST_F(Secrets, WarnOfWhatEverybodyMayRead) {
  const fs::path path = put("key", "x");
  EXPECT_EQ(Secret::file(path).concern(), std::nullopt);
  fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
  EXPECT_EQ(Secret::file(path).concern(), "file " + path.string() + " can be read by everybody; chmod o-rwx it");
  EXPECT_EQ(Secret::file(root_ / "none").concern(), "file " + (root_ / "none").string() + " cannot be found now");
}

TEST_F(Secrets, NeverShowThemselves) {
  std::ostringstream out;
  out << Secret::file(put("key", "s3cret"));
  EXPECT_EQ(out.str(), "***");
}

TEST(SecretForms, HaveExactlyOnePlace) {
  EXPECT_EQ(complaint("{ file = \"/k\" }"), std::nullopt);
  EXPECT_EQ(complaint("{ credential = \"k\" }"), std::nullopt);
  EXPECT_EQ(complaint("{ aws_secret = \"k\" }"), std::nullopt);
  EXPECT_EQ(complaint("{ aws_secret = \"k\", key = \"m\" }"), std::nullopt);
  for (const char* wrong : {"{}", "{ file = \"/k\", credential = \"k\" }", "{ file = \"/k\", key = \"m\" }",
                            "{ key = \"m\" }", "{ file = \"/k\", mode = 4 }"}) {
    EXPECT_THAT(complaint(wrong).value_or(""), HasSubstr("exactly one place")) << wrong;
  }
}

TEST(SecretForms, RefuseWhatWouldLeakOrEscape) {
  EXPECT_THAT(complaint("\"s3cret\"").value_or(""),
              testing::AllOf(HasSubstr("must not stand in the file"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(complaint("{ env = \"TOKEN\" }").value_or(""), HasSubstr("environment variable"));
  EXPECT_EQ(complaint("{ credential = \"../k\" }"), "credential: expected a file name without a folder");
  EXPECT_EQ(complaint("{ credential = \"..\" }"), "credential: expected a file name without a folder");
  EXPECT_EQ(complaint("{ file = \"k\" }"), "file: expected an absolute path");
  EXPECT_EQ(complaint("{ file = \"\" }"), "file: must not be empty");
  EXPECT_EQ(complaint("{ file = 7 }"), "file: expected a text, got a whole number");
}

}  // namespace
}  // namespace supportd::config
