/** Checks the documents of a library against each other. */
import { titleKey } from "../core/text.js";
import { KindredError } from "../core/errors.js";
import { passageOf } from "../embedding/embed.js";
import type { EngineModule, Verified } from "../engine/module.js";
import { textHash } from "../store/row.js";
import { quantize } from "../vectors/quantize.js";
import { Cluster, type Json } from "./cluster.js";
import {
  frequenciesIn,
  fieldsIn,
  paperIn,
  searchable,
  stemsOf,
  titleHash,
  vectorOf,
  type PaperDocument,
} from "./document.js";
import { namesOf, type Names } from "./indices.js";
import { Ledger, type Draft } from "./ledger.js";
import { countersOf, idOf, pendingOf, type LabelsRow, type TextRow } from "./rows.js";
import { settingsSchema } from "./settings.js";
import { countOf } from "./writer.js";
import { validate } from "../core/validate.js";

/** Papers checked at a time; examples of a finding. */
const PAGE = 500;
const EXAMPLES = 5;
/** Lowest cosine of two embeddings of one text, on any two machines. */
const SAME = 0.995;

const WRONG = {
  names: "papers that are not found by one of their identifiers",
  titles: "papers that are not found by their title",
  texts: "papers whose text has another embedding, or none of its own",
  words: "papers whose searchable words differ from their text",
} as const;
type Kind = keyof typeof WRONG;

export const verify: NonNullable<EngineModule["verify"]> = async (opening, { repair, texts, progress }) => {
  const settings = validate(settingsSchema, opening.engine?.settings);
  const cluster = new Cluster(settings);
  const names = namesOf(settings);
  const ledger = new Ledger(cluster, names);
  try {
    await ledger.settle();
    const wrong = new Map<Kind, string[]>();
    const failed: Verified["failed"] = [];
    let papers = 0;
    for (let after = 0; ;) {
      const check = async (draft: Draft) => checkPage(cluster, names, draft, after, repair);
      const alone = () =>
        ledger.write(async (draft) => {
          await ledger.settle();
          return check(draft);
        });
      let page = await (repair ? alone() : check(ledger.draft()));
      // What seems wrong, and what is repaired, must not change meanwhile.
      if (!repair && page.wrong.size > 0) page = await alone();
      for (const [kind, ids] of page.wrong) wrong.set(kind, [...(wrong.get(kind) ?? []), ...ids]);
      failed.push(...page.failed);
      papers += page.papers;
      progress("papers", papers);
      if (page.end) break;
      after = page.last;
    }
    const findings: Verified["findings"] = [...wrong].map(([kind, ids]) => ({
      about: kind,
      what: WRONG[kind],
      count: ids.length,
      examples: ids.slice(0, EXAMPLES),
      repairable: true,
      repaired: repair,
    }));
    const counted = await ledger.write(async (draft) => {
      await ledger.settle();
      const counters = await countersOf(draft);
      const there = await countOf(cluster, names.papers, []);
      if (repair && counters.count !== there)
        draft.put(idOf("counters"), { kind: "counters", ...counters, count: there });
      return { count: counters.count, there };
    });
    if (counted.count !== counted.there)
      findings.push({
        about: "counts",
        what: `papers counted, but ${counted.there} are there`,
        count: counted.count,
        examples: [],
        repairable: true,
        repaired: repair,
      });
    findings.push(...(await refusedBy(cluster, names)));
    const embedded = await checkVectors(cluster, names, opening.model.name, texts);
    if (embedded.wrong.length > 0)
      findings.push({
        about: "vectors and their texts",
        what: `vectors, of ${embedded.looked} looked at, that do not match their texts`,
        count: embedded.wrong.length,
        examples: embedded.wrong.slice(0, EXAMPLES),
        repairable: false,
        repaired: false,
      });
    return { findings, papers, texts: embedded.looked, failed };
  } finally {
    await ledger.close();
    await cluster.close();
  }
};

