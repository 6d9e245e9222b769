import { fill } from "../base/words.ts";
import { workerWords } from "./english.ts";

/** What each kind of input carries besides its kind. */
const FIELDS: Record<string, Record<string, "number" | "string">> = {
  open: { terminal: "number", machine: "string", rows: "number", columns: "number" },
  close: { terminal: "number" },
  type: { terminal: "number", text: "string" },
  resize: { terminal: "number", rows: "number", columns: "number" },
  write: { machine: "string", path: "string", text: "string" },
  inject: {
    ...{ ns: "number", ifindex: "number", protocol: "string", src: "number", dst: "number" },
    ...{ srcPort: "number", dstPort: "number", mark: "number" },
  },
  answer: { request: "number", answer: "string" },
  lesson: { slug: "string", step: "number" },
  step: { step: "number" },
  reply: { task: "string", answer: "string" },
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/**
 * Says what is wrong with something that came from a file or a link and says that it is an input
 * log; null when it is one. Nothing of it has been looked at before.
 */
export function inputLogProblem(log: unknown, say = workerWords): string | null {
  if (!isObject(log)) return say.noLog;
  if (typeof log.version !== "string" || typeof log.world !== "string" || !isCount(log.seed))
    return say.noHead;
  if (!Array.isArray(log.entries)) return say.noEntries;
  for (const [index, entry] of log.entries.entries()) {
    const n = index + 1;
    if (!isObject(entry) || !isCount(entry.at) || !isCount(entry.steps) || !isObject(entry.input))
      return fill(say.noTime, { n });
    const fields = FIELDS[String(entry.input.kind)];
    if (!fields) return fill(say.unknownInput, { n });
    for (const [name, type] of Object.entries(fields)) {
      const value = entry.input[name];
      if (typeof value !== type || (type === "number" && !isCount(value)))
        return fill(say.badField, { n, field: name });
    }
  }
  return null;
}
