/**
 * Placeholders for missing values: words that programs and databases write, and sentences instead of an abstract. Only
 * a value that is nothing else counts as missing. Titles are never tested.
 */

/** As pandas, R, databases and people write them. Case matters: "Na" and "Null" are surnames. */
const WORDS: ReadonlySet<string> = new Set(
  "nan NaN NAN -nan -NaN <NA> NA N/A n/a N.A. n.a. #N/A #NA NaT None NONE none null NULL (null) undefined - -- --- – —".split(
    " ",
  ),
);
/** Length of the longest one, with some white space around it. */
const MOST = 20;

/** Whether a text is a placeholder for a missing value. */
export const isMissing = (text: string): boolean => text.length <= MOST && WORDS.has(text.trim());

const NOUN = "(?:abstract|summary)";
const GIVEN = "(?:available|provided|given|found|supplied|included|present|exists?)";
/** "... for this article", "... in English". */
const WHERE =
  "(?: (?:for|in|from) (?:(?:this|the|an?) )?(?:article|paper|item|document|record|publication|content|entry|work|chapter|book|english|pubmed|database|source))?";
const NO_ABSTRACT = new RegExp(
  "^(?:" +
    [
      NOUN,
      `no ${NOUN}s?(?: (?:is |was )?${GIVEN})?${WHERE}`,
      `(?:an? |the )?${NOUN} (?:(?:is |was )?(?:currently )?(?:not|un|non)[ -]?(?:yet )?${GIVEN}|missing|pending|n/?a)${WHERE}`,
      `there (?:is|was) no ${NOUN}(?: ${GIVEN})?${WHERE}`,
      `(?:this|the) (?:article|paper|item|document|record|publication|entry|work) (?:has|contains|does not have|does not contain) (?:no|an) ${NOUN}`,
      `without (?:an )?${NOUN}`,
      "not available|none available|unavailable|not applicable",
      "kein(?:e)? (?:abstract|zusammenfassung)(?: (?:verfügbar|vorhanden))?|(?:abstract|zusammenfassung) nicht (?:verfügbar|vorhanden)|zusammenfassung",
      "(?:pas de résumé|aucun résumé)(?: disponible)?|résumé(?: non disponible)?",
      "(?:sin|no hay) resumen(?: disponible)?|resumen(?: no disponible)?",
      "sem resumo|resumo(?: não disponível)?",
      "[暂暫]?[无無]摘要|摘要",
    ].join("|") +
    ")$",
  "i",
);
/** Brackets and punctuation around the sentence. */
const AROUND = /^[\s[({"'<*]+|[\s\])}"'>*.!:]+$/g;
const DASHES = /^[\s.…–—_*?-]*$/;

/** Whether an abstract only says that there is none. */
export function isNoAbstract(text: string): boolean {
  if (text.length > 100) return false;
  return isMissing(text) || DASHES.test(text) || NO_ABSTRACT.test(text.replace(AROUND, "").replace(/\s+/g, " "));
}
