/** Expected rankings of the sample, with a reason for each. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import type { Answer } from "../../src/api.js";
import type { Kindred } from "../../src/kindred.js";
import { openSample } from "../sample.js";

let kindred: Kindred;
let closing: (() => Promise<void>)[] = [];
before(async () => {
  kindred = await openSample({ after: (work) => void closing.push(work as () => Promise<void>) });
});
after(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

const ids = ({ hits }: Answer): string[] => hits.map(({ paper }) => paper.id);

/** Each query with the first papers of its answer, in order. */
const GOLDEN: { query: string; ids: string[]; because: string }[] = [
  {
    query: "does smoking cause lung cancer",
    ids: ["doll-1950-smoking"],
    because: "the one paper on it; both words and meaning say so",
  },
  {
    query: "why do people make irrational choices under risk",
    ids: ["kahneman-1979-prospect"],
    because: "'irrational' is in neither paper: meaning finds prospect theory, and 'choices', 'risk' confirm it",
  },
  {
    query: "editing genes with bacteria",
    ids: ["jinek-2012-crispr", "luria-1943-mutations"],
    because: "CRISPR is gene editing by a bacterial system; mutations of bacteria come next, by the word",
  },
  {
    query: "gravitational waves from black holes",
    ids: ["abbott-2016-waves", "agazie-2023-background", "eht-2019-shadow", "hawking-1975-radiation"],
    because:
      "LIGO's is of one black-hole merger, NANOGrav's of many; the shadow of a black hole is observed too, as they are; " +
      "Hawking's has black holes and no observation",
  },
  {
    query: "how the brain stores where we are",
    ids: ["okeefe-1971-hippocampus", "scoville-1957-memory"],
    because:
      "place cells first; the hippocampus and memory in general second, with no word of the query but by meaning",
  },
  {
    query: "treatment that lowers blood sugar and body weight",
    ids: ["wilding-2021-semaglutide", "scandinavian-1994-simvastatin"],
    because: "semaglutide lowers weight; simvastatin lowers something in the blood, but cholesterol",
  },
  {
    query: "BM25",
    ids: ["robertson-2009-bm25", "karpukhin-2020-dpr", "thakur-2021-beir"],
    because: "the paper about it, with the word in its title; then the two that compare themselves with it",
  },
  {
    query: "public key cryptography",
    ids: ["diffie-1976-cryptography", "rivest-1978-signatures"],
    because: "the idea, then the system that carried it out; nothing else in the sample is about it",
  },
];

for (const { query, ids: expected, because } of GOLDEN)
  test(`the first hits for "${query}" are ${expected.join(", ")}: ${because}`, async () => {
    assert.deepEqual(ids(await kindred.search({ q: query })).slice(0, expected.length), expected);
  });

describe("a query that names one paper", () => {
  test("by its exact title ranks that paper first, whatever the case and punctuation", async () => {
    const [first] = ids(await kindred.search({ q: "attention is all you need!" }));
    assert.equal(first, "vaswani-2017-attention");
  });

  test("by an exact title of common words still ranks that paper first, in every mode", async () => {
    // Its words are common: without the rule for titles, longer papers about transformers would win by meaning.
    for (const mode of ["hybrid", "semantic", "lexical"] as const) {
      const [first] = ids(await kindred.search({ q: "The Evolution of Cooperation", mode }));
      assert.equal(first, "axelrod-1981-cooperation", mode);
    }
  });

  test("by an exact title ranks it before a paper that contains its words more often, also in lexical mode", async (t) => {
    const library = await openSample(t);
    const words = "Quarks gluons mesons";
    const records = [
      { id: "often", title: `${words}, and again ${words}`, abstract: `${words}. `.repeat(5) },
      { id: "exact", title: words, abstract: "On particles." },
    ];
    await library.import(Readable.from([Buffer.from(records.map((record) => JSON.stringify(record)).join("\n"))]));
    assert.deepEqual(ids(await library.search({ q: words, mode: "lexical", limit: 2 })), ["exact", "often"]);
    // Not embedded yet: their words rank both before papers that are near by meaning only.
    assert.deepEqual(ids(await library.search({ q: words, limit: 2 })), ["exact", "often"]);
  });

  for (const spelling of [
    "1706.03762",
    "arXiv:1706.03762v5",
    "https://arxiv.org/abs/1706.03762",
    "https://arxiv.org/pdf/1706.03762v7",
    "10.48550/arXiv.1706.03762",
    "https://huggingface.co/papers/1706.03762",
  ])
    test(`by ${spelling} finds only that paper`, async () => {
      const answer = await kindred.search({ q: spelling });
      assert.deepEqual(ids(answer), ["vaswani-2017-attention"]);
      assert.equal(answer.method.ranking, "identifier");
    });

  for (const spelling of ["10.1002/j.1538-7305.1948.tb01338.x", "https://doi.org/10.1002/J.1538-7305.1948.tb01338.x"])
    test(`by the DOI ${spelling} finds Shannon's paper`, async () => {
      assert.deepEqual(ids(await kindred.search({ q: spelling })), ["shannon-1948-communication"]);
    });

  test("by an unknown identifier says so, and searches for its words", async () => {
    const { notice, method } = await kindred.search({ q: "10.1234/not.here" });
    assert.match(notice ?? "", /no paper with the DOI 10\.1234\/not\.here/);
    assert.equal(method.ranking, "hybrid");
  });
});

