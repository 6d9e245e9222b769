import type { FieldError } from "../kind.ts";

type Reason =
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Invalid"
  | "Forbidden"
  | "BadRequest"
  | "MethodNotAllowed";

/** What the API server answers when it does not do it (metav1.Status). */
export class ApiError extends Error {
  reason: Reason;
  /** Of an Invalid one: which object, and what is wrong with it. */
  kind = "";
  override name = "";
  causes: readonly FieldError[] = [];

  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}

export function notFound(resource: string, name: string): ApiError {
  return new ApiError("NotFound", `${resource} "${name}" not found`);
}

export function conflict(resource: string, name: string): ApiError {
  return new ApiError(
    "Conflict",
    `Operation cannot be fulfilled on ${resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
  );
}

/** `kind` as the server has it: "Deployment.apps", "Pod". */
export function invalid(kind: string, name: string, causes: readonly FieldError[]): ApiError {
  const [first] = causes;
  const text =
    causes.length === 1 && first
      ? `${first.field}: ${first.message}`
      : `[${causes.map((c) => `${c.field}: ${c.message}`).join(", ")}]`;
  const error = new ApiError("Invalid", `${kind} "${name}" is invalid: ${text}`);
  error.kind = kind.split(".")[0] ?? kind;
  error.name = name;
  error.causes = causes;
  return error;
}