async function checkPage(cluster: Cluster, { papers: index }: Names, draft: Draft, after: number, repair: boolean) {
  const { hits } = await cluster.search<{ label: number }>(index, {
    query: { range: { label: { gt: after } } },
    sort: [{ label: "asc" }],
    size: PAGE,
    _source: ["label"],
  });
  // As they are stored: searches may find an earlier state.
  const stored = await draft.papers<PaperDocument>(hits.hits.map(({ _source }) => _source.label));
  const papers = [...stored.values()];
  const namesOfPaper = ({ identifiers }: PaperDocument) =>
    identifiers.map(([kind, value]) => idOf("name", kind, value));
  const titleOf = ({ row }: PaperDocument) => {
    const key = titleKey(row.title);
    return key === "" ? [] : [idOf("title", titleHash(key))];
  };
  const found = await draft.rows<LabelsRow>(papers.flatMap((paper) => [...namesOfPaper(paper), ...titleOf(paper)]));
  const texts = await draft.rows<TextRow>(papers.map(({ row }) => idOf("text", hashOf(row))));
  const wrong = new Map<Kind, string[]>();
  const failed: Verified["failed"] = [];
  for (const paper of papers) {
    const { label, row } = paper;
    const note = (kind: Kind) => wrong.set(kind, [...(wrong.get(kind) ?? []), row.id]);
    const repaired = (ids: readonly string[], kind: LabelsRow["kind"]): boolean => {
      const missing = ids.filter((id) => found.get(id)?.labels.includes(label) !== true);
      for (const id of missing) {
        const labels = [...new Set([...(found.get(id)?.labels ?? []), label])].toSorted((a, b) => a - b);
        found.set(id, { kind, labels });
        if (repair) draft.put(id, { kind, labels });
      }
      return missing.length > 0;
    };
    if (repaired(namesOfPaper(paper), "name")) note("names");
    if (repaired(titleOf(paper), "title")) note("titles");
    const hash = hashOf(row);
    const text = texts.get(idOf("text", hash));
    const differs =
      text === undefined ||
      !text.labels.includes(label) ||
      paper.hash !== hash ||
      JSON.stringify(text.embedding) !== JSON.stringify(paper.embedding);
    const words = paper.stems !== stemsOf(frequenciesIn(fieldsIn(row)).frequencies);
    if (differs) note("texts");
    if (words) note("words");
    if (text?.failure != null) failed.push({ id: row.id, ...text.failure });
    if (!repair || (!differs && !words)) continue;
    const known = text ?? {
      kind: "text" as const,
      hash,
      title: row.title,
      abstract: row.abstract,
      embedding: paper.hash === hash ? paper.embedding : {},
      failure: null,
      leases: {},
      holders: [],
      labels: [],
    };
    const labels = [...new Set([...known.labels, label])].toSorted((a, b) => a - b);
    const next = { ...known, labels, label: labels[0]!, unused: false, pending: pendingOf({ ...known, labels }) };
    // The next paper may have the same text.
    texts.set(idOf("text", hash), next);
    draft.put(idOf("text", hash), next);
    const { identifiers, changed } = paper;
    draft.putPaper(
      label,
      searchable(
        { label, row, identifiers, changed, hash, embedding: next.embedding, failed: next.failure !== null },
        titleKey(row.title),
      ),
    );
  }
  const last = hits.hits.at(-1)?._source.label ?? 0;
  return { wrong, failed, papers: papers.length, last, end: hits.hits.length < PAGE };
}

const hashOf = ({ title, abstract }: PaperDocument["row"]): string => textHash(title, abstract).toString("hex");

/** What the cluster has refused because of what is in it. */
async function refusedBy(cluster: Cluster, { papers, rows }: Names): Promise<Verified["findings"]> {
  const about = async (index: string, filter: Json, what: string, example: (source: Json) => string) => {
    const body = { query: { bool: { filter: [filter] } }, size: EXAMPLES, track_total_hits: true };
    const { hits } = await cluster.search<Json>(index, body);
    const examples = hits.hits.map(
      ({ _source }) => `${example(_source)}: ${String(_source["refused"] ?? _source["reason"])}`,
    );
    const count = hits.total!.value;
    return count === 0 ? [] : [{ about: "refused", what, count, examples, repairable: false, repaired: false }];
  };
  return [
    ...(await about(
      papers,
      { term: { state: "refused" } },
      "papers that searches do not find, because the cluster refused them",
      ({ row }) => (row as PaperDocument["row"]).id,
    )),
    ...(await about(rows, { term: { kind: "refused" } }, "documents that the cluster refused", ({ id }) => String(id))),
  ];
}

/** Embeds some texts again, and compares. */
async function checkVectors(cluster: Cluster, { papers: index }: Names, name: string, texts: number) {
  const wrong: string[] = [];
  if (texts === 0) return { looked: 0, wrong };
  const { hits } = await cluster.search<PaperDocument>(index, {
    query: { function_score: { query: { term: { state: "vector" } }, random_score: {} } },
    size: Math.min(texts, 1_000),
    _source: ["label", "row", "embedding.vector", "embedding.scale"],
  });
  const papers = hits.hits.map(({ _source }) => _source);
  if (papers.length === 0) return { looked: 0, wrong };
  // Loading the library takes longer than most checks.
  const { EmbeddingModel } = await import("../embedding/model.js");
  const model = await EmbeddingModel.load(name);
  for (const paper of papers) {
    const stored = vectorOf(paper.embedding);
    if (stored === null)
      throw new KindredError("damaged", `the paper ${paper.row.id} has no vector, but is said to have one`);
    const again = quantize(await model.embed(passageOf(paperIn(paper))));
    const product = again.vector.reduce((sum, value, i) => sum + value * stored.vector[i]!, 0);
    if (product * again.scale * stored.scale < SAME) wrong.push(paper.row.id);
  }
  return { looked: papers.length, wrong };
}
