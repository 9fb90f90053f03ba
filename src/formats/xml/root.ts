/** The start of an XML file: its declaration and its outermost element. */

/** Names of outermost elements whose records are read. */
const READ = new Set(
  (
    "PubmedArticleSet PubmedArticle PubmedBookArticleSet PubmedBookArticle MedlineCitationSet MedlineCitation eFetchResult " +
    "xml records record OAI-PMH ListRecords GetRecord metadata article articles front article-meta pmc-articleset dblp dblpperson " +
    "result feed entry rss RDF channel doi_records doi_record crossref_result crossref query_result resource resources dc"
  ).split(" "),
);

export interface XmlStart {
  /** The name of the outermost element, without prefix; undefined if none starts here. */
  root: string | undefined;
  encoding: string | undefined;
  /** Whether papers are read from files with this outermost element. */
  isRead: boolean;
  /** Whether it contains records of libraries, in which `record` means something else. */
  isMarc: boolean;
}

/** @param text The start of the file, without white space before it. */
export function xmlStart(text: string): XmlStart {
  const encoding = /^<\?xml\s[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(text)?.[1];
  const root = rootIn(text);
  return {
    root,
    encoding,
    isRead: root !== undefined && READ.has(root),
    isMarc: text.includes("http://www.loc.gov/MARC21/slim"),
  };
}

/** Skips instructions, comments and the DOCTYPE. */
function rootIn(text: string): string | undefined {
  let at = 0;
  while (at !== -1) {
    at = text.indexOf("<", at);
    if (at === -1) break;
    if (text.startsWith("<?", at)) at = after(text, "?>", at);
    else if (text.startsWith("<!--", at)) at = after(text, "-->", at + 4);
    else if (text.startsWith("<!", at)) {
      const [subset, end] = [text.indexOf("[", at), text.indexOf(">", at)];
      at = subset !== -1 && subset < end ? after(text, ">", after(text, "]", subset)) : after(text, ">", at);
    } else {
      const name = /^<([\p{L}_:][\p{L}\p{N}_:.-]{0,100})/u.exec(text.slice(at, at + 110))?.[1];
      return name === undefined ? undefined : name.slice(name.indexOf(":") + 1);
    }
  }
  return undefined;
}

const after = (text: string, end: string, from: number): number => {
  const found = from === -1 ? -1 : text.indexOf(end, from);
  return found === -1 ? -1 : found + end.length;
};
