import { SysError } from "../../../base/errno.ts";
import { fromUtf8 } from "../../../base/text.ts";
import type { Process } from "../../../host/process.ts";

/** What it says on standard error before it ends with status 1. */
export class OpensslError extends Error {}

export function readText(p: Process, path: string, what: string): string {
  try {
    return fromUtf8(p.machine.fs.readFile(p.path(path)));
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new OpensslError(
      `Could not open file or uri for loading ${what} from ${path}\nUnable to load certificate\n`,
    );
  }
}
