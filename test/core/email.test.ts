import assert from "node:assert/strict";
import { test } from "node:test";
import { emailAddress, maskedAddress } from "../../src/core/email.js";

test("one address is read, with its domain as servers know it", () => {
  for (const [given, read] of [
    ["anna@example.org", "anna@example.org"],
    ["Anna.B+papers@Example.ORG", "Anna.B+papers@example.org"],
    ["anna@bücher.example", "anna@xn--bcher-kva.example"],
    ["anna@例え.テスト", "anna@xn--r8jz45g.xn--zckzah"],
    ["o'neil_{x}@sub.example.co.uk", "o'neil_{x}@sub.example.co.uk"],
    ["root@localhost", "root@localhost"],
    [`${"a".repeat(64)}@example.org`, `${"a".repeat(64)}@example.org`],
  ])
    assert.equal(emailAddress(given!), read, given);
});

test("anything else is refused: headers, lists, names, commands, and what is no name of a server", () => {
  for (const given of [
    "",
    "anna",
    "@example.org",
    "anna@",
    "anna@example",
    "anna@example.org\nBcc: eve@example.org",
    "anna@example.org\r\n",
    "anna\r\nRCPT TO:<eve@example.org>@example.org",
    "anna@example.org, eve@example.org",
    "anna@example.org;eve@example.org",
    "anna@eve@example.org",
    "Anna <anna@example.org>",
    "<anna@example.org>",
    "anna @example.org",
    " anna@example.org",
    '"anna b"@example.org',
    "-oQ/tmp@example.org",
    ".anna@example.org",
    "an..na@example.org",
    "anna@example.org:25",
    "anna@example.org/x",
    "anna@exa%6dple.org",
    "anna@127.0.0.1",
    "anna@[127.0.0.1]",
    "anna@2130706433",
    "anna@0x7f.1",
    "anna@-example.org",
    "anna@example..org",
    "änna@example.org",
    "anna\u0000@example.org",
    "anna\u202e@example.org",
    `${"a".repeat(65)}@example.org`,
    `a@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.${"e".repeat(60)}.${"f".repeat(60)}.org`,
  ])
    assert.equal(emailAddress(given), undefined, JSON.stringify(given));
});

test("strangers see its first letter and its domain", () => {
  assert.equal(maskedAddress("anna@example.org"), "a…@example.org");
});
