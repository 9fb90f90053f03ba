import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { areCopies } from "../../src/ranking/copies.js";

const paper = (title: string, abstract: string | null = null) => ({ title, abstract });

test("the same title makes two papers copies, whatever its case, accents and punctuation", () => {
  assert.ok(areCopies(paper("Poincaré maps: a survey"), paper("POINCARE MAPS - A Survey"), null));
});

test("the same abstract under a title of mostly the same words is a copy", () => {
  assert.ok(areCopies(paper("Learning to rank papers"), paper("Learning to rank scientific papers"), 0.99));
});

test("parts of a series are not copies, however near", () => {
  assert.ok(!areCopies(paper("A theory of knots, part I"), paper("A theory of knots, part II"), 0.99));
  assert.ok(!areCopies(paper("Results of the 2019 workshop"), paper("Results of the 2020 workshop"), 0.99));
  assert.ok(!areCopies(paper("Flow of 2D grains in a box"), paper("Flow of 3D grains in a box"), 0.99));
});

test("near papers with different titles are not copies", () => {
  assert.ok(!areCopies(paper("Learning to rank"), paper("A study of ordering"), 0.98));
});

test("papers that are not near are not copies, even with similar titles", () => {
  assert.ok(!areCopies(paper("Learning to rank papers"), paper("Learning to rank patents"), 0.8));
});

test("papers with empty title keys are not copies", () => {
  assert.ok(!areCopies(paper("!!!"), paper("???"), null));
});

test("the same title is not enough: it may be generic, or wrong", () => {
  const by = (authors: string[], abstract: string | null) => ({ title: "Introduction", abstract, authors });
  const [ann, bob] = [by(["Ann Lee"], "Of bees."), by(["Bob Ray"], "Of seas.")];
  assert.ok(!areCopies(ann, bob, 0.85), "other people, other things");
  assert.ok(!areCopies(ann, by(["Bob Ray"], null), null), "other people");
  assert.ok(areCopies(ann, by(["Lee, A.", "A. Lee"], "Of bees and hives."), 0.85), "an abstract written again");
  assert.ok(areCopies(ann, by(["Lee A"], "Of bees and hives."), 0.85), "her name as PubMed has it");
  assert.ok(!areCopies(by(["Ray A"], "Of bees."), by(["Lee A"], "Of seas."), 0.85), "initials are no name");
  assert.ok(!areCopies(ann, by(["Ann Lee"], "Of tides."), 0.5), "her other introduction");
  assert.ok(areCopies(ann, by([], null), null), "nothing else is known");
  assert.ok(!areCopies(by([], "Of bees."), by([], "Of seas."), 0.9), "by whom is unknown, and not the same");
  assert.ok(areCopies(by([], "Of bees."), by([], "Of bees, and of bees."), 0.96), "all but the same");
  assert.ok(areCopies(ann, by(["Ann Lee"], "Of hives."), null), "not embedded yet, by her");
});

describe("a title that only names a part of a journal or book, without an abstract", () => {
  const GENERIC = [
    "Preface",
    "Editorial",
    "Introduction",
    "Erratum",
    "Book reviews",
    "In this issue",
    "Reply",
    "Obituary",
    "Letter to the Editor",
    "Authors' reply",
    "Guest editorial",
    "Foreword to the special issue",
    "Table of contents",
  ];
  const one = { abstract: null, authors: ["Uma Rao"], published: "2001", doi: null, venue: "Annals of Tides" };
  const near = 1;
  for (const title of GENERIC)
    test(`${title}: with another year, DOI or venue it is another paper, otherwise a copy`, () => {
      const differs = (other: object) => !areCopies({ title, ...one }, { title, ...one, ...other }, near);
      assert.ok(differs({ published: "2002" }));
      assert.ok(differs({ published: "2002-03" }));
      assert.ok(differs({ venue: "Annals of Ebbs" }));
      assert.ok(!areCopies({ title, ...one, doi: "10.1/a" }, { title, ...one, doi: "10.1/b" }, near));
      assert.ok(differs({ published: "2002", abstract: "We look at ocean heat." }), "with one abstract");
      assert.ok(!differs({}), "the same record");
      assert.ok(!differs({ published: "2001-05", venue: null, doi: "10.1/a" }), "the same with more said");
      assert.ok(!differs({ title: `${title}.`, published: null }), "the same with less said");
    });

  test("months of one year count like years", () => {
    const [may, june] = ["2001-05", "2001-06"].map((published) => ({ ...one, title: "Editorial", published }));
    assert.ok(!areCopies(may!, june!, near));
  });

  test("a short title that names a subject is not such a title: preprint and proceedings version are copies", () => {
    for (const title of ["Tides", "Learning tides", "Reviews of knots", "Letters from Saturn"]) {
      const preprint = { ...one, title, doi: "10.48550/arxiv.2001.00001", venue: null };
      assert.ok(areCopies(preprint, { ...one, title, published: "2002", doi: "10.1/b" }, near), title);
    }
  });
});

test("if both have abstracts, these decide, also with a generic title", () => {
  const by = (abstract: string, published: string) => ({
    title: "Editorial",
    abstract,
    authors: ["Uma Rao"],
    published,
  });
  assert.ok(areCopies(by("Of heat.", "2001"), by("Of heat.", "2002"), 1));
  assert.ok(!areCopies(by("Of heat.", "2001"), by("Of ballet.", "2002"), 0.3));
});
