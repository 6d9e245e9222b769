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
}

export function problemText(p: Problem): string {
  return `${p.file}:${p.line}: ${p.field ? `${p.field}: ` : ""}${p.message}`;
}
