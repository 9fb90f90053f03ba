/**
 * The program of the bookmarklet. It runs in the page of a paper, and opens Kindred with the identifiers and the title in that page's
 * metadata and its address. It sends nothing itself.
 */
function program(home: string): string {
  return (
    `const m=n=>(document.querySelector('meta[name="citation_'+n+'" i]')||{}).content||"",` +
    `p=m("pmid"),q=new URLSearchParams;` +
    `for(const o of[m("arxiv_id"),m("doi"),p&&"PMID:"+p,location.href.slice(0,2000)])if(o)q.append("open",o);` +
    `q.append("title",(m("title")||document.title).slice(0,1000));` +
    `open(${JSON.stringify(home)}+"?"+q,"_blank","noopener")`
  );
}

/** The address of the bookmark. @param home The address of Kindred's page, with a slash at its end. */
export const bookmarkletOf = (home: string): string => `javascript:${encodeURIComponent(`(()=>{${program(home)}})()`)}`;
