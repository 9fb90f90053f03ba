import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { familyFirst, invertedName, nameParts } from "../../src/formats/name-parts.js";
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
      for (const turn of [invertedName, familyFirst]) assert.equal(turn(name), inverted);
      assert.equal(spokenName(inverted), name);
    });
});

describe("initials at the end are not a family name", () => {
  for (const [name, given, family] of [
    ["Smith J", "J", "Smith"],
    ["Doe AB", "AB", "Doe"],
    ["Li XY", "XY", "Li"],
    ["Vaswani A.", "A.", "Vaswani"],
    ["Gomez A.N.", "A.N.", "Gomez"],
    ["Sartre J.-P.", "J.-P.", "Sartre"],
    ["García Márquez G", "G", "García Márquez"],
    ["van der Berg J", "J", "van der Berg"],
  ] as const)
    test(name, () => {
      assert.deepEqual(nameParts(name), { given, family });
      assert.equal(familyFirst(name), `${family}, ${given}`);
      assert.equal(spokenName(familyFirst(name)), `${given} ${family}`);
      assert.equal(spokenName(invertedName(name)), name);
    });

  test("but a word in capitals among others is, and so is one after initials", () => {
    assert.deepEqual(nameParts("JOHN LEE"), { given: "JOHN", family: "LEE" });
    assert.deepEqual(nameParts("J. R. R. Xu AB"), { given: "J. R. R. Xu", family: "AB" });
    assert.deepEqual(nameParts("Smith III"), { literal: "Smith III" });
  });
});

describe("a name that cannot be split stays whole", () => {
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
      for (const turn of [invertedName, familyFirst]) assert.equal(turn(name), inverted);
      assert.equal(spokenName(inverted), name);
    });

  test("the initials of MD Smith are not taken for a degree", () => {
    assert.deepEqual(nameParts("MD Smith"), { given: "MD", family: "Smith" });
    assert.equal(spokenName(invertedName("MD Smith")), "MD Smith");
  });
});
