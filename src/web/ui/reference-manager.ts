/** Makes Zotero's browser button look again at what the page shows ("Exposing your metadata" in Zotero's documentation). */
export function tellReferenceManager(): void {
  document.dispatchEvent(new Event("ZoteroItemUpdated", { bubbles: true, cancelable: true }));
}
