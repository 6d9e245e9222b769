import type { Identity } from "../../tls/config.ts";
import type { Certificate } from "../../tls/x509/certificate.ts";
import { type Entry, matchesEntry, type Selector } from "./messages.ts";

/** What an agent knows of those who are registered on its node (spire: pkg/agent/manager/cache). */
export class SvidCache {
  /** By entry id. */
  entries = new Map<string, Entry>();
  svids = new Map<string, Identity>();

  /** These are registered now, and no others. */
  update(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const old = this.entries.get(entry.id);
      // Who is somebody else now needs another certificate.
      if (old && old.revisionNumber !== entry.revisionNumber) this.svids.delete(entry.id);
    }
    this.entries = new Map(entries.map((entry) => [entry.id, entry]));
    for (const id of [...this.svids.keys()]) if (!this.entries.has(id)) this.svids.delete(id);
  }

  /** Entries without a certificate, or with one that is due. */
  lacking(isDue: (leaf: Certificate) => boolean): Entry[] {
    return [...this.entries.values()].filter(({ id }) => {
      const leaf = this.svids.get(id)?.chain[0];
      return !leaf || isDue(leaf);
    });
  }

  matching(selectors: readonly Selector[]): Entry[] {
    return [...this.entries.values()].filter((entry) => matchesEntry(entry, selectors));
  }
}
