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

/** A lesson, or somebody, asks for a world that is not there. */
export class NoWorld extends Error {
  constructor(name: string, names: readonly string[]) {
    super(`no world "${name}"; there are: ${names.join(", ")}`);
  }

  /** The same of the line on which a lesson asks for it. */
  on(file: string, line: number): CompileError {
    return new CompileError([{ file, line, field: "world", message: `there is ${this.message}` }]);
  }
}

export function problemText(p: Problem): string {
  return `${p.file}:${p.line}: ${p.field ? `${p.field}: ` : ""}${p.message}`;
}
