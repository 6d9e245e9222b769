/** What is wrong in an author's file: where, which field, what was expected. */
export interface Problem {
  file: string;
  line: number;
  field: string;
  message: string;
}

export class CompileError extends Error {
  problems: Problem[];

  constructor(problems: Problem[]) {
    super(problems.map(problemText).join("\n"));
    this.problems = problems;
  }

  /** Vite shows an error as Node inspects it: to an author the lines say all, where it was thrown nothing. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.message;
  }
}

export function problemText(p: Problem): string {
  return `${p.file}:${p.line}: ${p.field ? `${p.field}: ` : ""}${p.message}`;
}
