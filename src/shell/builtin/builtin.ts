import type { Run } from "../../host/process.ts";
import type { Shell } from "../shell.ts";

/** A command of bash itself: it works on the shell's own state. */
export type Builtin = (sh: Shell, argv: string[]) => Run;
