import { ApiError } from "../../../kube/server/error.ts";

/** kubectl's own errors: their words go to stderr, status 1 unless said otherwise. */
export class KubectlError extends Error {
  status: number;
  /** What the server had said, where these words are about that. */
  refusal: ApiError | null;
  constructor(message: string, status = 1, refusal: ApiError | null = null) {
    super(message);
    this.status = status;
    this.refusal = refusal;
  }
}

/** A mistake in how it was called: what is wrong, and where help is (cmdutil.UsageErrorf). */
export function usageError(verb: string, message: string): KubectlError {
  return new KubectlError(`error: ${message}\nSee 'kubectl ${verb} -h' for help and examples`);
}

/**
 * An API server's refusal as kubectl prints it (kubectl/pkg/cmd/util/helpers.go, checkErr). `doing`:
 * `error when creating "x.yaml"`, which stands before all but what is said of invalid objects.
 */
export function refusalText(error: ApiError, doing = ""): string {
  if (error.reason === "Invalid") {
    const head = `The ${error.kind} "${error.name}" is invalid: `;
    const lines = [...new Set(error.causes.map((c) => `${c.field}: ${c.message}`))];
    if (lines.length === 1) return `${head}${lines[0]}`;
    return `${head}\n${lines.map((line) => `* ${line}`).join("\n")}`;
  }
  return `Error from server (${error.reason}): ${doing ? `${doing}: ` : ""}${error.message}`;
}

/** Any of the errors above as a line for stderr; null: it is none of ours. */
export function errorText(error: unknown, doing = ""): string | null {
  if (error instanceof KubectlError) return error.message;
  return error instanceof ApiError ? refusalText(error, doing) : null;
}
