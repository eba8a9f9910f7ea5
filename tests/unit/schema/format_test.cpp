#include "schema/format.hpp"

#include <doctest/doctest.h>

#include "judge.hpp"

using namespace autotape;

namespace {

void check_format(std::string_view name, std::initializer_list<std::string> valid,
                  std::initializer_list<std::string> invalid) {
  const FormatCheck check = find_format(name);
  REQUIRE(bool(check != nullptr));
  for (const std::string& text : valid) {
    CAPTURE(text);
    CHECK(check(text));
  }
  for (const std::string& text : invalid) {
    CAPTURE(text);
    CHECK_FALSE(check(text));
  }
}

}  // namespace

TEST_CASE("date-time is RFC 3339, to the letter") {
  check_format(
      "date-time",
      {"1963-06-19T08:30:06.283185Z", "1963-06-19t08:30:06z", "1985-04-12T23:20:50.52-08:00",
       "2024-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999999Z",
       "1998-12-31T23:59:60Z", "1998-12-31T15:59:60.123-08:00", "1999-01-01T00:59:60+01:00"},
      {"",
       "1963-06-19T08:30:06",
       "1963-06-19 08:30:06Z",
       "2023-02-29T00:00:00Z",
       "1900-02-29T00:00:00Z",
       "1998-12-31T23:59:61Z",
       "1998-12-31T22:59:60Z",
       "1998-12-31T23:58:60Z",
       "1998-12-31T24:00:00Z",
       "1990-02-31T15:59:59Z",
       "1990-12-31T10:00:00+24:00",
       "1963-06-19T08:30:06+01",
       "1963-06-19T08:30:06+0100",
       "63-06-19T08:30:06Z",
       "11963-06-19T08:30:06Z",
       "1963-6-19T08:30:06Z",
       "1963-06-19T08:30:06.Z",
       "1963-06-1৪T00:00:00Z",
       "1963-06-19T08:30:06Zx",
       "06/19/1963 08:30:06 PST",
       "2013-350T01:01:01",
       "1963-06-19T08:30:06,5Z"});
}

TEST_CASE("date and time are the halves of date-time") {
  check_format("date", {"1963-06-19", "2020-02-29"},
               {"2021-02-29", "2020-04-31", "2020-13-01", "1998-1-20", "1963-06-19Z", "20230328",
                "-001-01-01"});
  check_format(
      "time", {"08:30:06Z", "08:30:06.283185z", "08:30:06+00:20", "23:59:60Z", "01:29:60+01:30"},
      {"08:30:06", "8:30:06Z", "08:30:6Z", "24:00:00Z", "00:60:00Z", "00:00:61Z", "22:59:60Z",
       "01:02:03+24:00", "01:02:03+00:60", "01:02:03Z+00:30", "08:30:06 PST", "01:01:01,1111"});
}

TEST_CASE("uuid is hexadecimal of either case with hyphens in their places") {
  check_format("uuid",
               {"2EB8AA08-AA98-11EA-B4AA-73B441D16380", "2eb8aa08-aa98-11ea-b4aa-73b441d16380"},
               {"2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08-aa98-11ea-73b441d16380",
                "2eb8aa08-aa98-11ea-b4ga-73b441d16380", "2eb8aa08aa9811eab4aa73b441d16380",
                "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380", "{2eb8aa08-aa98-11ea-b4aa-73b441d1638"});
}

TEST_CASE("email is a mailbox of RFC 5321") {
  check_format(
      "email",
      {"joe@example.com", "te~st@example.com", "te.s.t@example.com", "\"joe bloggs\"@example.com",
       "\"joe..b@\\\"x\"@example.com", "joe@[127.0.0.1]", "joe@[IPv6:::1]", "!#$%&'*+@a"},
      {"2962", "@example.com", "joe@", ".test@example.com", "test.@example.com",
       "te..st@example.com", "joe@invalid=domain.com", "joe@[127.0.0.300]", "joe@exa mple.com",
       "\"joe\"x\"@example.com", "jö@example.com"});
  check_format("idn-email", {"실례@실례.테스트", "joe@example.com"}, {"2962", "joe@-a.테스트"});
}

TEST_CASE("hostname is RFC 1123's") {
  check_format("hostname", {"www.example.com", "a", "1host", "a-b.c-d", "xn--4gbwdl.xn--wgbh1c"},
               {"", ".", "-a", "a-", "a..b", ".a", "a.", "not_good", "a b",
                "a234567890123456789012345678901234567890123456789012345678901234", "éa"});
}

TEST_CASE("idn-hostname is IDNA 2008's: every label may be registered") {
  check_format(
      "idn-hostname",
      {"Example.com", "실례.테스트", "bücher.example", "xn--bcher-kva", "straße", "a。b", "a．b",
       "a｡b", "παράδειγμα.δοκιμή"},
      {"", ".", "。", ".a", "a.", "a｡", "a..b", "-bücher", "bücher-", "a b", "ab--ü", "Bücher",
       "xn--X", "XN--aa---o47jg78q", "xn---9uc", "\u0300a", "\u302Ea", "\u0640\u07FA"});
  check_format("idn-hostname", {std::string(60, 'a') + ".ü"}, {std::string(60, 'a') + "ü"});
}

