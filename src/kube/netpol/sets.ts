import { sha1 } from "@noble/hashes/legacy.js";
import { utf8 } from "../../base/text.ts";
import { base32 } from "../chain-hash.ts";
import { SET_PREFIXES } from "./names.ts";

interface IpSet {
  name: string;
  /** "hash:ip timeout 0", or what `ipset save` said of it. */
  options: string;
  entries: string[];
}

/** The node's sets, read and written by the text of `ipset save` and `restore` (kube-router: pkg/utils/ipset.go). */
export class IpSets {
  sets = new Map<string, IpSet>();

  /** What `ipset save` printed. */
  constructor(saved: string) {
    for (const line of saved.split("\n")) {
      const [, verb, name = "", rest = ""] = /^(create|add) (\S+) (.*)$/.exec(line) ?? [];
      if (verb === "create")
        this.sets.set(name, { name, options: rest.replace(/ initval \S+/, ""), entries: [] });
      else if (verb === "add") this.sets.get(name)?.entries.push(rest);
    }
  }

  /** The set holds these from the next restore on. */
  refresh(name: string, type: "hash:ip" | "hash:net", entries: readonly string[]): void {
    const known = this.sets.get(name) ?? { name, options: `${type} timeout 0`, entries: [] };
    known.entries = [...entries];
    this.sets.set(name, known);
  }

  refreshIps(name: string, ips: readonly string[], type: "hash:ip" | "hash:net" = "hash:ip"): void {
    this.refresh(
      name,
      type,
      ips.map((ip) => `${ip} timeout 0`),
    );
  }

  /** Input of `ipset restore -exist`: each set is filled beside the one in use, then they are swapped. */
  restore(names: ReadonlySet<string>): string {
    const temporary = new Map<string, string>();
    const lines: string[] = [];
    for (const name of [...names].sort()) {
      const set = this.sets.get(name);
      if (!set) continue;
      let beside = temporary.get(set.options);
      if (beside === undefined) {
        beside = `TMP-${base32(sha1(utf8(`tmp:${set.options}`)).subarray(0, 10))}`;
        temporary.set(set.options, beside);
        lines.push(`create ${beside} ${set.options}`, `flush ${beside}`);
      }
      for (const entry of set.entries) lines.push(`add ${beside} ${entry}`);
      lines.push(`create ${name} ${set.options}`, `swap ${beside} ${name}`, `flush ${beside}`);
    }
    for (const beside of [...temporary.values()].sort()) lines.push(`destroy ${beside}`);
    return lines.map((line) => `${line}\n`).join("");
  }

  /** Sets of policies that are there no more. */
  stale(names: ReadonlySet<string>): string[] {
    return [...this.sets.keys()].filter(
      (name) => SET_PREFIXES.some((prefix) => name.startsWith(prefix)) && !names.has(name),
    );
  }
}