describe("related papers", () => {
  test("for the Higgs boson in ATLAS begin with the Higgs boson in CMS, never with itself", async () => {
    const found = ids(await kindred.related({ id: "atlas-2012-higgs" }));
    assert.equal(found[0], "cms-2012-boson");
    assert.ok(!found.includes("atlas-2012-higgs"));
  });

  test("for one supernova measurement begin with the other: two teams, one result", async () => {
    assert.equal(ids(await kindred.related({ id: "riess-1998-acceleration" }))[0], "perlmutter-1999-supernovae");
  });

  test("for transformers begin with papers that build on them", async () => {
    assert.equal(ids(await kindred.related({ id: "vaswani-2017-attention" }))[0], "devlin-2019-bert");
  });

  test("for a text that is not in the index are about its subject", async () => {
    const text = "A trial of an injection, given twice a year, that protects women from infection with HIV.";
    assert.equal(ids(await kindred.related({ text }))[0], "bekker-2024-lenacapavir");
  });

  test("for a title and abstract never include a copy of that paper", async () => {
    const { title, abstract } = await kindred.paper("shannon-1948-communication");
    const found = ids(await kindred.related({ title, abstract: abstract ?? "" }));
    assert.ok(!found.includes("shannon-1948-communication"));
    assert.ok(found.length > 0);
  });
});

describe("recommendations", () => {
  test("from two interests cover both, and each hit says which like it is closest to", async () => {
    const { hits } = await kindred.recommend({
      positive: [{ id: "vaswani-2017-attention" }, { id: "riess-1998-acceleration" }],
      limit: 8,
    });
    const closest = new Set(
      hits.flatMap(({ because }) => because?.for.slice(0, 1) ?? []).map(({ example }) => "id" in example && example.id),
    );
    assert.deepEqual(closest, new Set(["vaswani-2017-attention", "riess-1998-acceleration"]));
    assert.ok(hits.some(({ paper }) => paper.id === "perlmutter-1999-supernovae"));
    assert.ok(hits.some(({ paper }) => paper.id === "devlin-2019-bert"));
  });

  test("never include liked or disliked papers", async () => {
    const positive = ["vaswani-2017-attention", "devlin-2019-bert"];
    const negative = ["brown-2020-gpt3"];
    const found = ids(await kindred.recommend({ positive, negative, limit: 100 }));
    for (const id of [...positive, ...negative]) assert.ok(!found.includes(id), id);
  });

  test("never include a copy of a liked paper, embedded or not", async (t) => {
    const library = await openSample(t);
    const { title } = await library.paper("vaswani-2017-attention");
    const copy = { id: "copy", title: `${title.toUpperCase()}.`, abstract: "A few words about attention, no more." };
    await library.import(Readable.from([Buffer.from(JSON.stringify(copy))]));
    const request = { positive: ["vaswani-2017-attention"], limit: 200 };
    assert.ok(!ids(await library.recommend(request)).includes("copy"));
    await library.index();
    assert.ok(!ids(await library.recommend(request)).includes("copy"));
  });

  test("rank papers near a dislike lower", async () => {
    const place = (answer: Answer) => ids(answer).indexOf("kaplan-2020-scaling");
    const positive = ["vaswani-2017-attention", "karpukhin-2020-dpr"];
    const before = place(await kindred.recommend({ positive, limit: 100 }));
    const behind = place(await kindred.recommend({ positive, negative: ["hoffmann-2022-chinchilla"], limit: 100 }));
    assert.ok(behind > before, `from place ${before} to ${behind}`);
  });

  test("from a text work like those from a paper", async () => {
    const found = ids(
      await kindred.recommend({ positive: [{ text: "measuring the expansion of the universe" }], limit: 5 }),
    );
    assert.ok(found.includes("hubble-1929-redshift"));
  });
});

