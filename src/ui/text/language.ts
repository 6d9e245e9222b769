import languages from "virtual:languages";
import { remember, remembered } from "../state/storage.ts";

/** The languages that there are, beside the one in which everything is written. */
export const tags: readonly string[] = ["en", ...languages.map(({ tag }) => tag)];

/** What a person reads, best first: the address says so, else what they chose here, else their browser. */
function wanted(): readonly string[] {
  if (typeof document === "undefined") return [];
  const asked = new URLSearchParams(location.search).get("lang");
  const chosen = remembered("language", "");
  return [...(asked ? [asked] : []), ...(chosen ? [chosen] : []), ...navigator.languages];
}

/** The first that there is: "de" serves who reads "de-AT". */
export function firstOf(wanted: readonly string[], known: readonly string[]): string {
  for (const tag of wanted) {
    const found = known.find((one) => tag === one || tag.startsWith(`${one}-`));
    if (found) return found;
  }
  return "en";
}

/** The page's language: chosen once, before the first word is shown. */
export const language = firstOf(wanted(), tags);

/** Its own name for itself. */
export function nameOf(tag: string): string {
  return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
}

/** The page begins anew in another language, at `address`. */
export function read(tag: string, address: URL): void {
  remember("language", tag);
  address.searchParams.delete("lang");
  // Another hash alone would load nothing.
  history.replaceState(null, "", address);
  location.reload();
}
