import type { Paper } from "../paper.js";

/** What a paper is to those who cite it. */
export type Kind = "article" | "conference" | "preprint" | "other";

/** "Proceedings" alone does not say it: those of the National Academy of Sciences are a journal. */
const CONFERENCE =
  /\b(?:conference|symposium|workshop|colloquium|international congress|neural information processing systems)\b|^proceedings of the \d|\b(?:NeurIPS|NIPS|ICML|ICLR|AISTATS|CVPR|ICCV|ECCV|ACL|NAACL|EACL|EMNLP|COLING|AAAI|IJCAI|SIGIR|SIGKDD|KDD|ICASSP|INTERSPEECH)\b/i;
const PREPRINTS = /^(?:arxiv|corr|biorxiv|medrxiv|chemrxiv|psyarxiv|eartharxiv|ssrn|research square)\b|\bpreprints?\b/i;

/** A guess from where it appeared: what is stored does not say. A wrong one changes how a citation looks, no more. */
export function kindOf({ venue, arxiv }: Pick<Paper, "venue" | "arxiv">): Kind {
  if (venue === null) return arxiv === null ? "other" : "preprint";
  if (PREPRINTS.test(venue)) return "preprint";
  return CONFERENCE.test(venue) ? "conference" : "article";
}