describe("related with an aspect", () => {
  /** All are about owls; each other one shares one aspect with the first. */
  const RECORDS = [
    {
      id: "owls",
      title: "Owls in the rain",
      abstract:
        "BACKGROUND: Why do owls hunt less on rainy nights? METHODS: Microphones recorded their calls, and a neural " +
        "network classified them. RESULTS: Fewer young survived in wet years.",
    },
    {
      id: "asks-alike",
      title: "Owls and their prey",
      abstract:
        "BACKGROUND: It is unknown why rain at night keeps owls from hunting. METHODS: We weighed pellets under nests. " +
        "RESULTS: Mice were most of the food.",
    },
    {
      id: "works-alike",
      title: "Owls in towns",
      abstract:
        "BACKGROUND: Some owls have moved into towns. METHODS: Calls recorded by microphones were classified by a " +
        "neural network. RESULTS: Males called earlier under street lamps.",
    },
    {
      id: "finds-alike",
      title: "Owls in nest boxes",
      abstract:
        "BACKGROUND: Do owls prefer old trees to boxes? METHODS: Volunteers climbed up with ladders and mirrors. " +
        "RESULTS: In wet years fewer of the young survived.",
    },
  ];
  const SHARED_BY = { background: "asks-alike", method: "works-alike", result: "finds-alike" } as const;
  for (const [aspect, id] of Object.entries(SHARED_BY))
    test(`${aspect} shows the two matching sentences, and does not change the order`, async (t) => {
      const library = await openSample(t);
      await library.import(Readable.from([RECORDS.map((record) => JSON.stringify(record)).join("\n")]));
      await library.index();
      const { hits } = await library.related({ id: "owls", aspect: aspect as keyof typeof SHARED_BY });
      const plain = await library.related({ id: "owls" });
      assert.deepEqual(
        hits.map(({ paper, score }) => [paper.id, score]),
        plain.hits.map(({ paper, score }) => [paper.id, score]),
      );
      const { pair } = hits.find(({ paper }) => paper.id === id)!.matched;
      const role = { background: "BACKGROUND", method: "METHODS", result: "RESULTS" }[aspect];
      for (const [side, record] of [
        [pair?.here, RECORDS[0]],
        [pair?.there, RECORDS.find((record) => record.id === id)],
      ] as const) {
        assert.ok(side?.text.startsWith(`${role}: `) === true, side?.text);
        assert.equal(record?.abstract.slice(side.start, side.end), side.text);
      }
    });
});

test("a query of only unknown words is still searched by meaning", async () => {
  const { hits, method } = await kindred.search({ q: Array.from({ length: 50 }, (_, i) => `zzword${i}`).join(" ") });
  assert.equal(method.ranking, "hybrid");
  assert.ok(hits.length > 0);
});

test("the matched sentence is part of the abstract, and answers the question", async () => {
  const { hits } = await kindred.search({ q: "tit for tat wins the tournament" });
  const [first] = hits;
  assert.equal(first?.paper.id, "axelrod-1981-cooperation");
  const { sentence, words } = first.matched;
  assert.equal(first.paper.abstract?.slice(sentence?.start, sentence?.end), sentence?.text);
  assert.match(sentence?.text ?? "", /tit for tat/);
  assert.ok(words.includes("tournaments"), "a stemmed match is named as it stands in the paper");
});
