// Tables and words for people. Everything printed is made safe for a terminal first.
#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace supportd::ctl {

enum class Tone { plain, good, warning, bad, faint };

struct Cell {
  std::string text;
  Tone tone = Tone::plain;
  Cell(std::string content, Tone how = Tone::plain) : text(std::move(content)), tone(how) {}
  Cell(const char* content) : text(content) {}
};

// Columns that a terminal needs for the text (wide characters take two).
std::size_t width(std::string_view utf8);

class Table {
 public:
  explicit Table(std::vector<std::string> heads) : heads_(std::move(heads)) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  // Columns aligned, numbers to the right, none after the last.
  void print(std::ostream& out, bool colour) const;

 private:
  std::vector<std::string> heads_;
  std::vector<std::vector<Cell>> rows_;
};

std::string toned(std::string_view text, Tone tone, bool colour);
// "name:      value", one a line, values aligned.
void print_facts(std::ostream& out, const std::vector<std::pair<std::string, Cell>>& facts, bool colour);
// Writes on to another stream, the controls U+0080 to U+009F as JSON escapes them (\u009b): some terminals obey them as
// they obey ESC, and JSON lets them stand raw in a string. All text for people is without them already.
class TameOutput : public std::ostream {
 public:
  explicit TameOutput(std::ostream& to) : std::ostream(nullptr), buffer_(to) { rdbuf(&buffer_); }

 private:
  class Buffer : public std::streambuf {
   public:
    explicit Buffer(std::ostream& to) : to_(to) {}

   protected:
    int_type overflow(int_type byte) override;
    std::streamsize xsputn(const char* text, std::streamsize length) override;
    int sync() override;

   private:
    std::ostream& to_;
    bool lead_ = false;  // the first byte of two is held back
  };
  Buffer buffer_;
};
// Standard error is a terminal that understands how to clear a line.
bool is_terminal();
// Colours are wanted: standard output is a terminal and NO_COLOR is not set (https://no-color.org).
bool wants_colour();

}  // namespace supportd::ctl
