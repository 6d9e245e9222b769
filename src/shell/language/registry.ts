import { iptables } from "./iptables.ts";
import type { Language } from "./language.ts";
import { shell } from "./shell.ts";
import { yaml } from "./yaml.ts";

/** The languages of files, asked in this order: adding one is a file and a line here. */
const languages: readonly Language[] = [shell, yaml, iptables];

/** The language of a file; null: it is plain text. */
export function languageOf(path: string, text: string): Language | null {
  return languages.find((language) => language.owns(path, text)) ?? null;
}