TEST_CASE("idn-hostname: what needs a neighbour has it (RFC 5892, appendix A)") {
  check_format("idn-hostname",
               {"l\u00B7l", "\u03B1\u0375\u03B2", "\u05D0\u05F3\u05D1", "\u05D0\u05F4\u05D1",
                "\u30FB\u30A2", "\u0628\u0660\u0628", "\u0915\u094D\u200D\u0937",
                "\u0915\u094D\u200C\u0937", "\u0628\u064A\u200C\u0628\u064A"},
               {"a\u00B7l", "\u00B7l", "l\u00B7", "\u03B1\u0375", "A\u05F3\u05D1", "\u05F4\u05D1",
                "a\u30FBb", "\u0628\u0660\u06F0", "\u0915\u200D\u0937", "\u200D\u0937"});
}

TEST_CASE("idn-hostname: right to left and left to right do not mix (RFC 5893)") {
  check_format("idn-hostname", {"\u05D0.a", "\u05D00", "\u06F00", "\u06FD\u06FE"},
               {"0a.\u05D0", "0\u0627", "a\u05D0", "\u05D00\u0660"});
}

TEST_CASE("ipv4 and ipv6") {
  check_format("ipv4", {"192.168.0.1", "0.0.0.0", "255.255.255.255"},
               {"256.0.0.1", "127.0.0", "127.0.0.0.1", "087.10.0.1", "0x7f.0.0.1", "1২7.0.0.1",
                "1.2.3.4/24", "", "1..2.3", "1.2.3."});
  check_format(
      "ipv6",
      {"::1", "::", "::abef", "1::", "1::d6:192.168.0.1", "::ffff:192.168.0.1", "1:2:3:4:5:6:7:8",
       "::42:ff:1", "1:2::8", "1000:1000:1000:1000:1000:1000:255.255.255.255", "1:2:3:4:5:6:7::"},
      {"12345::", "1:2", "1::2::3", ":2:3:4:5:6:7:8", "1:2:3:4:5:6:7:", "1:2:3:4:5:6:7:8:9",
       ":::", "", "fe80::a%eth1", "1:2:3:4:5:::8", "::laptop", "1:2:3:4:1.2.3",
       "1:1:1:1:1:1:1:1.2.3.4", "::1/64", "1:2:3:4:5:6:7:8::"});
}

TEST_CASE("uri and its relatives") {
  check_format("uri",
               {"http://foo.bar/?baz=qux#quux", "http://foo.bar/?q=Test%20x", "urn:oasis:names:tc",
                "mailto:a@b.c", "ldap://[2001:db8::7]/c=GB?one", "http://u:p@h:8042/over?x#y",
                "http://-.~_!$&'()*+,;=:%40:80%2f@e.c", "tel:+1-816", "file:///a",
                "a:", "http://[v1.fe80::a]/"},
               {"//foo.bar/", "/abc", "\\\\WINDOWS\\share", "abc", "http:// bad.com", ":// bad",
                "bar,baz:foo", "http://a.b/{x}", "http://a.b/%zz", "http://a.b/%2",
                "https://[@a.b/", "http://a.b:80x/", "http://é.com/", "http://a.b/<x>",
                "http://a.b/x^y", "1http://a.b", "http://a.b/#a#b"});
  check_format("uri-reference", {"/abc", "//foo.bar/?a", "#frag", "abc", "", "http://a.b"},
               {"\\\\WINDOWS\\share", "#frag\\x", "a b"});
  check_format("iri", {"http://ƒøø.ßår/?∂éœ=πîx#πîüx"}, {"/abc", "âππ", "http:// ƒøø.com"});
  check_format("iri-reference", {"/âππ", "âππ"}, {"\\\\WINDOWS\\filëßåré"});
  check_format("uri-template",
               {"http://e.c/d/{term:1}/{term}", "a/{+b*}{?c,d}", "", "{a.b}{c%2Fd}", "100%25"},
               {"http://e.c/{term:1}/{term", "{}", "}", "100%", "{a..b}", "{a.}", "{a%2}"});
}

TEST_CASE("json-pointer, relative-json-pointer and regex") {
  check_format("json-pointer", {"", "/", "/foo/bar~0/baz~1/%a", "//", "/~01"},
               {"/foo/bar~", "/~2", "#/", "foo", "0", "/~~"});
  check_format("relative-json-pointer", {"1", "0/foo/bar", "2/0/x", "0#", "120/a"},
               {"/foo", "-1/a", "0##", "01/a", "", "1#/a"});
  check_format("regex",
               {"([abc])+\\s+$", "(?=a)\\1", "(?<n>a)\\k<n>", "(a{500}){500}", "[\\w-]", "[-\\w]",
                "[a-c-e]", "[é-ü]", "[\\--a]", "\\p{Alphabetic}", "\\p{Any}", "\\p{sc=Grek}",
                "\\p{Script=Greek}", "\\p{gc=Lu}", "\\p{Cs}"},
               {"^(abc]", "\\a", "a**", "[b-a]", "^\\S(|(.|\\n)*\\S)\\Z", "[\\w-a]", "[a-\\d]",
                "(?<a b>x)", "(?<a>x)(?<a>y)", "(?<=a)*", "(?=a)?", "\\p{Foo}", "\\p{gc=Greek}",
                "\\p{Script=Lu}", "\\p{^L}", "a{2,1}", "x{1001,1}", "(?<a>x)\\k<b>"});
}

TEST_CASE("An unknown format accepts everything, a known one judges strings alone") {
  CHECK(bool(find_format("color") == nullptr));
  test::check_all(R"({"format": "color"})", {"\"x\""}, {});
  test::check_all(R"({"format": "ipv4"})", {"12", "{}", "null", "\"1.2.3.4\""}, {"\"1.2.3\""});
}
