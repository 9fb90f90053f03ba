/** What browsers and reference managers ask for: the description of the search, and unAPI. */
import "../tiny.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import sax from "sax";
import { writePapers } from "../../src/kindred.js";
import { bytesOf, jsonLines, problemIn, servedSample } from "./serving.js";

const ODD = { id: 'a "b" <c> & é', title: "Odd" };
const served = servedSample((kindred) => kindred.import(bytesOf(jsonLines(ODD))));
const ATTENTION = "vaswani-2017-attention";

/** The elements of a well-formed document, in order. */
function elementsOf(xml: string): { name: string; attributes: Record<string, string>; text: string }[] {
  const elements: ReturnType<typeof elementsOf> = [];
  const parser = Object.assign(sax.parser(true), {
    onerror: (error: Error) => {
      throw error;
    },
    onopentag: ({ name, attributes }: sax.Tag) => void elements.push({ name, attributes, text: "" }),
    ontext: (text: string) => {
      const element = elements.at(-1);
      if (element !== undefined) element.text += text.trim();
    },
  });
  parser.write(xml).close();
  return elements;
}

test("unAPI lists its formats, for all papers with 200 and for one with 300", async () => {
  for (const [id, status] of [
    [undefined, 200],
    [ATTENTION, 300],
    [ODD.id, 300],
  ] as const) {
    const reply = await served.ask(served.path("unapi", { id }));
    assert.equal(reply.status, status);
    assert.match(reply.headers.get("content-type") ?? "", /^application\/xml/);
    const [root, ...formats] = elementsOf(reply.text);
    assert.equal(root?.name, "formats");
    assert.equal(root?.attributes["id"], id);
    assert.deepEqual(
      formats.map(({ name, attributes }) => [name, attributes]),
      [
        ["format", { name: "ris", type: "application/x-research-info-systems" }],
        ["format", { name: "bibtex", type: "application/x-bibtex" }],
        ["format", { name: "csl-json", type: "application/vnd.citationstyles.csl+json" }],
      ],
    );
  }
});

test("unAPI gives a paper in each format, as exports do", async () => {
  for (const id of [ATTENTION, ODD.id])
    for (const format of ["ris", "bibtex", "csl-json"] as const) {
      const { status, text } = await served.ask(served.path("unapi", { id, format }));
      let exported = "";
      for await (const piece of writePapers([await served.kindred.paper(id)], format)) exported += piece;
      assert.deepEqual([status, text], [200, exported]);
    }
});

test("unAPI answers 404 to an unknown paper, 406 to an unknown format, and 405 to what is no reading", async () => {
  problemIn(await served.ask("unapi?id=nobody-2000-nothing"), 404);
  problemIn(await served.ask("unapi?id=nobody-2000-nothing&format=ris"), 404);
  assert.equal(problemIn(await served.ask(`unapi?id=${ATTENTION}&format=mods`), 406).parameter, "format");
  assert.equal(problemIn(await served.ask(`unapi?identifier=${ATTENTION}`), 400).parameter, "identifier");
  const post = await served.ask("unapi", { method: "POST" });
  problemIn(post, 405);
  assert.equal(post.headers.get("allow"), "GET, HEAD");
});

test("the description of the search is valid, and its address finds papers", async () => {
  const { status, headers, text } = await served.ask("opensearch.xml");
  assert.equal(status, 200);
  assert.match(headers.get("content-type") ?? "", /^application\/opensearchdescription\+xml/);
  const [root, ...elements] = elementsOf(text);
  assert.deepEqual(
    [root?.name, root?.attributes["xmlns"]],
    ["OpenSearchDescription", "http://a9.com/-/spec/opensearch/1.1/"],
  );
  const one = (name: string): string => elements.find((element) => element.name === name)?.text ?? "";
  // OpenSearch 1.1: at most 16 and 1,024 characters, without markup.
  assert.match(one("ShortName"), /^[^<>]{1,16}$/);
  assert.match(one("Description"), /^[^<>]{1,1024}$/);
  assert.equal(one("InputEncoding"), "UTF-8");
  assert.equal((await fetch(one("Image"))).status, 200);
  const urls = elements.filter(({ name }) => name === "Url").map(({ attributes }) => attributes);
  const of = (type: string): string => urls.find((url) => url["type"] === type)!["template"]!;
  assert.equal(of("text/html"), `${served.serving.url}?q={searchTerms}`);
  assert.equal(of("application/opensearchdescription+xml"), `${served.serving.url}opensearch.xml`);
  const feed = await fetch(of("application/atom+xml").replace("{searchTerms}", encodeURIComponent("attention")));
  assert.match(await feed.text(), /Attention Is All You Need/);
});
