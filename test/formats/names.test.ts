import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { splitNames, spokenName } from "../../src/formats/names.js";

const spoken: [written: string, said: string][] = [
  ["Knuth, Donald E.", "Donald E. Knuth"],
  ["Donald E. Knuth", "Donald E. Knuth"],
  ["van der Berg, Jan", "Jan van der Berg"],
  ["King, Jr., Martin Luther", "Martin Luther King, Jr."],
  ["King, Martin Luther, Jr.", "Martin Luther King, Jr."],
  ["King, Jr.", "King, Jr."],
  ["Plato", "Plato"],
  ["Shannon,Claude E.", "Claude E. Shannon"],
  ["Last, ", "Last"],
  ["family=Berg, given=Jan Willem, prefix=van den, useprefix=true", "Jan Willem van den Berg"],
  ["given=Ana, family=Lund, suffix=Jr., given-i=A", "Ana Lund Jr."],
  ["family=Plato", "Plato"],
  ["E=mc, Group", "Group E=mc"],
];
const lists: [text: string, names: string[]][] = [
  ["Ada Lovelace", ["Ada Lovelace"]],
  ["Lovelace, Ada", ["Ada Lovelace"]],
  ["Lovelace, Ada; Hopper, Grace", ["Ada Lovelace", "Grace Hopper"]],
  ["Lovelace, Ada and Hopper, Grace", ["Ada Lovelace", "Grace Hopper"]],
  ["Ada Lovelace and Grace Hopper", ["Ada Lovelace", "Grace Hopper"]],
  ["Ada Lovelace, Grace Hopper, and Alan Turing", ["Ada Lovelace", "Grace Hopper", "Alan Turing"]],
  ["Ada Lovelace, Grace Hopper, Alan Turing", ["Ada Lovelace", "Grace Hopper", "Alan Turing"]],
  ["Lovelace A, Hopper G, Turing AM", ["Lovelace A", "Hopper G", "Turing AM"]],
  ["Lovelace, A., Hopper, G. B.", ["A. Lovelace", "G. B. Hopper"]],
  ["van Rossum, Guido", ["Guido van Rossum"]],
  ["Lovelace, Ada;", ["Ada Lovelace"]],
  ["王小明, 李四", ["王小明", "李四"]],
  ["Ada Lovelace & Grace Hopper", ["Ada Lovelace", "Grace Hopper"]],
  ["Alexander Sandor", ["Alexander Sandor"]],
  ["Ada Lovelace|Grace Hopper | Plato", ["Ada Lovelace", "Grace Hopper", "Plato"]],
];

describe("names", () => {
  for (const [written, said] of spoken)
    test(`"${written}" is displayed as "${said}"`, () => assert.equal(spokenName(written), said));
  for (const [text, names] of lists) {
    test(`"${text}" has ${names.length} ${names.length === 1 ? "name" : "names"}`, () =>
      assert.deepEqual(splitNames(text), names));
  }
});
