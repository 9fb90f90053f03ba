import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { invertedName, nameParts } from "../../src/formats/name-parts.js";
import { spokenName } from "../../src/formats/names.js";

describe("a person's name has a family name", () => {
  const TABLE: [name: string, given: string, family: string, inverted: string][] = [
    ["Ada Smith", "Ada", "Smith", "Smith, Ada"],
    ["Donald E. Knuth", "Donald E.", "Knuth", "Knuth, Donald E."],
    ["C. A. R. Hoare", "C. A. R.", "Hoare", "Hoare, C. A. R."],
    ["Jean de La Fontaine", "Jean", "de La Fontaine", "de La Fontaine, Jean"],
    ["Jan van der Berg", "Jan", "van der Berg", "van der Berg, Jan"],
    ["José-Luis O’Brien", "José-Luis", "O’Brien", "O’Brien, José-Luis"],
    ["Paul Erdős", "Paul", "Erdős", "Erdős, Paul"],
    ["محمد علي", "محمد", "علي", "علي, محمد"],
    ["Martin Luther King, Jr.", "Martin Luther", "King", "King, Martin Luther, Jr."],
    ["John F. Nash Jr.", "John F.", "Nash", "Nash Jr., John F."],
    ["Carl Mills III", "Carl", "Mills", "Mills III, Carl"],
  ];
  for (const [name, given, family, inverted] of TABLE)
    test(`${name}: ${family}`, () => {
      const parts = nameParts(name);
      assert.ok("family" in parts);
      assert.deepEqual([parts.given, parts.family], [given, family]);
      assert.equal(invertedName(name), inverted);
      assert.equal(spokenName(inverted), name);
    });
});

describe("a name that nobody can take apart stays whole", () => {
  for (const [name, inverted = name] of [
    ["Plato"],
    ["ATLAS Collaboration"],
    ["The MICrONS Consortium"],
    ["Scandinavian Simvastatin Survival Study Group"],
    ["Barnes and Noble"],
    ["World Health Organization"],
    ["Technische Universität München"],
    ["Example GmbH"],
    ["Group 42"],
    ["毛泽东"],
    ["山田 太郎"],
    ["김민준"],
    ["Li, Jr.", "Li,, Jr."],
    ["van Gogh"],
    ["Smith, Jones & Sons, Ltd.", "Smith,, Jones & Sons, Ltd."],
    ["Nowhere,, Inc.", "Nowhere,,, Inc."],
  ] as const)
    test(name, () => {
      assert.deepEqual(nameParts(name), { literal: name });
      assert.equal(invertedName(name), inverted);
      assert.equal(spokenName(inverted), name);
    });

  test("MD Smith, whose initials are no degree, is not turned round into one", () => {
    assert.deepEqual(nameParts("MD Smith"), { given: "MD", family: "Smith" });
    assert.equal(spokenName(invertedName("MD Smith")), "MD Smith");
  });
});
