import assert from "node:assert/strict";
import { test } from "node:test";
import { areCopies } from "../../src/search/copies.js";

const paper = (title: string, abstract: string | null = null) => ({ title, abstract });

test("the same title makes two papers copies, whatever its case, accents and punctuation", () => {
  assert.ok(areCopies(paper("Poincaré maps: a survey"), paper("POINCARE MAPS - A Survey"), null));
});

test("the same abstract under a title of mostly the same words is a copy", () => {
  assert.ok(areCopies(paper("Learning to rank papers"), paper("Learning to rank scientific papers"), 0.99));
});

test("parts of a series are no copies, however near", () => {
  assert.ok(!areCopies(paper("A theory of knots, part I"), paper("A theory of knots, part II"), 0.99));
  assert.ok(!areCopies(paper("Results of the 2019 workshop"), paper("Results of the 2020 workshop"), 0.99));
  assert.ok(!areCopies(paper("Flow of 2D grains in a box"), paper("Flow of 3D grains in a box"), 0.99));
});

test("near papers under different titles are no copies", () => {
  assert.ok(!areCopies(paper("Learning to rank"), paper("A study of ordering"), 0.98));
});

test("papers that are not near are no copies, though their titles are alike", () => {
  assert.ok(!areCopies(paper("Learning to rank papers"), paper("Learning to rank patents"), 0.8));
});

test("an empty title key makes nothing a copy", () => {
  assert.ok(!areCopies(paper("!!!"), paper("???"), null));
});

test("one title is not enough: it may be a generic one, or belong to another record by mistake", () => {
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
